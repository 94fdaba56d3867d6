import numpy as np
import pytest

from kpstudio.core.typical_pose import typical_pose

SHAPE = np.array([[-0.5, -0.2], [0.5, -0.1], [0.1, 0.2], [0.0, 0.0], [-0.3, 0.1]])


def turned(angle, scale, shift):
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * SHAPE @ matrix.T + shift


def test_one_shape_seen_everywhere_is_found_whole_in_the_direction_of_the_fullest():
    full = turned(0.0, 300, (70, 50))
    front, back = turned(2.1, 40, (900, -5)), turned(-1.0, 90, (3, 7))
    front[3:], back[:1] = np.nan, np.nan
    np.testing.assert_allclose(typical_pose([front, full, back], 5), SHAPE, atol=1e-12)


def test_a_keypoint_that_nobody_labelled_has_no_place():
    pose = turned(0.0, 11, (0, 0))
    pose[2] = np.nan
    found = typical_pose([pose], 5)
    assert np.isnan(found[2]).all()
    np.testing.assert_allclose(np.ptp(np.delete(found, 2, axis=0), axis=0).max(), 1)


@pytest.mark.parametrize("poses", [[], [np.full((5, 2), np.nan)], [np.eye(5, 2) * np.nan]])
def test_without_labels_nothing_has_a_place(poses):
    assert np.isnan(typical_pose(poses, 5)).all()


def test_poses_that_have_nothing_in_common_with_the_fullest_are_left_out():
    pose, other = turned(0.0, 13, (0, 0)), turned(0.0, 17, (0, 0))
    pose[3:], other[:3] = np.nan, np.nan
    found = typical_pose([pose, other], 5)
    assert np.isfinite(found[:3]).all()
    assert np.isnan(found[3:]).all()


def test_poses_that_are_upright_on_the_whole_give_an_upright_picture():
    poses = [
        turned(angle, 1000 * scale, (5, 9)) for angle, scale in ((0.4, 3), (-0.3, 1), (-0.1, 2))
    ]
    np.testing.assert_allclose(typical_pose(poses, 5), SHAPE, atol=0.003)
