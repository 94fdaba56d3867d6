import numpy as np
import pytest

from kpstudio.core.annotation import Annotation
from kpstudio.core.geometry import Box
from kpstudio.inference import SubjectKeypoints
from kpstudio.training.error_collector import ErrorCollector

BOX = Box(0, 0, 10, 10)


def annotation(xy, visibility):
    return Annotation("a", 1, np.array(xy, dtype=float), np.array(visibility))


def subject(xy):
    keypoints = len(xy)
    return SubjectKeypoints(
        np.array(xy, dtype=float),
        np.ones(keypoints),
        BOX,
        1.0,
        np.tile(np.eye(2), (keypoints, 1, 1)),
        np.full((keypoints, 0, 3), np.nan),
    )


def test_every_labelled_keypoint_counts_once_occluded_ones_too():
    collector = ErrorCollector(("a", "b", "c"))
    collector.add(
        [annotation([[1, 1], [5, 5], [99, 99]], [2, 1, 0])], [subject([[4, 5], [5, 5], [0, 0]])]
    )
    report = collector.report()
    assert (report.keypoints, report.missed) == (2, 0)
    assert report.mean_px == pytest.approx(2.5)
    assert report.per_keypoint["a"].median_px == pytest.approx(5)
    assert report.per_keypoint["c"].keypoints == 0
    assert report.per_keypoint["c"].median_px is None


def test_a_subject_that_was_not_found_is_infinitely_far():
    collector = ErrorCollector(("a",))
    collector.add([annotation([[1, 1]], [2]), annotation([[50, 50]], [2])], [subject([[50, 51]])])
    collector.add([annotation([[1, 1]], [2])], [])
    report = collector.report()
    assert (report.keypoints, report.missed) == (3, 2)
    assert report.median_px is None
    assert report.mean_px == pytest.approx(1)


def test_an_answer_that_is_missing_is_missed():
    collector = ErrorCollector(("a", "b"))
    collector.add([annotation([[1, 1], [2, 2]], [2, 2])], [subject([[1, 1], [np.nan, np.nan]])])
    assert collector.report().missed == 1


def test_subjects_are_compared_with_the_nearest_prediction():
    collector = ErrorCollector(("a",))
    collector.add(
        [annotation([[1, 1]], [2]), annotation([[50, 50]], [2])],
        [subject([[50, 50]]), subject([[1, 2]])],
    )
    assert collector.report().mean_px == pytest.approx(0.5)


def test_nothing_to_compare_is_no_error():
    report = ErrorCollector(("a",)).report()
    assert (report.keypoints, report.median_px) == (0, None)
