"""Which point of the image a file calls (0, 0), guessed from the numbers that occur.

Ours is the centre of the first pixel. Others count pixels from 1, measure from the corner of the
image, or write shares of its width and height.
"""

import numpy as np

from kpstudio.formats.checks.finding import Finding, counted, some
from kpstudio.formats.checks.stacked_annotations import StackedAnnotations

_FEWEST = 20
_FEWEST_SHARES = 6
_NEARLY_ALL = 0.95
_SMALLEST_IMAGE_PX = 16


def check_offset(stacked: StackedAnnotations) -> list[Finding]:
    """A suspicion with its reason, and the offset that would cure it; or nothing."""
    is_used = stacked.is_labelled & np.isfinite(stacked.sizes[:, :1])
    places = np.argwhere(is_used)
    xy, sizes = stacked.xy[is_used], stacked.sizes[places[:, 0]]
    if len(xy) < _FEWEST_SHARES:
        return []
    if xy.min() >= -0.5 and xy.max() <= 1.5 and sizes.min() >= _SMALLEST_IMAGE_PX:
        return [
            Finding(
                "error",
                "shares",
                f"All {len(xy):,} positions lie between {xy.min():.2g} and"
                f" {xy.max():.2g}: they are shares of the width and height, not pixels.",
                "Multiply x by the width and y by the height of each image, then import.",
                len(xy),
                some(stacked.keypoint_names(places[:3].tolist())),
            )
        ]
    if len(xy) < _FEWEST:
        return []
    return _check_pixels(stacked, xy, sizes, places)


def _check_pixels(
    stacked: StackedAnnotations, xy: np.ndarray, sizes: np.ndarray, places: np.ndarray
) -> list[Finding]:
    low = float(xy.min())
    at_end = (xy == sizes).any(axis=1)
    ends = int(at_end.sum())
    is_inside = bool((xy <= sizes).all())
    examples = some(stacked.keypoint_names(places[at_end].tolist()))
    if np.mean(np.mod(xy, 1) == 0.5) >= _NEARLY_ALL:
        return [
            _finding(
                "pixel_corner",
                f"Nearly all {len(xy):,} positions end in .5: the centre of the first"
                " pixel is called (0.5, 0.5) here, and (0, 0) in kpstudio.",
                0.5,
                len(xy),
                some(stacked.keypoint_names(places[:3].tolist())),
            )
        ]
    if low == 1 and ends and is_inside:
        return [
            _finding(
                "one_based",
                "Pixels seem to be counted from 1: the smallest of"
                f" {len(xy):,} positions is exactly 1, never 0, and"
                f" {counted(ends, 'reaches', 'reach')} the full width or height.",
                1,
                ends,
                examples,
            )
        ]
    is_whole = np.mean(np.mod(xy, 1) == 0) >= _NEARLY_ALL
    if low >= 0 and is_inside and ends >= (1 if is_whole else 2):
        return [
            _finding(
                "pixel_edges",
                "Positions seem to be measured from the corner of the image:"
                f" {counted(ends, 'lies', 'lie')} exactly at the full width or height, and none"
                " below 0.",
                0.5,
                ends,
                examples,
            )
        ]
    return []


def _finding(kind: str, message: str, by: float, count: int, examples: tuple[str, ...]) -> Finding:
    return Finding(
        "warning",
        kind,
        message,
        f"If so, all positions should be moved by −{by:g} pixel in x and y.",
        count,
        examples,
        (-by, -by),
    )
