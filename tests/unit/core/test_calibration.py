import numpy as np
import pytest

from kpstudio.core.calibration import (
    calibrate,
    normalised_squared_errors,
    reliability_curve,
)


def drawn(count, covariance, seed=0):
    """Errors of 3 keypoints with this covariance."""
    random = np.random.default_rng(seed)
    root = np.linalg.cholesky(covariance)
    return np.einsum("...ij,...j->...i", root, random.standard_normal((count, 3, 2)))


def claimed(count, seed=1):
    """Covariances of many sizes, all turned a little."""
    random = np.random.default_rng(seed)
    spread = np.exp(random.normal(0, 1, (count, 3, 1, 1)))
    return spread * np.array([[1.0, 0.4], [0.4, 0.7]])


def test_it_finds_the_scale_and_the_floor_behind_the_errors():
    covariance = claimed(4000)
    truth = np.array([2.0, 5.0, 9.0])[:, None, None] * covariance + np.array([4.0, 1.0, 0.1])[
        :, None, None
    ] * np.eye(2)
    calibration = calibrate(drawn(4000, truth), covariance)
    assert np.allclose(calibration.scale, [2, 5, 9], rtol=0.2)
    assert np.allclose(calibration.floor[:2], [4, 1], rtol=0.35)
    assert calibration.errors == 12000


def test_calibrated_errors_are_as_large_as_expected():
    covariance = claimed(700)
    errors = drawn(700, 6 * covariance + 2 * np.eye(2))
    other_errors = drawn(700, 6 * covariance + 2 * np.eye(2), seed=7)
    calibrated = calibrate(errors, covariance).apply(covariance)
    assert normalised_squared_errors(errors, covariance).mean() > 10
    assert normalised_squared_errors(other_errors, calibrated).mean() == pytest.approx(2, rel=0.1)
    curve = reliability_curve(other_errors, calibrated)
    assert np.allclose(curve.observed, curve.expected, atol=0.03)


def test_an_overconfident_covariance_shows_in_the_curve():
    covariance = claimed(700)
    curve = reliability_curve(drawn(700, 9 * covariance), covariance)
    assert curve.observed[curve.expected.index(0.9)] < 0.35


def test_a_few_misses_do_not_blow_up_the_ellipses():
    covariance = claimed(400)
    errors = drawn(400, 3 * covariance)
    clean = calibrate(errors, covariance).apply(covariance)
    errors[::50] += 300
    with_misses = calibrate(errors, covariance).apply(covariance)
    ratio = np.trace(with_misses, axis1=-2, axis2=-1) / np.trace(clean, axis1=-2, axis2=-1)
    assert np.median(ratio) == pytest.approx(1, abs=0.25)


def test_a_keypoint_with_few_errors_gets_what_all_together_say():
    covariance = claimed(100)
    errors = drawn(100, 4 * covariance)
    errors[5:, 2] = np.nan
    calibration = calibrate(errors, covariance)
    assert calibration.errors == 205
    assert calibration.scale[2] == pytest.approx(4, rel=0.5)
    assert calibration.scale[2] not in calibration.scale[:2]


def test_unknown_errors_and_covariances_count_for_nothing():
    covariance = claimed(60)
    errors = drawn(60, covariance)
    expected = calibrate(errors[:50], covariance[:50])
    errors[50:55] = np.nan
    covariance[55:] = np.nan
    assert calibrate(errors, covariance) == expected


def test_without_errors_a_covariance_stays_as_it_is():
    covariance = claimed(1)
    calibration = calibrate(np.zeros((0, 3, 2)), np.zeros((0, 3, 2, 2)))
    assert np.array_equal(calibration.apply(covariance), covariance)
    assert np.isnan(reliability_curve(np.zeros((0, 3, 2)), np.zeros((0, 3, 2, 2))).observed).all()


def test_perfect_answers_have_a_tiny_covariance_and_no_error():
    calibration = calibrate(np.zeros((30, 3, 2)), claimed(30))
    assert np.isfinite(calibration.scale).all()
    assert max(calibration.scale) < 1e-3
