"""A subject between two images in which it is labelled."""

from dataclasses import replace

import numpy as np

from kpstudio.core.annotation import INTERPOLATED, NOT_LABELLED, Annotation, new_annotation_id
from kpstudio.core.geometry import Box


def between(start: Annotation, end: Annotation, share: float, image_id: int) -> Annotation:
    """The annotation of an image between two others: every keypoint goes straight and evenly.

    Args:
        start: In the first image.
        end: The same subject in the last.
        share: How far the image is from the first to the last, 0 to 1.
        image_id: Of the image.

    Returns:
        An annotation with the keypoints that both have; one is as visible as in the image where it
        is less so.
    """
    both = start.is_labelled & end.is_labelled
    box = None
    if start.box is not None and end.box is not None:
        corners = [(1 - share) * a + share * b for a, b in _sides(start.box, end.box)]
        box = Box(*corners)
    return Annotation(
        new_annotation_id(),
        image_id,
        np.where(both[:, None], (1 - share) * start.xy + share * end.xy, np.nan),
        np.where(both, np.minimum(start.visibility, end.visibility), NOT_LABELLED),
        source=INTERPOLATED,
        box=box,
        track=start.track,
    )


def at_positions(annotation: Annotation, xy: np.ndarray) -> Annotation:
    """The same with keypoints elsewhere; those without a position (NaN) are not labelled.

    Args:
        annotation: That tells which are visible.
        xy: (K, 2) image pixels.
    """
    is_there = np.isfinite(xy).all(axis=1)
    return replace(
        annotation, xy=xy, visibility=np.where(is_there, annotation.visibility, NOT_LABELLED)
    )


def _sides(a: Box, b: Box) -> list[tuple[float, float]]:
    return [(a.x, b.x), (a.y, b.y), (a.width, b.width), (a.height, b.height)]
