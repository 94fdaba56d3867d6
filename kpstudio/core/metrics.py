"""How far predictions are from labels."""

from collections.abc import Sequence

import msgspec
import numpy as np
from jaxtyping import Float


class ErrorSummary(msgspec.Struct, frozen=True):
    """Pixel errors of one decoder on one set of images.

    Every labelled keypoint of every subject counts once; a subject that was not found, or a
    keypoint without an answer, counts in `missed` and is infinitely far away, so that a model
    cannot improve its median by leaving out what is hard.
    """

    median_px: float | None
    mean_px: float | None
    p90_px: float | None
    keypoints: int
    missed: int


def summarise_errors(errors: Float[np.ndarray, " N"]) -> ErrorSummary:
    """Summary of distances in pixels.

    Args:
        errors: (N,) image pixels; infinite where there is no answer. The mean is that of the
            answers that there are; median and 90th percentile count the missing ones as infinite.
    """
    finite = errors[np.isfinite(errors)]

    def quantile(q: float) -> float | None:
        if not errors.size:
            return None
        if finite.size == errors.size:
            return float(np.quantile(errors, q))
        # No interpolation beside an infinity: it would give NaN.
        value = float(np.sort(errors)[int(q * (errors.size - 1))])
        return value if np.isfinite(value) else None

    return ErrorSummary(
        median_px=quantile(0.5),
        mean_px=float(finite.mean()) if finite.size else None,
        p90_px=quantile(0.9),
        keypoints=int(errors.size),
        missed=int(errors.size - finite.size),
    )


def match_subjects(
    labels: Sequence[Float[np.ndarray, "K 2"]], predictions: Sequence[Float[np.ndarray, "K 2"]]
) -> list[int | None]:
    """Which prediction belongs to which label: greedily, the closest pair first.

    Args:
        labels: Per subject (K, 2) image pixels, NaN where not labelled.
        predictions: Per subject (K, 2) image pixels, NaN where not predicted.

    Returns:
        For each label the index of its prediction, or None where none is left. The distance of
        a pair is the median over keypoints that both have.
    """
    costs = []
    for i, label in enumerate(labels):
        for j, prediction in enumerate(predictions):
            distances = np.linalg.norm(label - prediction, axis=1)
            distances = distances[np.isfinite(distances)]
            if distances.size:
                costs.append((float(np.median(distances)), i, j))
    matched: list[int | None] = [None] * len(labels)
    for _, i, j in sorted(costs):
        if matched[i] is None and j not in matched:
            matched[i] = j
    return matched
