"""How far predictions are from labels in three dimensions, in millimetres."""

from collections.abc import Sequence

import msgspec
import numpy as np

from kpstudio.core.shapes import Float

SUCCESS_THRESHOLDS_MM = tuple(float(each) for each in range(0, 81, 5))


class SuccessCurve(msgspec.Struct, frozen=True):
    """The part of the frames in which even the worst keypoint is within a distance.

    Args:
        thresholds_mm: Distances.
        shares: 0 to 1, for each of them.

    Source: Taylor, Shotton, Sharp, Fitzgibbon: The Vitruvian Manifold, CVPR 2012.
    """

    thresholds_mm: tuple[float, ...]
    shares: tuple[float, ...]


class SpaceErrors(msgspec.Struct, frozen=True):
    """Errors of keypoints in space; None where there is nothing to tell.

    Args:
        mean_mm: Over all keypoints of all frames that have an answer.
        median_mm: With the missed ones as infinite.
        per_keypoint_mm: Mean of each.
        success: Of whole frames; a missed keypoint is infinitely far away.
        frames: With at least one labelled keypoint.
        keypoints: Labelled ones.
        missed: Those without an answer.
    """

    mean_mm: float | None
    median_mm: float | None
    per_keypoint_mm: tuple[float | None, ...]
    success: SuccessCurve
    frames: int
    keypoints: int
    missed: int


def space_errors(
    labels: Float[np.ndarray, "N K 3"],
    predictions: Float[np.ndarray, "N K 3"],
    *,
    thresholds_mm: Sequence[float] = SUCCESS_THRESHOLDS_MM,
) -> SpaceErrors:
    """Mean error in all, per keypoint, and the success curve.

    Args:
        labels: Millimetres, NaN where not labelled.
        predictions: Millimetres, NaN where there is no answer.
        thresholds_mm: Of the success curve.
    """
    is_labelled = np.isfinite(labels).all(axis=2)
    errors = np.linalg.norm(predictions - labels, axis=2)
    is_answered = is_labelled & np.isfinite(errors)
    # A keypoint that is not labelled cannot be the worst of its frame.
    errors = np.where(is_answered, errors, np.where(is_labelled, np.inf, -np.inf))
    worst = errors[is_labelled.any(axis=1)].max(axis=1, initial=-np.inf)
    counts = is_answered.sum(axis=0)
    sums = np.where(is_answered, errors, 0.0).sum(axis=0)
    median = np.sort(errors[is_labelled])[(is_labelled.sum() - 1) // 2] if is_labelled.any() else 0
    return SpaceErrors(
        mean_mm=float(sums.sum() / counts.sum()) if counts.any() else None,
        median_mm=float(median) if is_labelled.any() and np.isfinite(median) else None,
        per_keypoint_mm=tuple(
            float(total / count) if count else None
            for total, count in zip(sums, counts, strict=True)
        ),
        success=_success_curve(worst, thresholds_mm),
        frames=len(worst),
        keypoints=int(is_labelled.sum()),
        missed=int(is_labelled.sum() - is_answered.sum()),
    )


def _success_curve(worst: Float[np.ndarray, " N"], thresholds_mm: Sequence[float]) -> SuccessCurve:
    within = np.searchsorted(np.sort(worst), np.array(thresholds_mm), side="right")
    shares = within / max(len(worst), 1)
    return SuccessCurve(tuple(map(float, thresholds_mm)), tuple(float(each) for each in shares))
