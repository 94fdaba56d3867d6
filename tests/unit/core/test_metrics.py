import numpy as np
import pytest

from kpstudio.core.metrics import (
    column_quantiles,
    match_subjects,
    summarise_columns,
    summarise_errors,
)


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


def test_the_tail_and_the_root_mean_square_are_numpys():
    errors = np.random.default_rng(1).gamma(2, 3, 307)
    summary = summarise_errors(errors)
    assert summary.p95_px == pytest.approx(np.quantile(errors, 0.95))
    assert summary.p99_px == pytest.approx(np.quantile(errors, 0.99))
    assert summary.rmse_px == pytest.approx(np.sqrt(np.mean(errors**2)))


def test_relative_figures_of_a_case_by_hand():
    # Lengths of 100 px: errors of 4, 10 and 15 px, one missed, one whose length is not known.
    errors = np.array([4.0, 10.0, 15.0, np.inf, 7.0])
    relative = np.array([0.04, 0.1, 0.15, np.inf, np.nan])
    summary = summarise_errors(errors, relative, of_head=relative * 5)
    assert summary.pck == {"0.05": 0.25, "0.1": 0.5, "0.2": 0.75}
    assert summary.nme == pytest.approx((0.04 + 0.1 + 0.15) / 3)
    # The curve of PCK steps up by a quarter at each error and ends at 0.2.
    assert summary.auc == pytest.approx(0.25 * (0.16 + 0.1 + 0.05) / 0.2)
    assert summary.pckh == 0.5
    assert summary.missed == 1


def test_the_area_is_that_of_a_finely_sampled_curve():
    relative = np.random.default_rng(2).gamma(1, 0.1, 211)
    summary = summarise_errors(relative * 50, relative)
    thresholds = (np.arange(20_000) + 0.5) / 20_000 * 0.2
    curve = (relative[:, None] <= thresholds).mean()
    assert summary.auc == pytest.approx(curve, abs=1e-4)


def test_each_column_is_summarised_as_if_alone():
    errors = np.random.default_rng(3).gamma(2, 3, (31, 5))
    errors[::3, 1], errors[4:, 2], errors[:, 3] = np.nan, np.inf, np.nan
    columns = summarise_columns(errors, errors / 40)
    for column, values in zip(columns, errors.T, strict=True):
        known = values[~np.isnan(values)]
        alone = summarise_errors(known, known / 40)
        for name in ("median_px", "p90_px", "p99_px", "keypoints", "missed", "pck"):
            assert getattr(column, name) == getattr(alone, name)
        for name in ("mean_px", "rmse_px", "nme", "auc"):
            assert getattr(column, name) == pytest.approx(getattr(alone, name))
    assert columns[3].keypoints == 0
    assert columns[3].pck == {"0.05": None, "0.1": None, "0.2": None}


def test_a_quantile_beside_an_infinity_is_the_finite_one():
    values = np.array([[1.0], [2.0], [4.0], [np.inf], [np.nan]])
    quantiles = column_quantiles(values, (0.0, 1 / 3, 0.5, 0.9, 1.0))[:, 0]
    np.testing.assert_allclose(quantiles, [1, 2, 3, 4, np.inf])
    assert np.isnan(column_quantiles(np.zeros((0, 2)), (0.5,))).all()
