"""A shape model says what subjects have in common, from few labels and from incomplete ones."""

import numpy as np
import pytest

from kpstudio.core.annotation import Annotation
from kpstudio.core.shape_learning import learn_shape, poses_of
from kpstudio.core.shape_model import Freedom

SHAPE = np.array([[0.0, -40], [-20, 0], [20, 0], [-12, 35], [14, 38]])


def turned(degrees: float, scale: float = 1.0) -> np.ndarray:
    angle = np.radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return SHAPE @ turn.T


def subjects(count: int, *, turns: float, scales: float, wobble: float = 1.0) -> list[np.ndarray]:
    random = np.random.default_rng(3)
    return [
        turned(random.uniform(-turns, turns), np.exp(random.uniform(-scales, scales)))
        + random.normal(0, wobble, SHAPE.shape)
        + random.uniform(0, 300, 2)
        for _ in range(count)
    ]


def likeness(mean: np.ndarray) -> float:
    """1 where a mean is the shape, turned, moved and scaled."""
    a, b = (each[:, 0] + 1j * each[:, 1] for each in (mean, SHAPE))
    a, b = a - a.mean(), b - b.mean()
    return float(abs(np.vdot(a, b)) / (np.linalg.norm(a) * np.linalg.norm(b)))


@pytest.mark.parametrize(
    ("turns", "scales", "freedom"),
    [
        (180.0, 0.5, Freedom(scales=True, turns=True)),
        (0.0, 0.0, Freedom(scales=False, turns=False)),
    ],
)
def test_the_labels_tell_in_which_ways_subjects_differ(turns, scales, freedom):
    # Without a wobble the frame would be known exactly in any case.
    model = learn_shape(subjects(40, turns=turns, scales=scales, wobble=6.0))
    assert model is not None
    assert model.freedom == freedom
    assert likeness(model.mean) > 0.99


def test_missing_points_do_not_disturb_the_mean():
    poses = subjects(40, turns=180, scales=0.4)
    random = np.random.default_rng(4)
    for pose in poses:
        pose[random.random(len(pose)) < 0.3] = np.nan
    model = learn_shape(poses)
    assert model is not None
    assert likeness(model.mean) > 0.995
    assert np.linalg.eigvalsh(model.covariance).min() > 0


def test_one_label_is_enough_for_a_mean():
    model = learn_shape([turned(70) + 100])
    assert model is not None
    assert model.labels == 1
    assert likeness(model.mean) == pytest.approx(1)


def test_a_keypoint_that_nobody_labelled_has_no_place():
    poses = subjects(12, turns=20, scales=0.1)
    for pose in poses:
        pose[2] = np.nan
    model = learn_shape(poses)
    assert model is not None
    assert model.is_known.tolist() == [True, True, False, True, True]


def test_without_a_pose_there_is_no_shape():
    assert learn_shape([]) is None
    assert learn_shape([np.full((5, 2), np.nan)]) is None
    assert learn_shape([np.array([[3.0, 4.0], [np.nan, np.nan], [np.nan, np.nan]])]) is None


def test_a_label_that_is_plainly_wrong_teaches_little():
    poses = subjects(40, turns=30, scales=0.2)
    honest = learn_shape(poses)
    poses[7][0] += 400
    spoilt = learn_shape(poses)
    assert honest is not None
    assert spoilt is not None
    assert spoilt.covariance[0, 0] < 1.5 * honest.covariance[0, 0]


def test_the_frame_of_a_pose_ignores_a_point_that_is_far_off():
    model = learn_shape(subjects(30, turns=180, scales=0.2))
    assert model is not None
    pose = turned(50, 2.0) + 90
    expected = model.frame_of(pose)
    pose[4] += 500
    found = model.frame_of(pose)
    assert expected is not None
    assert found is not None
    assert found.turn == pytest.approx(expected.turn, rel=0.1)
    np.testing.assert_allclose(found.to_image(found.to_shape(pose)), pose)


def test_only_labelled_keypoints_of_an_annotation_are_its_pose():
    pose = turned(0)
    annotation = Annotation("a", 1, pose, np.array([2, 1, 0, 2, 0]))
    (known,) = poses_of([annotation])
    assert np.isnan(known[[2, 4]]).all()
    assert np.array_equal(known[[0, 1, 3]], pose[[0, 1, 3]])
