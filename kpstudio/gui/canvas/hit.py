"""What lies under the cursor: pure geometry, no window needed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.geometry import Box


def nearest_keypoint(
    poses: Sequence[NDArray[np.float64]], position: tuple[float, float], *, radius: float
) -> tuple[int, int] | None:
    """The keypoint nearest to a position.

    Args:
        poses: Per subject (K, 2) image pixels, NaN where there is nothing.
        position: (x, y) image pixels.
        radius: Greatest distance that counts, image pixels.

    Returns:
        (subject, keypoint), or None. Of equally near ones the last, which is drawn on top.
    """
    if not len(poses):
        return None
    away = np.stack(poses) - np.asarray(position)
    squares = np.nan_to_num((away * away).sum(axis=2), nan=np.inf)
    if not squares.size or squares.min() > radius * radius:
        return None
    nearest = int(np.flatnonzero(squares.ravel() == squares.min())[-1])
    return nearest // squares.shape[1], nearest % squares.shape[1]


def nearest_edge(
    poses: Sequence[NDArray[np.float64]],
    edges: Sequence[tuple[int, int]],
    position: tuple[float, float],
    *,
    radius: float,
) -> int | None:
    """The subject with an edge nearest to a position, or None.

    Args:
        poses: Per subject (K, 2) image pixels, NaN where there is nothing.
        edges: Pairs of keypoint indices.
        position: (x, y) image pixels.
        radius: Greatest distance that counts, image pixels.
    """
    best: int | None = None
    best_distance = radius
    target = np.asarray(position)
    for subject, pose in enumerate(poses):
        for start, end in edges:
            a, b = pose[start], pose[end]
            if not (np.isfinite(a).all() and np.isfinite(b).all()):
                continue
            along = b - a
            length = float(along @ along)
            share = float(np.clip((target - a) @ along / length, 0, 1)) if length else 0.0
            distance = float(np.linalg.norm(target - a - share * along))
            if distance <= best_distance:
                best, best_distance = subject, distance
    return best


def nearest_outline(
    boxes: Sequence[Box | None], position: tuple[float, float], *, radius: float
) -> int | None:
    """The subject whose box has its outline nearest to a position, or None.

    Args:
        boxes: One per subject, image pixels; None where it has none.
        position: (x, y) image pixels.
        radius: Greatest distance that counts, image pixels.
    """
    best: int | None = None
    best_distance = radius
    for subject, box in enumerate(boxes):
        if box is None:
            continue
        low, high = box.corners()[[0, 2]]
        beyond = np.maximum(np.maximum(low - position, position - high), 0)
        inside = float(np.minimum(position - low, high - position).min())
        distance = max(inside, 0.0) or float(np.linalg.norm(beyond))
        if distance <= best_distance:
            best, best_distance = subject, distance
    return best
