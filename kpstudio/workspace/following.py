"""A subject followed through the images between two labels, or from one on."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.annotation import PROPAGATED, Annotation, new_annotation_id
from kpstudio.core.dataset import Image
from kpstudio.core.interpolation import at_positions, between
from kpstudio.imaging.optical_flow import follow, likeness
from kpstudio.imaging.pixels import read_pixels
from kpstudio.workspace.frames import Gap

Report = Callable[[int, int], None]

# A keypoint has drifted when it does not come back so near to where it was, as a share of the
# subject's longer side and in image pixels, or does not look like itself any more.
DRIFT_SHARE, DRIFT_PX = 0.03, 1.5
LEAST_LIKENESS = 0.5
# Of the keypoints, which may drift before the subject has.
MOST_DRIFTED = 1 / 3


def interpolated(gap: Gap, *, uses_flow: bool, report: Report) -> list[Annotation]:
    """The subject in every image inside a gap.

    Args:
        gap: With an end.
        uses_flow: Follow the keypoints in the images from both ends, and take the straight way only
            where they are lost.
        report: Is told how far it is.

    Raises:
        UserProblem: An image cannot be read.
    """
    assert gap.end is not None
    inside, shares = gap.images[1:-1], gap.shares
    straight = [
        between(gap.start, gap.end, share, image.id)
        for share, image in zip(shares, inside, strict=True)
    ]
    if not uses_flow:
        return straight
    forth = _positions(gap.images[:-1], gap.start.xy, lambda n, of: report(n, 2 * of))
    back = _positions(gap.images[:0:-1], gap.end.xy, lambda n, of: report(n + of, 2 * of))[::-1]
    return [
        at_positions(each, _blended(each.xy, a, b, share))
        for each, a, b, share in zip(straight, forth, back, shares, strict=True)
    ]


def propagated(images: Sequence[Image], start: Annotation, *, report: Report) -> list[Annotation]:
    """The subject in the images after one, as far as its keypoints are surely the same.

    Args:
        images: The one with the subject, then those that follow.
        start: The subject in the first.
        report: Is told how far it is.

    Raises:
        UserProblem: An image cannot be read.
    """
    first = old = read_pixels(images[0].path, images[0].frame)
    is_labelled = start.is_labelled
    xy = np.where(is_labelled[:, None], start.xy, np.nan)
    extent = float(np.ptp(start.xy[is_labelled], axis=0).max()) if is_labelled.any() else 0.0
    tolerance = max(DRIFT_PX, DRIFT_SHARE * extent)
    side = int(np.clip(extent / 5, 9, 31)) | 1
    found: list[Annotation] = []
    for count, image in enumerate(images[1:], start=1):
        report(count, len(images))
        new = read_pixels(image.path, image.frame)
        if new.shape != old.shape:
            break
        followed = follow(old, new, xy)
        alike = likeness(first, start.xy, new, followed.xy, side=side)
        height, width = new.shape[:2]
        is_kept = (
            (followed.errors <= tolerance)
            & (alike >= LEAST_LIKENESS)
            & (followed.xy > -0.5).all(axis=1)
            & (followed.xy < (width - 0.5, height - 0.5)).all(axis=1)
        )
        if is_kept.sum() < (1 - MOST_DRIFTED) * is_labelled.sum() or not is_kept.any():
            break
        xy = np.where(is_kept[:, None], followed.xy, np.nan)
        fresh = replace(
            start,
            id=new_annotation_id(),
            image_id=image.id,
            source=PROPAGATED,
            extra="",
            box=None,
        )
        found.append(at_positions(fresh, xy))
        old = new
    return found


def _positions(
    images: Sequence[Image], xy: NDArray[np.float64], report: Report
) -> list[NDArray[np.float64]]:
    """(K, 2) in every image after the first."""
    old = read_pixels(images[0].path, images[0].frame)
    found = []
    for count, image in enumerate(images[1:], start=1):
        report(count, len(images))
        new = read_pixels(image.path, image.frame)
        xy = follow(old, new, xy).xy if new.shape == old.shape else np.full_like(xy, np.nan)
        found.append(xy)
        old = new
    return found


def _blended(
    straight: NDArray[np.float64],
    forth: NDArray[np.float64],
    back: NDArray[np.float64],
    share: float,
) -> NDArray[np.float64]:
    """The nearer end counts more; where one was lost the other counts, else the straight way."""
    a = np.isfinite(forth).all(axis=1, keepdims=True)
    b = np.isfinite(back).all(axis=1, keepdims=True)
    both = np.where(a & b, (1 - share) * forth + share * back, np.where(a, forth, back))
    return np.where((a | b) & np.isfinite(straight), both, straight)
