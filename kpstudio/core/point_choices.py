"""What each keypoint of a subject may be at, and what is believed of it beforehand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.candidates import Candidates
from kpstudio.core.shape_model import Frame, ShapeModel
from kpstudio.core.shapes import Bool, Float, Int
from kpstudio.core.skeleton import Skeleton

NOWHERE = -1
_LEAST_DEVIATION, _USUAL_DEVIATION, _MOST_DEVIATION = 0.015, 0.05, 0.12
_SAME_PLACE = 0.12


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
class PointChoices:
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
    ) -> "PointChoices":
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
            np.isfinite(self.log_weights.max(axis=1)), self.log_weights.argmax(axis=1), NOWHERE
        )
        sure = self.log_weights.max(axis=1) - self.log_elsewhere
        free = sure[~self.is_fixed]
        return [best, np.where(sure >= np.median(free), best, NOWHERE)]


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
