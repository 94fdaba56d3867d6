"""Decodes the keypoints of a subject together, knowing where a person has put some of them.

Each keypoint is at one of its candidates or at none of them. What a choice is worth is the height
of its peak times how well it agrees with the shape of the project's subjects, given all other
points. All reckoning is in shape units (see `kpstudio.core.shape_model`).
"""

from dataclasses import dataclass, replace

import numpy as np

from kpstudio.core.assignment import Assignment
from kpstudio.core.candidates import Candidates
from kpstudio.core.plane_matrices import inverses, products, traces
from kpstudio.core.point_choices import JointDecodingOptions, PointChoices
from kpstudio.core.shape_model import ShapeModel
from kpstudio.core.shapes import Bool, Float
from kpstudio.core.skeleton import Skeleton

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
    view = PointChoices.of(
        model, skeleton, candidates, present, is_fixed, keypoints, frame, options
    )
    rough = max(
        (Assignment(view, start).improve() for start in view.starts()),
        key=lambda each: each.log_score,
    )
    pose = np.full_like(present, np.nan)
    pose[keypoints] = frame.to_image(rough.posterior())
    frame = model.frame_of(pose) or frame
    view = PointChoices.of(
        model, skeleton, candidates, present, is_fixed, keypoints, frame, options
    )
    found = Assignment(view, rough.choice).improve()
    return _offered(unchanged, view, found, found.posterior(), options)


def _offered(
    unchanged: JointDecoding,
    view: PointChoices,
    found: Assignment,
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
    view: PointChoices, mean: Float[np.ndarray, "M 2"], spread: Float[np.ndarray, "M 2 2"]
) -> tuple[Float[np.ndarray, "M J 2"], Float[np.ndarray, "M J"]]:
    """Each candidate with what the other points say, and the variance that is left."""
    gain = view.noise @ inverses(spread + view.noise)
    places = view.places + products(gain[:, None], mean[:, None] - view.places)
    left = view.noise - gain @ view.noise
    return places, np.repeat(traces(left)[:, None], places.shape[1], axis=1)
