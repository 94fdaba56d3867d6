"""Decodes the keypoints of a subject together, knowing where a person has put some of them.

Each keypoint is at one of its candidates or at none of them. What a choice is worth is the height
of its peak times how well it agrees with the shape of the project's subjects, given all other
points. All reckoning is in shape units (see `kpstudio.core.shape_model`).
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from kpstudio.core.candidates import Candidates
from kpstudio.core.plane_matrices import (
    determinants,
    diagonal_blocks,
    inverses,
    made_positive,
    products,
    squared_lengths,
    traces,
)
from kpstudio.core.shape_model import Frame, ShapeModel
from kpstudio.core.skeleton import Skeleton

_NOWHERE = -1
_NOT_SEEN = 10.0  # variance of a point of which nothing is known, in square shape units
_FIXED_DEVIATION = 0.015
_LEAST_DEVIATION, _USUAL_DEVIATION, _MOST_DEVIATION = 0.015, 0.05, 0.12
_SAME_PLACE = 0.12
_ROUNDING = 1e-7
# Points that are seen again, each of which makes rounding errors larger, until a fresh inverse.
_FRESH, _FRESH_OF_MANY, _FEW = 3, 16, 40
_MOST_ROUNDS, _ROUNDS_TOGETHER = 25, 6
_AT_ONCE = 0.5  # of the largest gain
_LEAST_GAIN = 1e-6
_FREE_POINTS = 5.0  # degrees of freedom of Student's distribution


@dataclass(frozen=True)
class JointDecodingOptions:
    """What is believed before anything is seen.

    Args:
        sharpness: Power of a peak's height in its weight.
        elsewhere: Weight of a keypoint being at none of its candidates; a peak of height 1 has 1.
        swap: Weight of left and right being exchanged, for a limb or for all.
        taken: Factor on a candidate where a person has put the keypoint's partner.
        gain: A position is offered if its expected error is less than so much of that of the
            present one.
        least: Smallest move that is offered, in shape units.
        most_error: A position whose expected error is larger is not offered: it would only have
            to be corrected once more.
    """

    sharpness: float = 2.0
    elsewhere: float = 0.05
    swap: float = 0.05
    taken: float = 0.05
    gain: float = 0.7
    least: float = 0.06
    most_error: float = 0.3


DEFAULTS = JointDecodingOptions()


@dataclass(frozen=True, eq=False)
class JointDecoding:
    """Where the keypoints are, given those that are fixed.

    Args:
        xy: (K, 2) image pixels; a fixed point is where it was fixed, and one of which the shape
            knows nothing where it was.
        error: (K,) expected distance from the truth in image pixels, NaN where unknown.
        present_error: (K,) that of the present position.
        is_changed: Which are offered: they really differ, and are expected to be better.
    """

    xy: Float[np.ndarray, "K 2"]
    error: Float[np.ndarray, " K"]
    present_error: Float[np.ndarray, " K"]
    is_changed: Bool[np.ndarray, " K"]


def decode_jointly(
    model: ShapeModel,
    skeleton: Skeleton,
    candidates: Candidates,
    present: Float[np.ndarray, "K 2"],
    is_fixed: Bool[np.ndarray, " K"],
    *,
    options: JointDecodingOptions = DEFAULTS,
) -> JointDecoding:
    """Decode the points that are not fixed once more.

    Args:
        model: Of the project's subjects.
        skeleton: Its pairs may be exchanged.
        candidates: From the prediction.
        present: Where the points are now, in image pixels; NaN where there is none, and none is
            offered.
        is_fixed: Where a person has said so: these are true.
        options: What is believed beforehand.

    Source: pictorial structures with peaks for appearance, Felzenszwalb and Huttenlocher, IJCV 61
        (2005), on a full Gaussian in place of a tree, maximised by single and joint changes
        (iterated conditional modes: Besag, JRSS B 48 (1986)).
    """
    unchanged = JointDecoding(
        present.copy(),
        np.where(is_fixed, 0.0, np.nan),
        np.where(is_fixed, 0.0, np.nan),
        np.zeros(len(present), dtype=np.bool_),
    )
    is_used = np.isfinite(present).all(axis=1) & model.is_known
    if not (is_used & ~is_fixed).any() or not is_fixed.any():
        return unchanged
    frame = model.frame_of(np.where(is_used[:, None], present, np.nan), 1.0 + 2.0 * is_fixed)
    if frame is None:
        return unchanged
    keypoints = np.flatnonzero(is_used)
    view = _View.of(model, skeleton, candidates, present, is_fixed, keypoints, frame, options)
    rough = max(
        (_Assignment(view, start).improve() for start in view.starts()),
        key=lambda each: each.log_score,
    )
    pose = np.full_like(present, np.nan)
    pose[keypoints] = frame.to_image(rough.posterior())
    frame = model.frame_of(pose) or frame
    view = _View.of(model, skeleton, candidates, present, is_fixed, keypoints, frame, options)
    found = _Assignment(view, rough.choice).improve()
    return _offered(unchanged, view, found, found.posterior(), options)


@dataclass(frozen=True, eq=False)
class _View:
    """The points in question, M of them, in shape units.

    Args:
        keypoints: Their indices.
        mean: (M, 2).
        covariance: (2M, 2M) with a free frame.
        present: (M, 2).
        is_fixed: (M,).
        places: (M, J, 2) of the candidates, 0 where there is none.
        log_weights: (M, J), minus infinity where there is none.
        log_elsewhere: (M,).
        noise: (M, 2, 2) of the candidates.
        swaps: Groups of (one, other) that are exchanged together.
        log_swap: The weight of a group.
        frame: To the image.
    """

    keypoints: Int[np.ndarray, " M"]
    mean: Float[np.ndarray, "M 2"]
    covariance: Float[np.ndarray, "D D"]
    present: Float[np.ndarray, "M 2"]
    is_fixed: Bool[np.ndarray, " M"]
    places: Float[np.ndarray, "M J 2"]
    log_weights: Float[np.ndarray, "M J"]
    log_elsewhere: Float[np.ndarray, " M"]
    noise: Float[np.ndarray, "M 2 2"]
    swaps: tuple[tuple[tuple[int, int], ...], ...]
    log_swap: float
    frame: Frame

    @classmethod
    def of(
        cls,
        model: ShapeModel,
        skeleton: Skeleton,
        candidates: Candidates,
        present: Float[np.ndarray, "K 2"],
        is_fixed: Bool[np.ndarray, " K"],
        keypoints: Int[np.ndarray, " M"],
        frame: Frame,
        options: JointDecodingOptions,
    ) -> "_View":
        at = (2 * keypoints[:, None] + np.arange(2)).ravel()
        index = np.full(len(present), -1)
        index[keypoints] = np.arange(len(keypoints))
        pairs = [
            (int(index[one]), int(index[other]))
            for one, other in skeleton.flip_pairs
            if index[one] >= 0 and index[other] >= 0
        ]
        here = frame.to_shape(present[keypoints])
        fixed = np.asarray(is_fixed[keypoints])
        places = frame.to_shape(candidates.xy[keypoints])
        heights = np.nan_to_num(candidates.heights[keypoints])
        places, heights = _with_partners(places, heights, pairs, options.swap)
        is_there = np.isfinite(places).all(axis=2) & (heights > 0)
        weights = np.where(is_there, np.clip(heights, 0, 1), 0) ** options.sharpness
        # A peak where a person has put the partner is the partner's.
        for one, other in (*pairs, *((b, a) for a, b in pairs)):
            if fixed[other] and not fixed[one]:
                distance = np.linalg.norm(places[one] - here[other], axis=1)
                weights[one, distance < _SAME_PLACE] *= options.taken
        total = weights.sum(axis=1) + options.elsewhere
        with np.errstate(divide="ignore"):
            log_weights = np.log(weights) - np.log(total)[:, None]
        return cls(
            keypoints,
            np.asarray(model.mean[keypoints]),
            model.with_free_frame()[np.ix_(at, at)],
            here,
            fixed,
            np.nan_to_num(places),
            log_weights,
            np.log(options.elsewhere / total) - np.log(_area(here)),
            _noise(frame.covariance_to_shape(candidates.covariance[keypoints])),
            _swap_groups(skeleton, pairs, index),
            float(np.log(options.swap)),
            frame,
        )

    def starts(self) -> list[Int[np.ndarray, " M"]]:
        """Two beginnings: the best candidate of all, and of the surest half only."""
        best = np.where(
            np.isfinite(self.log_weights.max(axis=1)), self.log_weights.argmax(axis=1), _NOWHERE
        )
        sure = self.log_weights.max(axis=1) - self.log_elsewhere
        free = sure[~self.is_fixed]
        return [best, np.where(sure >= np.median(free), best, _NOWHERE)]


def _area(here: NDArray[np.float64]) -> float:
    """Of where a point may be that is at none of its candidates."""
    width, height = np.ptp(here, axis=0) + 1.0
    return float(width * height)


def _noise(covariance: Float[np.ndarray, "M 2 2"]) -> Float[np.ndarray, "M 2 2"]:
    is_told = np.isfinite(covariance).all(axis=(1, 2))
    usual = _USUAL_DEVIATION**2 * np.eye(2)
    values, vectors = np.linalg.eigh(np.where(is_told[:, None, None], covariance, usual))
    values = np.clip(values, _LEAST_DEVIATION**2, _MOST_DEVIATION**2)
    return np.asarray(np.einsum("mij,mj,mkj->mik", vectors, values, vectors))


def _with_partners(
    places: Float[np.ndarray, "M J 2"],
    heights: Float[np.ndarray, "M J"],
    pairs: list[tuple[int, int]],
    weight: float,
) -> tuple[Float[np.ndarray, "M I 2"], Float[np.ndarray, "M I"]]:
    """The decoded position of the partner is a candidate, too: sides are confused most often."""
    more = np.full((len(places), 1, 2), np.nan)
    lower = np.zeros((len(places), 1))
    for one, other in (*pairs, *((b, a) for a, b in pairs)):
        more[one, 0] = places[other, 0]
        lower[one, 0] = np.sqrt(weight) * heights[other, 0]
    return np.concatenate([places, more], axis=1), np.concatenate([heights, lower], axis=1)


def _swap_groups(
    skeleton: Skeleton, pairs: list[tuple[int, int]], index: NDArray[np.int64]
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Each pair, the pairs of each limb, and all: what may be exchanged at once."""
    if not pairs:
        return ()
    limb = {one: position for position, (one, _) in enumerate(pairs)}
    of = list(range(len(pairs)))
    for a, b in skeleton.edges:
        first, second = limb.get(int(index[a])), limb.get(int(index[b]))
        if first is not None and second is not None:
            old, new = of[second], of[first]
            of = [new if each == old else each for each in of]
    limbs = {each: tuple(p for p, o in zip(pairs, of, strict=True) if o == each) for each in of}
    groups = [(pair,) for pair in pairs] + list(limbs.values()) + [tuple(pairs)]
    return tuple(dict.fromkeys(groups))


class _Assignment:
    """Which candidate each point is at, and the changes that make it likelier."""

    def __init__(self, view: _View, start: Int[np.ndarray, " M"]) -> None:
        self.view = view
        self.choice = start.copy()
        self.choice[view.is_fixed] = _NOWHERE
        self._prepare()

    def _prepare(self) -> None:
        view = self.view
        rows = np.arange(len(self.choice))
        is_somewhere = (self.choice >= 0) | view.is_fixed
        places = view.places[rows, np.maximum(self.choice, 0)]
        places = np.where(view.is_fixed[:, None], view.present, places)
        noise = np.where(
            view.is_fixed[:, None, None],
            _FIXED_DEVIATION**2 * np.eye(2),
            np.where(is_somewhere[:, None, None], view.noise, _NOT_SEEN * np.eye(2)),
        )
        self._residual = np.where(is_somewhere[:, None], places - view.mean, 0.0)
        self._noise = noise
        total = view.covariance.copy()
        count = len(rows)
        total.reshape(count, 2, count, 2)[rows, :, rows, :] += noise
        self._precision = np.linalg.inv(total)
        self._log_volume = float(np.linalg.slogdet(total)[1])
        self._seen_again = 0

    def improve(self) -> "_Assignment":
        """Make the best change as long as one is better."""
        for step in range(_MOST_ROUNDS):
            # Later one at a time: points that change together may change back together, too.
            at_once = _AT_ONCE if step < _ROUNDS_TOGETHER else 1.0
            if not (self._change_best(at_once) or self._swap()):
                break
            if self._seen_again >= (_FRESH if len(self.choice) <= _FEW else _FRESH_OF_MANY):
                self._prepare()
        self._prepare()
        return self

    def told_by_others(self) -> tuple[Float[np.ndarray, "M 2"], Float[np.ndarray, "M 2 2"]]:
        """Mean and covariance of each true position, given all other points."""
        spread = inverses(diagonal_blocks(self._precision))
        pull = (self._precision @ self._residual.ravel()).reshape(-1, 2)
        mean = self.view.mean + self._residual - products(spread, pull)
        # Taking the noise off again may leave a rounding error below zero.
        return mean, made_positive(spread - self._noise, least=_ROUNDING)

    def log_candidates(self) -> Float[np.ndarray, "M I"]:
        """What each candidate is worth, given all other points; the last is that of none."""
        mean, spread = self.told_by_others()
        log_density = _log_student(self.view.places - mean[:, None], spread + self.view.noise)
        return np.concatenate(
            [self.view.log_weights + log_density, self.view.log_elsewhere[:, None]], axis=1
        )

    @property
    def log_score(self) -> float:
        """The joint log-probability, up to a constant."""
        view, rows = self.view, np.arange(len(self.choice))
        is_free = ~view.is_fixed
        chosen = view.log_weights[rows, self.choice]
        chosen = np.where(self.choice >= 0, chosen, view.log_elsewhere)
        residual = self._residual.ravel()
        squared = float(residual @ self._precision @ residual)
        # A point of which nothing is known adds its own variance and nothing else.
        unseen = 2 * float(np.log(_NOT_SEEN)) * int((is_free & (self.choice < 0)).sum())
        volume = self._log_volume - unseen
        seen = len(rows) - int((is_free & (self.choice < 0)).sum())
        return float(chosen[is_free].sum() - (squared + volume) / 2 - seen * np.log(2 * np.pi))

    def posterior(self) -> Float[np.ndarray, "M 2"]:
        """The likeliest shape under this choice."""
        pull = self._precision @ self._residual.ravel()
        moved = (self.view.covariance @ pull).reshape(-1, 2)
        return np.asarray(self.view.mean + moved)

    def _change_best(self, at_once: float) -> bool:
        """Move the points that gain most; those that gain less may not need to afterwards."""
        worth = self.log_candidates()
        rows = np.arange(len(worth))
        best = worth.argmax(axis=1)
        gain = worth[rows, best] - worth[rows, self.choice]
        gain[self.view.is_fixed] = 0
        if gain.max() <= _LEAST_GAIN:
            return False
        for point in np.flatnonzero(gain >= at_once * gain.max()):
            target = int(best[point])
            self._put(int(point), target if target < worth.shape[1] - 1 else _NOWHERE)
        return True

    def _put(self, point: int, target: int) -> None:
        """Woodbury's identity: one point changes two rows and columns."""
        view = self.view
        noise = view.noise[point] if target >= 0 else _NOT_SEEN * np.eye(2)
        change = noise - self._noise[point]
        at = slice(2 * point, 2 * point + 2)
        if np.abs(change).max() > 0:
            self._seen_again += int(change[0, 0] < 0)
            columns = self._precision[:, at]
            inner = np.eye(2) + change @ self._precision[at, at]
            self._log_volume += float(np.log(determinants(inner)))
            self._precision = self._precision - columns @ (inverses(inner) @ change @ columns.T)
        self._noise[point] = noise
        place = view.places[point, target] - view.mean[point] if target >= 0 else np.zeros(2)
        self._residual[point] = place
        self.choice[point] = target

    def _swap(self) -> bool:
        """Exchange left and right where that is likelier for a whole group."""
        partner = self.view.places.shape[1] - 1
        best_gain, best = _LEAST_GAIN, None
        before = float(self._residual.ravel() @ self._precision @ self._residual.ravel())
        for group in self.view.swaps:
            free = [k for pair in group for k in pair if not self.view.is_fixed[k]]
            if len(free) < 2 or any(self.choice[k] < 0 for k in free):
                continue
            target = [0 if self.choice[k] == partner else partner for k in free]
            if any(
                not np.isfinite(self.view.log_weights[k, j])
                for k, j in zip(free, target, strict=True)
            ):
                continue
            residual = self._residual.copy()
            residual[free] = self.view.places[free, target] - self.view.mean[free]
            after = float(residual.ravel() @ self._precision @ residual.ravel())
            # One exchange of all is no less likely than that of one pair.
            price = self.view.log_swap if target[0] == partner else -self.view.log_swap
            gain = (before - after) / 2 + price
            if gain > best_gain:
                best_gain, best = gain, (free, target)
        if best is None:
            return False
        for point, target_index in zip(*best, strict=True):
            self._put(point, target_index)
        return True


def _offered(
    unchanged: JointDecoding,
    view: _View,
    found: _Assignment,
    shape: Float[np.ndarray, "M 2"],
    options: JointDecodingOptions,
) -> JointDecoding:
    """Positions with the error to be expected there and at present, and which are better."""
    mean, spread = found.told_by_others()
    worth = found.log_candidates()
    share = np.exp(worth - worth.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    places, variances = _fused(view, mean, spread)
    places = np.concatenate([places, mean[:, None]], axis=1)
    variances = np.concatenate([variances, traces(spread)[:, None]], axis=1)
    now = _expected_error(view.present, places, variances, share)
    new = _expected_error(shape, places, variances, share)
    moved = np.linalg.norm(shape - view.present, axis=1)
    is_better = (new < options.gain * now) & (moved > options.least) & ~view.is_fixed
    is_better &= new < options.most_error
    scale = view.frame.scale
    xy = unchanged.xy.copy()
    error, present_error = unchanged.error.copy(), unchanged.present_error.copy()
    is_changed = unchanged.is_changed.copy()
    free = view.keypoints[~view.is_fixed]
    xy[free] = view.frame.to_image(shape[~view.is_fixed])
    error[free] = scale * new[~view.is_fixed]
    present_error[free] = scale * now[~view.is_fixed]
    is_changed[view.keypoints] = is_better
    return replace(
        unchanged, xy=xy, error=error, present_error=present_error, is_changed=is_changed
    )


def _expected_error(
    at: Float[np.ndarray, "M 2"],
    places: Float[np.ndarray, "M I 2"],
    variances: Float[np.ndarray, "M I"],
    share: Float[np.ndarray, "M I"],
) -> Float[np.ndarray, " M"]:
    """Mean over the possible places of the root mean square distance from there."""
    squared = ((at[:, None] - places) ** 2).sum(axis=2) + variances
    return np.asarray((share * np.sqrt(squared)).sum(axis=1))


def _fused(
    view: _View, mean: Float[np.ndarray, "M 2"], spread: Float[np.ndarray, "M 2 2"]
) -> tuple[Float[np.ndarray, "M J 2"], Float[np.ndarray, "M J"]]:
    """Each candidate with what the other points say, and the variance that is left."""
    gain = view.noise @ inverses(spread + view.noise)
    places = view.places + products(gain[:, None], mean[:, None] - view.places)
    left = view.noise - gain @ view.noise
    return places, np.repeat(traces(left)[:, None], places.shape[1], axis=1)


def _log_student(
    offsets: Float[np.ndarray, "M J 2"], covariance: Float[np.ndarray, "M 2 2"]
) -> Float[np.ndarray, "M J"]:
    """Student's log-density in the plane: the shape of a subject is not quite Gaussian."""
    squared = squared_lengths(offsets, inverses(covariance)[:, None])
    log_volume = np.log(determinants(covariance))
    return np.asarray(
        -(_FREE_POINTS + 2) / 2 * np.log1p(squared / _FREE_POINTS)
        - log_volume[:, None] / 2
        - np.log(2 * np.pi)
    )
