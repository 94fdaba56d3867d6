import numpy as np
import pytest

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

SKELETON = Skeleton("s", ("a", "b", "c"))


def annotation(**changes):
    values = {
        "id": "x",
        "image_id": 3,
        "xy": np.array([[1, 2], [5, 11], [np.nan, np.nan]]),
        "visibility": np.array([2, 1, 0]),
        "time": 1.0,
    }
    return Annotation(**{**values, **changes})


def test_values_cannot_be_changed():
    made = annotation()
    with pytest.raises(ValueError, match="read-only"):
        made.xy[0, 0] = 9
    moved = made.with_keypoint(0, (7.5, 8.5), 1)
    assert made.xy[0].tolist() == [1, 2]
    assert moved.xy[0].tolist() == [7.5, 8.5]


def test_equality_sees_every_keypoint_and_takes_nan_for_nan():
    assert annotation() == annotation()
    assert annotation() != annotation().with_keypoint(2, (0, 0), 0)
    assert annotation() != annotation(visibility=np.array([2, 2, 0]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"visibility": np.array([2, 1])},
        {"visibility": np.array([2, 1, 2])},
        {"visibility": np.array([3, 1, 0])},
        {"xy": np.ones((3, 3))},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises((ValueError, TypeError)):
        annotation(**wrong)


def test_bounds_are_the_box_or_what_is_labelled():
    assert annotation().bounds() == Box(1, 2, 4, 9)
    assert annotation(box=Box(0, 0, 50, 60)).bounds() == Box(0, 0, 50, 60)
    assert Annotation.empty(3, SKELETON).bounds() is None


def test_an_edit_turned_round_twice_is_itself_and_knows_its_images():
    edit = Edit.change("Move a", annotation(), annotation().with_keypoint(0, (3, 3), 2))
    assert edit.inverse().inverse() == edit
    assert edit.inverse().after["x"] == annotation()
    assert edit.image_ids() == {3}
    with pytest.raises(ValueError, match="same annotations"):
        Edit("wrong", {"x": None}, {"y": None})
