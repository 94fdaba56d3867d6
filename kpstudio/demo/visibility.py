"""Which keypoints of a drawn animal can be seen."""

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE
from kpstudio.core.shapes import Int
from kpstudio.demo.picture import Picture
from kpstudio.demo.pose import Pose

# Where nothing of an animal is seen for this share of its length, nobody could tell where a
# keypoint is, so it counts as not labelled.
_GUESSABLE = 0.20
_TAIL_KEYPOINTS = 2


def keypoint_visibility(
    picture: Picture, pose: Pose, *, tail: int, body: int
) -> Int[np.ndarray, " K"]:
    """What of an animal is seen in the finished picture.

    Args:
        picture: With everything painted.
        pose: Of the animal.
        tail: Order number of its tail.
        body: Order number of its body.

    Returns:
        (K,) 2 where nothing was painted over the keypoint, 1 where something was, 0 outside the
        image and deep under cover.
    """
    xy = pose.keypoints()
    order, (width, height) = picture.order, picture.size
    column, row = np.round(xy).astype(int).T
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    column, row = np.clip(column, 0, width - 1), np.clip(row, 0, height - 1)
    part = np.full(len(xy), body)
    part[-_TAIL_KEYPOINTS:] = tail
    covered = order[row, column] > part
    visibility = np.where(covered, OCCLUDED, VISIBLE)
    if covered.any():
        seen = np.argwhere((order == tail) | (order == body))[::3, ::-1]
        gaps = np.linalg.norm(xy[:, None] - seen[None], axis=2).min(axis=1, initial=np.inf)
        visibility[covered & (gaps > _GUESSABLE * pose.length)] = NOT_LABELLED
    visibility[~inside] = NOT_LABELLED
    return visibility
