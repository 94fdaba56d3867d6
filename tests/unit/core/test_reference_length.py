import numpy as np
import pytest

from kpstudio.core.annotation import Annotation
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.reference_length import (
    WHOLE_BOX,
    head_length,
    read_reference,
    relative_errors,
)
from kpstudio.core.skeleton import Skeleton

FACE = Skeleton("face", ("outer_left", "outer_right", "mouth"))


def annotation(visibility=(2, 2, 2), box=None):
    xy = np.array([[10.0, 20.0], [40.0, 60.0], [20.0, 90.0]])
    return Annotation("a", 1, xy, np.array(visibility), box=box)


def test_the_box_gives_its_longer_side():
    assert WHOLE_BOX.of(annotation()) == 70
    assert WHOLE_BOX.of(annotation(box=Box(0, 0, 130, 110))) == 130


def test_two_keypoints_give_their_distance():
    reference = read_reference("outer_left, outer_right", FACE)
    assert reference.of(annotation()) == 50
    assert reference.of(annotation((1, 2, 0))) == 50
    assert reference.name(FACE) == "outer_left,outer_right"


def test_a_length_that_nobody_labelled_is_not_known():
    reference = read_reference("outer_left,outer_right", FACE)
    assert np.isnan(reference.of(annotation((2, 0, 2))))
    assert np.isnan(WHOLE_BOX.of(annotation((2, 0, 0))))
    errors = np.array([[1.0, np.inf], [2.0, np.nan]])
    relative = relative_errors(errors, np.array([np.nan, 4.0]))
    np.testing.assert_array_equal(relative, [[np.nan, np.nan], [0.5, np.nan]])


@pytest.mark.parametrize("text", ["nose,mouth", "mouth", "mouth,mouth", "", "outer_left,mouth,x"])
def test_what_the_skeleton_does_not_have_is_refused_with_what_it_has(text):
    with pytest.raises(UserProblem) as problem:
        read_reference(text, FACE)
    assert "outer_left, outer_right, mouth" in problem.value.hint


def test_only_a_skeleton_that_says_so_has_a_head():
    assert head_length(FACE) is None
    assert head_length(Skeleton("fly", ("head", "neck"))) is None
    mpii = Skeleton("person", ("pelvis", "Upper Neck", "head_top"))
    assert head_length(mpii).keypoints == (2, 1)
