import numpy as np
import pytest

from kpstudio.core.metrics import match_subjects, summarise_errors


def test_missing_answers_count_as_infinitely_far():
    errors = np.array([1.0, 2.0, 3.0, np.inf, np.inf, np.inf, np.inf])
    summary = summarise_errors(errors)
    assert summary.median_px is None
    assert summary.mean_px == pytest.approx(2.0)
    assert (summary.keypoints, summary.missed) == (7, 4)
    assert summarise_errors(np.array([1.0, 2.0, np.inf])).median_px == 2.0


def test_without_missing_answers_the_quantiles_are_numpys():
    errors = np.random.default_rng(0).gamma(2, 3, 101)
    summary = summarise_errors(errors)
    assert summary.median_px == pytest.approx(np.median(errors))
    assert summary.p90_px == pytest.approx(np.quantile(errors, 0.9))


def test_nothing_labelled_gives_no_figures():
    summary = summarise_errors(np.array([]))
    assert (summary.median_px, summary.mean_px, summary.keypoints) == (None, None, 0)


def test_subjects_are_matched_closest_first_and_only_once():
    pose = np.array([[0.0, 0.0], [10.0, 0.0], [np.nan, np.nan]])
    labels = [pose, pose + 100, pose + 50]
    predictions = [pose + 101, pose + 2]
    assert match_subjects(labels, predictions) == [1, 0, None]
    assert match_subjects(labels, []) == [None, None, None]
    assert match_subjects([np.full((3, 2), np.nan)], predictions) == [None]
