import numpy as np
import pytest

from kpstudio.core.annotation import Annotation
from kpstudio.core.geometry import Box
from kpstudio.core.merge import Conflict

XY = np.array([[2.0, 3.0], [11.0, 7.0], [5.0, 13.0]])


def annotation(xy=XY, visibility=(2, 2, 1)):
    return Annotation("a", 1, xy, np.array(visibility))


def test_distances_are_of_keypoints_that_both_have_labelled():
    theirs = annotation(np.add(XY, [[3, 4], [0, 0], [1, 0]]), (2, 0, 2))
    conflict = Conflict(1, annotation(), theirs)
    np.testing.assert_array_equal(conflict.distances(), [5, np.nan, 1])
    assert conflict.largest_distance() == 5
    assert conflict.differs_in_visibility().tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("xy", "visibility", "keypoint"),
    [
        (np.add(XY, [[9, 0], [0, 0], [0, 0]]), (2, 2, 0), 2),
        (np.add(XY, [[1, 0], [0, 4], [0, 3]]), (2, 2, 2), 1),
        (XY, (2, 2, 2), 2),
        (XY, (2, 2, 1), None),
    ],
)
def test_the_keypoint_that_only_one_has_differs_most_then_the_farthest(xy, visibility, keypoint):
    conflict = Conflict(1, annotation(), annotation(xy, visibility))
    assert conflict.keypoint_that_differs_most() == keypoint


def test_bounds_hold_both_sides_also_what_is_not_labelled_any_more():
    theirs = annotation(XY + 20, (2, 0, 2))
    assert Conflict(1, annotation(), theirs).bounds() == Box(2, 3, 29, 30)
    assert Conflict(1, None, theirs).bounds() == Box(22, 23, 9, 10)
    nowhere = annotation(np.full((3, 2), np.nan), (0, 0, 0))
    assert Conflict(1, None, nowhere).bounds() is None


def test_a_deletion_has_no_distances():
    conflict = Conflict(1, annotation(), None)
    assert conflict.distances().size == 0
    assert conflict.largest_distance() is None
    assert conflict.keypoint_that_differs_most() is None
