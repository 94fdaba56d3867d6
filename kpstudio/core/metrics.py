"""How far predictions are from labels, in pixels and in parts of a reference length.

A keypoint that is labelled and has no answer is infinitely far away in all of these figures, so
that a model cannot improve them by leaving out what is hard; only the means, which no infinity
would leave standing, are those of the answers that there are.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from kpstudio.core.bootstrap import Interval
from kpstudio.core.shapes import Bool, Float

PCK_THRESHOLDS = (0.05, 0.1, 0.2)
PCKH_THRESHOLD = 0.5
AUC_LIMIT = 0.2
_QUANTILES = (0.5, 0.9, 0.95, 0.99)


class ErrorSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Errors of one decoder on one set of keypoints; None where there is nothing to tell.

    Every labelled keypoint of every subject counts once; a subject that was not found, or a
    keypoint without an answer, counts in `missed` and is infinitely far away, so that a model
    cannot improve its median by leaving out what is hard.

    Args:
        median_px: Of all, the missed ones as infinite; the quantiles are likewise.
        mean_px: Of the answers that there are.
        p90_px: 90th percentile.
        p95_px: 95th percentile.
        p99_px: 99th percentile.
        rmse_px: Root of the mean squared distance of the answers that there are.
        keypoints: Labelled ones.
        missed: Those without an answer.
        pck: By threshold, the part of the keypoints that is nearer than so many reference lengths.
        pckh: The same for half of the head, where the skeleton has one.
        nme: Mean error of the answers that there are, in reference lengths.
        auc: Area under the curve of PCK up to 0.2 reference lengths, 1 for no error at all.
        intervals: By the name of a figure, where it would lie on other images of the same kind.
    """

    median_px: float | None
    mean_px: float | None
    p90_px: float | None
    p95_px: float | None = None
    p99_px: float | None = None
    rmse_px: float | None = None
    keypoints: int
    missed: int
    pck: dict[str, float | None] = {}
    pckh: float | None = None
    nme: float | None = None
    auc: float | None = None
    intervals: dict[str, Interval] = {}


def threshold_name(threshold: float) -> str:
    """The key of a threshold in `ErrorSummary.pck`, such as "0.05"."""
    return f"{threshold:g}"


def summarise_errors(
    errors: Float[np.ndarray, " N"],
    relative: Float[np.ndarray, " N"] | None = None,
    of_head: Float[np.ndarray, " N"] | None = None,
) -> ErrorSummary:
    """Summary of distances; see `summarise_columns`."""
    return summarise_columns(
        errors[:, None],
        None if relative is None else relative[:, None],
        None if of_head is None else of_head[:, None],
    )[0]


def summarise_columns(
    errors: Float[np.ndarray, "N M"],
    relative: Float[np.ndarray, "N M"] | None = None,
    of_head: Float[np.ndarray, "N M"] | None = None,
) -> list[ErrorSummary]:
    """One summary for each column of distances.

    Args:
        errors: Image pixels; infinite where there is no answer, NaN where there is no label.
        relative: In reference lengths; NaN also where the length is not known.
        of_head: In head lengths, likewise.
    """
    is_labelled, is_answered = ~np.isnan(errors), np.isfinite(errors)
    counts, answered = is_labelled.sum(axis=0), is_answered.sum(axis=0)
    quantiles = column_quantiles(errors, _QUANTILES)
    means = _mean_where(errors, is_answered)
    squares = _mean_where(np.square(errors), is_answered)
    names = [threshold_name(each) for each in PCK_THRESHOLDS]
    shares = [_share_within(relative, each) for each in PCK_THRESHOLDS]
    heads = _share_within(of_head, PCKH_THRESHOLD)
    nmes = aucs = None
    if relative is not None:
        nmes = _mean_where(relative, np.isfinite(relative))
        aucs = _mean_where(area_under_pck(relative), ~np.isnan(relative))
    return [
        ErrorSummary(
            median_px=_known(quantiles[0, m]),
            mean_px=_known(means[m]),
            p90_px=_known(quantiles[1, m]),
            p95_px=_known(quantiles[2, m]),
            p99_px=_known(quantiles[3, m]),
            rmse_px=_known(np.sqrt(squares[m])),
            keypoints=int(counts[m]),
            missed=int(counts[m] - answered[m]),
            pck={}
            if relative is None
            else {name: _at(share, m) for name, share in zip(names, shares, strict=True)},
            pckh=_at(heads, m),
            nme=_at(nmes, m),
            auc=_at(aucs, m),
        )
        for m in range(errors.shape[1])
    ]


def column_quantiles(
    values: Float[np.ndarray, "N M"], levels: Sequence[float]
) -> Float[np.ndarray, "Q M"]:
    """Quantiles of columns that may hold infinities; NaN is left out, and is what nothing gives.

    Between a finite value and an infinite one it is the finite one: there is nothing halfway.
    """
    if not len(values):
        return np.full((len(levels), values.shape[1]), np.nan)
    ordered = np.sort(values, axis=0)
    counts = (~np.isnan(values)).sum(axis=0)
    place = np.array(levels)[:, None] * np.maximum(counts - 1, 0)
    low = np.floor(place).astype(int)
    below = np.take_along_axis(ordered, low, axis=0)
    above = np.take_along_axis(ordered, np.ceil(place).astype(int), axis=0)
    # An infinity has no part: infinity less itself, or times 0, would be NaN.
    step = np.where(np.isfinite(above), above, 0) - np.where(np.isfinite(above), below, 0)
    return np.asarray(np.where(np.isinf(below), below, below + (place - low) * step))


def area_under_pck(
    relative: Float[np.ndarray, "*N"], *, limit: float = AUC_LIMIT
) -> Float[np.ndarray, "*N"]:
    """What each keypoint adds to the area under the curve of PCK from 0 to a limit, 0 to 1.

    Their mean is that area exactly: the curve is a sum of steps, and needs no sampling.
    """
    return np.asarray(np.clip(1 - relative / limit, 0, 1))


def _share_within(
    relative: Float[np.ndarray, "N M"] | None, threshold: float
) -> Float[np.ndarray, " M"] | None:
    if relative is None:
        return None
    return _mean_where((relative <= threshold).astype(float), ~np.isnan(relative))


def _mean_where(
    values: Float[np.ndarray, "N M"], is_meant: Bool[np.ndarray, "N M"]
) -> Float[np.ndarray, " M"]:
    """Means of the columns; NaN of nothing."""
    counts = is_meant.sum(axis=0)
    sums = np.where(is_meant, values, 0).sum(axis=0)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))


def _at(values: Float[np.ndarray, " M"] | None, index: int) -> float | None:
    return None if values is None else _known(values[index])


def _known(value: np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None


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
