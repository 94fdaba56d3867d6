"""Knowing where one point is, the others are decoded again."""

import numpy as np
import pytest

from kpstudio.core.candidates import Candidates
from kpstudio.core.joint_decoding import JointDecoding, decode_jointly
from kpstudio.core.shape_learning import learn_shape
from kpstudio.core.shape_model import Freedom, ShapeModel
from kpstudio.core.skeleton import Skeleton

# Upright: a head, two shoulders, two hands, two feet.
SHAPE = np.array([[0.0, -80], [-25, -50], [25, -50], [-45, 10], [45, 10], [-18, 90], [18, 90]])
SKELETON = Skeleton(
    "upright",
    (
        "head",
        "left_shoulder",
        "right_shoulder",
        "left_hand",
        "right_hand",
        "left_foot",
        "right_foot",
    ),
    edges=((0, 1), (0, 2), (1, 3), (2, 4)),
    flip_pairs=((1, 2), (3, 4), (5, 6)),
)
COUNT = len(SHAPE)
HEAD, LEFT_HAND, RIGHT_HAND, LEFT_FOOT = 0, 3, 4, 5


@pytest.fixture(scope="module")
def model() -> ShapeModel:
    random = np.random.default_rng(5)
    poses = [
        np.exp(random.uniform(-0.5, 0.5)) * (SHAPE + random.normal(0, 4, SHAPE.shape))
        + random.uniform(100, 500, 2)
        for _ in range(50)
    ]
    learned = learn_shape(poses)
    assert learned is not None
    return learned


TRUTH = 1.2 * SHAPE + 300


def candidates(xy: np.ndarray, other: dict[int, np.ndarray] | None = None) -> Candidates:
    peaks = np.full((COUNT, 2, 3), np.nan)
    for keypoint, place in (other or {}).items():
        peaks[keypoint, 0] = *place, 0.4
    scores = np.full(COUNT, 0.8)
    covariance = np.tile(9 * np.eye(2), (COUNT, 1, 1))
    return Candidates.of_prediction(xy, scores, covariance=covariance, other_peaks=peaks)


def fix(
    model: ShapeModel,
    predicted: np.ndarray,
    *keypoints: int,
    other: dict[int, np.ndarray] | None = None,
) -> JointDecoding:
    """What is offered after these keypoints were put where they belong."""
    is_fixed = np.isin(np.arange(COUNT), keypoints)
    present = np.where(is_fixed[:, None], TRUTH, predicted)
    return decode_jointly(model, SKELETON, candidates(predicted, other), present, is_fixed)


def test_nothing_is_offered_where_all_agrees(model):
    found = fix(model, TRUTH + 1.5, HEAD)
    assert not found.is_changed.any()


def test_the_other_peak_is_taken_when_it_fits_the_fixed_points(model):
    predicted = TRUTH.copy()
    predicted[LEFT_FOOT] += [-160, -130]
    found = fix(model, predicted, HEAD, other={LEFT_FOOT: TRUTH[LEFT_FOOT] + [3, -2]})
    assert np.flatnonzero(found.is_changed).tolist() == [LEFT_FOOT]
    assert found.xy[LEFT_FOOT] == pytest.approx(TRUTH[LEFT_FOOT] + [3, -2], abs=3)
    assert found.error[LEFT_FOOT] < 0.2 * found.present_error[LEFT_FOOT]


def test_without_a_peak_that_fits_the_shape_tells_where_a_point_is(model):
    predicted = TRUTH.copy()
    predicted[LEFT_FOOT] += [-160, -130]
    found = fix(model, predicted, HEAD)
    assert np.flatnonzero(found.is_changed).tolist() == [LEFT_FOOT]
    away = np.linalg.norm(found.xy[LEFT_FOOT] - TRUTH[LEFT_FOOT])
    assert away < 20
    assert away < 3 * found.error[LEFT_FOOT]


def test_fixing_one_of_a_swapped_pair_brings_its_partner_back(model):
    predicted = TRUTH.copy()
    predicted[[LEFT_HAND, RIGHT_HAND]] = TRUTH[[RIGHT_HAND, LEFT_HAND]]
    found = fix(model, predicted, LEFT_HAND)
    assert np.flatnonzero(found.is_changed).tolist() == [RIGHT_HAND]
    assert found.xy[RIGHT_HAND] == pytest.approx(TRUTH[RIGHT_HAND], abs=6)


def test_a_subject_that_was_seen_from_the_wrong_side_is_turned_round_by_one_point(model):
    predicted = TRUTH[list(SKELETON.flip_order())]
    found = fix(model, predicted, LEFT_HAND)
    assert np.flatnonzero(found.is_changed).tolist() == [1, 2, 4, 5, 6]
    np.testing.assert_allclose(found.xy, TRUTH, atol=8)


def test_a_fixed_point_is_never_moved(model):
    random = np.random.default_rng(6)
    for keypoint in range(COUNT):
        predicted = TRUTH + random.normal(0, 60, TRUTH.shape)
        found = fix(model, predicted, keypoint)
        assert np.array_equal(found.xy[keypoint], TRUTH[keypoint])
        assert not found.is_changed[keypoint]
        assert found.error[keypoint] == 0


def test_points_without_a_position_get_none(model):
    predicted = TRUTH.copy()
    predicted[LEFT_FOOT] = np.nan
    predicted[RIGHT_HAND] += 150
    found = fix(model, predicted, HEAD)
    assert np.isnan(found.xy[LEFT_FOOT]).all()
    assert np.flatnonzero(found.is_changed).tolist() == [RIGHT_HAND]


def test_without_a_fixed_point_nothing_is_offered(model):
    predicted = TRUTH.copy()
    predicted[LEFT_FOOT] -= 150
    assert not fix(model, predicted).is_changed.any()


def test_a_stored_prediction_without_peaks_and_covariance_is_enough(model):
    predicted = TRUTH.copy()
    predicted[RIGHT_HAND] += [140, -160]
    is_fixed = np.arange(COUNT) == HEAD
    stored = Candidates.of_prediction(predicted, np.full(COUNT, 0.7))
    found = decode_jointly(model, SKELETON, stored, predicted, is_fixed)
    assert np.flatnonzero(found.is_changed).tolist() == [RIGHT_HAND]


def test_a_single_label_is_too_little_to_offer_anything(model):
    predicted = TRUTH.copy()
    predicted[LEFT_FOOT] += [-50, -40]
    assert fix(model, predicted, HEAD).is_changed[LEFT_FOOT]
    single = learn_shape([SHAPE + 50])
    assert single is not None
    assert not fix(single, predicted, HEAD).is_changed.any()


def test_the_points_of_a_whole_body_that_are_off_are_told_from_those_that_are_not():
    random = np.random.default_rng(7)
    count = 133
    shape = random.normal(0, 100, (count, 2))
    shape -= shape.mean(axis=0)
    size = float(np.sqrt((shape**2).sum(axis=1).mean()))
    spread = 0.05**2 * np.eye(2 * count)
    model = ShapeModel(shape / size, spread, Freedom(scales=True, turns=True), size, 100)
    skeleton = Skeleton("whole", tuple(f"k{index}" for index in range(count)))
    predicted = shape.copy()
    predicted[::9] += 90
    seen = Candidates.of_prediction(predicted, np.full(count, 0.6))
    is_fixed = np.arange(count) == 0
    present = np.where(is_fixed[:, None], shape, predicted)
    found = decode_jointly(model, skeleton, seen, present, is_fixed)
    assert np.flatnonzero(found.is_changed).tolist() == list(range(9, count, 9))
