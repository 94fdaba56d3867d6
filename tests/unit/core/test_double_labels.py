import numpy as np
import pytest

from kpstudio.core.annotation import Annotation, run_source
from kpstudio.core.double_labels import double_labels, human_error, without_doubles

POSE = np.array([[10.0, 10.0], [60.0, 20.0], [40.0, 90.0]])
NAMES = ("a", "b", "c")


def label(name, author, by=(0.0, 0.0), visibility=(2, 2, 2), source="human"):
    return Annotation(name, 1, POSE + np.array(by), np.array(visibility), source, author)


def ids(annotations):
    return [(pair.first.id, pair.second.id) for pair in double_labels(annotations)]


def test_two_people_on_the_same_subject_are_compared():
    first, second = label("1", "Ann"), label("2", "Ben", (3, 4), (2, 1, 0))
    pairs = double_labels([first, second])
    human = human_error(pairs, NAMES)
    assert (human.subjects, human.authors) == (1, ("Ann", "Ben"))
    assert human.total.median_px == pytest.approx(5)
    assert human.total.keypoints == 2
    assert human.per_keypoint["b"].mean_px == pytest.approx(5)
    assert human.per_keypoint["c"].keypoints == 0


def test_neighbours_are_not_one_subject():
    assert ids([label("1", "Ann"), label("2", "Ben", (21, 0))]) == []
    assert ids([label("1", "Ann"), label("2", "Ben", (19, 0))]) == [("1", "2")]


@pytest.mark.parametrize(
    "second",
    [
        label("2", "Ann", (1, 1)),
        label("2", "", (1, 1)),
        label("2", "Ben", (1, 1), source=run_source(3)),
    ],
)
def test_only_people_tell_what_people_see_and_two_of_them(second):
    assert ids([label("1", "Ann"), second]) == []


def test_each_subject_goes_to_the_nearest_one():
    annotations = [
        label("1", "Ann"),
        label("2", "Ann", (9, 0)),
        label("3", "Ben", (8, 1)),
        label("4", "Ben", (1, 0)),
    ]
    assert ids(annotations) == [("1", "4"), ("2", "3")]
    assert [each.id for each in without_doubles(annotations)] == ["1", "2"]


def test_three_people_make_three_pairs_and_one_subject():
    annotations = [label("1", "Ann"), label("2", "Ben", (1, 0)), label("3", "Cem", (0, 2))]
    assert ids(annotations) == [("1", "2"), ("1", "3"), ("2", "3")]
    assert [each.id for each in without_doubles(annotations)] == ["1"]


def test_without_double_labels_nothing_is_known_of_people():
    assert human_error([], NAMES) is None
    assert human_error(double_labels([label("1", "Ann")]), NAMES) is None
    nothing_shared = [label("1", "Ann", (0, 0), (2, 2, 0)), label("2", "Ben", (0, 0), (0, 0, 2))]
    assert human_error(double_labels(nothing_shared), NAMES) is None
