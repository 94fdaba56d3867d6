"""What a decoder's covariance is worth for one trained network: measured on validation errors.

A decoder knows how sharp a peak is, and not how often this network puts it at the wrong place. So
the covariance is scaled, and a floor is added, until it says what the errors were.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kpstudio.core.shapes import Bool, Float

# The largest of every 20 errors are misses, of which no ellipse about the peak can tell.
_TOLD = 0.95
_FEWEST_ERRORS = 20
_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
_SMALLEST = 1e-6


class Calibration(msgspec.Struct, frozen=True):
    """Turns a decoder's covariance into that of its errors: scale * covariance + floor.

    Args:
        scale: Factor, one per keypoint.
        floor: Variance in square image pixels on each axis, one per keypoint.
        errors: Validation errors it was measured on.
    """

    scale: tuple[float, ...]
    floor: tuple[float, ...]
    errors: int

    def apply(self, covariance: Float[np.ndarray, "... K 2 2"]) -> Float[np.ndarray, "... K 2 2"]:
        """The covariance to be expected, in square image pixels."""
        scale = np.array(self.scale)[:, None, None]
        floor = np.array(self.floor)[:, None, None] * np.eye(2)
        return np.asarray(scale * covariance + floor)


class ReliabilityCurve(NamedTuple):
    """How often errors lay inside of the ellipse that should have held them so often.

    Args:
        expected: Fractions, such as 0.5 for the ellipse that half of the errors should be in.
        observed: Fractions of the errors that were in it; NaN without errors.
    """

    expected: tuple[float, ...]
    observed: tuple[float, ...]


def calibrate(
    errors: Float[np.ndarray, "N K 2"], covariance: Float[np.ndarray, "N K 2 2"]
) -> Calibration:
    """The calibration under which these errors were most likely.

    A keypoint with fewer than 20 errors gets what all keypoints together say. The largest
    twentieth of the errors is left out as misses, and the rest is corrected for it.

    Args:
        errors: Answer minus label in image pixels; NaN where there was no label or no answer.
        covariance: Of each answer, in square image pixels; NaN where it is not known.
    """
    is_known = _known(errors, covariance)
    pooled = _fit(errors[is_known], covariance[is_known])
    per_keypoint = [
        _fit(errors[known, k], covariance[known, k]) if known.sum() >= _FEWEST_ERRORS else pooled
        for k, known in enumerate(is_known.T)
    ]
    return Calibration(
        tuple(scale for scale, _ in per_keypoint),
        tuple(floor for _, floor in per_keypoint),
        int(is_known.sum()),
    )


def reliability_curve(
    errors: Float[np.ndarray, "N K 2"],
    covariance: Float[np.ndarray, "N K 2 2"],
    *,
    levels: Sequence[float] = _LEVELS,
) -> ReliabilityCurve:
    """How many errors lay inside of the ellipses of a covariance.

    Args:
        errors: As of `calibrate`.
        covariance: As of `calibrate`, or calibrated.
        levels: Fractions that should be inside.
    """
    is_known = _known(errors, covariance)
    squared = _normalised(errors[is_known], covariance[is_known])
    limits = [-2 * np.log1p(-level) for level in levels]
    observed = [float((squared <= limit).mean()) if squared.size else np.nan for limit in limits]
    return ReliabilityCurve(tuple(levels), tuple(observed))


def normalised_squared_errors(
    errors: Float[np.ndarray, "N K 2"], covariance: Float[np.ndarray, "N K 2 2"]
) -> Float[np.ndarray, " M"]:
    """e^T C^-1 e of every error that is known: 2 on average where the covariance is right."""
    is_known = _known(errors, covariance)
    return _normalised(errors[is_known], covariance[is_known])


def _known(
    errors: NDArray[np.floating], covariance: NDArray[np.floating]
) -> Bool[np.ndarray, "..."]:
    return np.asarray(np.isfinite(errors).all(axis=-1) & np.isfinite(covariance).all(axis=(-2, -1)))


def _normalised(
    errors: Float[np.ndarray, "M 2"], covariance: Float[np.ndarray, "M 2 2"]
) -> Float[np.ndarray, " M"]:
    variances, along = _along_axes(errors, covariance)
    return np.asarray((along**2 / np.maximum(variances, _SMALLEST)).sum(axis=1))


def _along_axes(
    errors: Float[np.ndarray, "M 2"], covariance: Float[np.ndarray, "M 2 2"]
) -> tuple[Float[np.ndarray, "M 2"], Float[np.ndarray, "M 2"]]:
    """Variances along the axes of each ellipse, and the errors along them."""
    variances, axes = np.linalg.eigh(covariance)
    return variances, np.einsum("mij,mi->mj", axes, errors)


def _fit(
    errors: Float[np.ndarray, "M 2"], covariance: Float[np.ndarray, "M 2 2"]
) -> tuple[float, float]:
    """Scale and floor of the largest likelihood."""
    if not len(errors):
        return 1.0, 0.0
    variances, along = _along_axes(errors, covariance)
    variances, squares = np.maximum(variances, _SMALLEST), along**2
    scale, floor = _search(variances, squares)
    distance = (squares / (scale * variances + floor)).sum(axis=1)
    told = distance <= np.quantile(distance, _TOLD)
    scale, floor = _search(variances[told], squares[told])
    # What is left after cutting off the tail is too small on average, by a known factor.
    limit = -2 * np.log1p(-_TOLD)
    left = (1 - (1 - _TOLD) * (1 + limit / 2)) / _TOLD if told.sum() < len(told) else 1.0
    mean = (squares[told] / (scale * variances[told] + floor)).sum(axis=1).mean()
    factor = float(mean) / 2 / left
    return float(scale * factor), float(floor * factor)


def _search(
    variances: Float[np.ndarray, "M 2"], squares: Float[np.ndarray, "M 2"]
) -> tuple[float, float]:
    """A grid over both logarithms, three times finer each time."""
    usual_variance = float(np.median(variances))
    usual_square = max(float(np.median(squares.sum(axis=1))) / 1.4, _SMALLEST)
    log_scale, log_floor = np.log(usual_square / usual_variance), np.log(usual_square)
    reach = 12.0
    for _ in range(7):
        scales = np.exp(log_scale + reach * np.linspace(-1, 1, 13))
        floors = np.exp(log_floor + reach * np.linspace(-1, 1, 13))
        total = scales[:, None, None, None] * variances + floors[:, None, None]
        cost = (np.log(total) + squares / total).sum(axis=(2, 3))
        i, j = np.unravel_index(int(cost.argmin()), cost.shape)
        log_scale, log_floor = float(np.log(scales[i])), float(np.log(floors[j]))
        reach /= 3
    return float(np.exp(log_scale)), float(np.exp(log_floor))
