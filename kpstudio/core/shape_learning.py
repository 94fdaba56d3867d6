"""Learns a shape model from labels: from one as from ten thousand, with points missing.

What subjects have in common (direction, size) and how far the labels are trusted against the
prior, that near points move together, is chosen by what predicts points that were held out best.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.annotation import Annotation
from kpstudio.core.metrics import column_quantiles
from kpstudio.core.plane_matrices import (
    determinants,
    diagonal_blocks,
    inverses,
    squared_lengths,
)
from kpstudio.core.shape_model import Freedom, ShapeModel, fit_frame
from kpstudio.core.shapes import Float

MOST_POSES = 1000
_ROUNDS = 4
_FREE = Freedom(scales=True, turns=True)
# From the freest to the most confined: a later one must be better by the margin.
_FREEDOMS = (_FREE, Freedom(scales=True, turns=False), Freedom(scales=False, turns=False))
_MARGIN = 0.05  # of a nat per point
_USUAL_TRUST, _OTHER_TRUSTS = 10.0, (3.0, 30.0)  # in labels
_OWN = 0.3  # of a point's variance is its alone
_REACH = 0.6  # over which near points move together, in shape units
_PRIOR_DEVIATION, _PRIOR_LABELS = 0.25, 2.0
_LABEL_DEVIATION = 0.015  # of people who label the same thing twice
_FOLDS, _FEWEST_TO_CHOOSE, _MOST_TO_JUDGE = 3, 4, 48
_ONE_BY_ONE = 12
_FEW = 15.0  # labels
_USUAL_SQUARE = 2 * np.log(2)  # median of a Gaussian in two dimensions
_LEAST_USUAL = 0.02
_TAIL = 0.9
_USUAL_TAIL = -2 * np.log(1 - _TAIL)
_MOST_SPREAD = 16.0
_PRIOR_HELD_OUT = 3.0
_PLAINLY_WRONG = 50.0  # square of standard deviations, from what the other points tell


def learn_shape(
    poses: Sequence[Float[np.ndarray, "K 2"]], *, rest: Callable[[], object] = lambda: None
) -> ShapeModel | None:
    """The shape model of these poses.

    Args:
        poses: (K, 2) image pixels, NaN where a keypoint is not labelled; of many, evenly spread
            ones are used.
        rest: Called about every millisecond: who learns beside a window lets it go on.

    Returns:
        None if no pose has two different points.

    Source: covariance shrunk towards a prior: Ledoit and Wolf, J. Multivariate Analysis 88 (2004);
        the prior is a Gaussian process over the mean shape: Luethi et al., PAMI 40 (2018).
    """
    told = [pose for pose in poses if _extent(pose) > 0]
    if not told:
        return None
    stacked = np.stack(told[:: -(-len(told) // MOST_POSES)]).astype(np.float64)
    freedom, trust, spread = _FREE, _USUAL_TRUST, np.ones(stacked.shape[1])
    if len(stacked) >= _FEWEST_TO_CHOOSE:
        freedom, trust, spread = _choose(stacked, rest)
        stacked = _without_wrong(stacked, _fit(stacked, freedom, trust))
    model = _fit(stacked, freedom, trust)
    # What few labels were held out tells little of those that are to come.
    few = _FEW / np.maximum(np.isfinite(stacked).all(axis=2).sum(axis=0), 1)
    wider = np.repeat(np.sqrt(spread * (1 + few + few**2 / 2)), 2)
    covariance = wider[:, None] * wider * model.covariance
    return replace(model, covariance=covariance, labels=len(told))


def poses_of(annotations: Sequence[Annotation]) -> list[Float[np.ndarray, "K 2"]]:
    """The labelled keypoints of annotations, NaN for others."""
    return [np.where(each.is_labelled[:, None], each.xy, np.nan) for each in annotations]


def _extent(pose: NDArray[np.float64]) -> float:
    there = pose[np.isfinite(pose).all(axis=1)]
    return float(np.ptp(there, axis=0).max()) if len(there) > 1 else 0.0


def _choose(
    poses: Float[np.ndarray, "N K 2"], rest: Callable[[], object]
) -> tuple[Freedom, float, Float[np.ndarray, " K"]]:
    """Freedom and trust under which held-out points are most likely, and how far they spread."""
    best = _judge(poses, _FREEDOMS[0], _USUAL_TRUST, rest)
    for freedom in _FREEDOMS[1:]:
        other = _judge(poses, freedom, _USUAL_TRUST, rest)
        best = other if other.log_likelihood > best.log_likelihood + _MARGIN else best
    for trust in _OTHER_TRUSTS:
        other = _judge(poses, best.freedom, trust, rest)
        best = other if other.log_likelihood > best.log_likelihood else best
    return best.freedom, best.trust, best.spread


class _Judgement(NamedTuple):
    """How well a way to learn predicts points that were held out.

    Args:
        freedom: Of the frame.
        trust: In the prior, in labels.
        log_likelihood: Per point, a density over image pixels, so that frames of different size
            can be compared; of Student's kind, so that a few odd poses do not decide.
        spread: By how much each keypoint varies more than the model says, at least 1.
    """

    freedom: Freedom
    trust: float
    log_likelihood: float
    spread: Float[np.ndarray, " K"]


def _judge(
    poses: Float[np.ndarray, "N K 2"],
    freedom: Freedom,
    trust: float,
    rest: Callable[[], object],
) -> _Judgement:
    count = len(poses) if len(poses) <= _ONE_BY_ONE else _FOLDS
    folds = np.arange(len(poses)) % count
    squares = np.full(poses.shape[:2], np.nan)
    log_volumes = np.full(poses.shape[:2], np.nan)
    for fold in range(count):
        model = _fit(poses[folds != fold], freedom, trust)
        for row in np.flatnonzero(folds == fold)[: _MOST_TO_JUDGE // count]:
            rest()
            squared, log_volume = _told_by_others(model, poses[row])
            if len(squared):
                there = np.isfinite(poses[row]).all(axis=1) & model.is_known
                squares[row, there], log_volumes[row, there] = squared, log_volume
    is_told = np.isfinite(squares)
    if not is_told.any():
        return _Judgement(freedom, trust, -np.inf, np.ones(poses.shape[1]))
    likelihood = -3.5 * np.log1p(squares[is_told] / 5) - log_volumes[is_told] / 2
    return _Judgement(freedom, trust, float(likelihood.mean()), _spread(squares))


def _spread(squares: Float[np.ndarray, "N K"]) -> Float[np.ndarray, " K"]:
    """By how much each keypoint varies more than was believed, from what was held out."""
    is_told = np.isfinite(squares)
    median, tail = np.quantile(squares[is_told], (0.5, _TAIL))
    overall = np.clip(max(median / _USUAL_SQUARE, tail / _USUAL_TAIL), 1.0, _MOST_SPREAD)
    own = np.where(is_told, np.minimum(squares, _PLAINLY_WRONG), 0).sum(axis=0) / 2
    pooled = (own + _PRIOR_HELD_OUT * overall) / (is_told.sum(axis=0) + _PRIOR_HELD_OUT)
    return np.asarray(np.maximum(pooled, overall))


def _told_by_others(
    model: ShapeModel, pose: Float[np.ndarray, "K 2"]
) -> tuple[Float[np.ndarray, " M"], Float[np.ndarray, " M"]]:
    """How far each point is from what the others tell of it: d squared, and log det in pixels."""
    frame = model.frame_of(pose)
    there = np.flatnonzero(np.isfinite(pose).all(axis=1) & model.is_known)
    if frame is None or len(there) < 2:
        return np.zeros(0), np.zeros(0)
    at = (2 * there[:, None] + np.arange(2)).ravel()
    total = model.with_free_frame()[np.ix_(at, at)] + _LABEL_DEVIATION**2 * np.eye(len(at))
    residual = (frame.to_shape(pose[there]) - model.mean[there]).ravel()
    precision = np.linalg.inv(total)
    blocks = inverses(diagonal_blocks(precision))
    squared = squared_lengths((precision @ residual).reshape(-1, 2), blocks)
    return squared, np.log(determinants(blocks)) + 4 * np.log(frame.scale)


def _without_wrong(
    poses: Float[np.ndarray, "N K 2"], model: ShapeModel
) -> Float[np.ndarray, "N K 2"]:
    """Without the points that the others of their pose contradict."""
    squares = np.full(poses.shape[:2], np.nan)
    for row, pose in enumerate(poses):
        squared, _ = _told_by_others(model, pose)
        if len(squared):
            squares[row, np.isfinite(pose).all(axis=1) & model.is_known] = squared
    # One that is far off has widened what is believed of its keypoint: the median has not.
    usual = column_quantiles(squares, (0.5,))[0] / _USUAL_SQUARE
    is_wrong = squares > _PLAINLY_WRONG * np.maximum(usual, _LEAST_USUAL)
    return np.where(is_wrong[:, :, None], np.nan, poses)


def _fit(poses: Float[np.ndarray, "N K 2"], freedom: Freedom, trust: float) -> ShapeModel:
    mean, aligned, size = _align(poses, freedom)
    residual = aligned - mean
    is_there = np.isfinite(residual).all(axis=2)
    residual = np.where(is_there[:, :, None], residual, 0.0).reshape(len(poses), -1)
    counted = np.repeat(is_there, 2, axis=1).astype(np.float64)
    number = counted.T @ counted
    total = residual.T @ residual
    own = (np.diag(total) + _PRIOR_LABELS * _PRIOR_DEVIATION**2) / (np.diag(number) + _PRIOR_LABELS)
    own = np.repeat(own.reshape(-1, 2).mean(axis=1), 2)
    distance = np.linalg.norm(np.nan_to_num(mean[:, None] - mean[None]), axis=2)
    nearness = (1 - _OWN) * np.exp(-distance / _REACH) + _OWN * np.eye(len(mean))
    together = np.kron(nearness, np.eye(2))
    prior = np.sqrt(own[:, None] * own) * together
    covariance = (total + trust * prior) / (number + trust)
    return ShapeModel(mean, _made_positive(covariance), freedom, size, len(poses))


def _made_positive(covariance: Float[np.ndarray, "D D"]) -> Float[np.ndarray, "D D"]:
    """Pairs that were counted in different poses need not fit together."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray((vectors * np.maximum(values, _LABEL_DEVIATION**2 / 10)) @ vectors.T)


def _align(
    poses: Float[np.ndarray, "N K 2"], freedom: Freedom
) -> tuple[Float[np.ndarray, "K 2"], Float[np.ndarray, "N K 2"], float]:
    """The mean shape, the poses in its frame, and the usual size.

    Source: Gower, Generalized Procrustes analysis, Psychometrika 40 (1975).
    """
    points = poses[..., 0] + 1j * poses[..., 1]
    is_there = np.isfinite(points)
    extents = np.array([_extent(pose) for pose in poses])
    fullest = int(np.lexsort((extents, is_there.sum(axis=1)))[-1])
    mean, size = _normalised(points[fullest])
    aligned = np.full_like(points, complex(np.nan, np.nan))
    for _ in range(_ROUNDS):
        sizes = []
        for row, pose in enumerate(points):
            known = is_there[row] & np.isfinite(mean)
            weights = known.astype(np.float64)
            frame = fit_frame(np.nan_to_num(pose), np.nan_to_num(mean), weights, freedom, size)
            if frame is None:
                aligned[row] = complex(np.nan, np.nan)
                continue
            aligned[row] = (pose - frame.origin) / frame.turn
            sizes.append(frame.scale)
        number = np.isfinite(aligned).sum(axis=0)
        total = np.where(np.isfinite(aligned), aligned, 0).sum(axis=0)
        mean = np.where(number > 0, total / np.maximum(number, 1), complex(np.nan, np.nan))
        centre = mean[np.isfinite(mean)].mean()
        mean, factor = _normalised(mean)
        aligned = (aligned - centre) / factor
        size = factor * (float(np.median(sizes)) if freedom.scales else size)
    return (
        np.stack([mean.real, mean.imag], axis=1),
        np.stack([aligned.real, aligned.imag], axis=2),
        size,
    )


def _normalised(shape: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], float]:
    """Centred, of root mean square radius 1; and the radius that it had."""
    there = np.isfinite(shape)
    centred = shape - shape[there].mean()
    radius = float(np.sqrt(np.mean(np.abs(centred[there]) ** 2)))
    return centred / (radius or 1.0), radius or 1.0
