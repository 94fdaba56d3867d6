"""What a subject usually looks like, for a picture of its skeleton."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.shapes import Float

COMMON_DIRECTION = 0.5  # length of the mean of unit vectors: 1 if all point alike
_RING, _OUTER_RING = 0.5, 0.62  # alone, and around the box from -0.5 to 0.5


def typical_pose(poses: Sequence[Float[np.ndarray, "K 2"]], count: int) -> Float[np.ndarray, "K 2"]:
    """The mean of poses that are turned, moved and scaled onto the fullest of them.

    Args:
        poses: (K, 2) in image pixels, NaN where a keypoint is not labelled.
        count: K.

    Returns:
        (K, 2) whose known keypoints fill a box from -0.5 to 0.5 on its longer side, y down, in the
        common direction of the poses where they have one; NaN for keypoints that no pose has.

    Source: Procrustes alignment without reflection; Gower, Generalized Procrustes analysis,
        Psychometrika 40 (1975), one step.
    """
    known = [_complex(pose) for pose in poses]
    known = [pose for pose in known if np.isfinite(pose).sum() > 1]
    if not known:
        return np.full((count, 2), np.nan)
    reference = max(known, key=lambda pose: (int(np.isfinite(pose).sum()), _extent(pose)))
    turns, poses_there = zip(*(_aligned(pose, reference) for pose in known), strict=True)
    aligned = np.stack(poses_there)
    is_there = np.isfinite(aligned)
    total = np.where(is_there, aligned, 0).sum(axis=0)
    number = is_there.sum(axis=0)
    mean = np.where(number > 0, total / np.maximum(number, 1), complex(np.nan, np.nan))
    # Where subjects have a common direction the picture has it, and not that of the fullest.
    direction = complex(np.mean(turns))
    if abs(direction) > COMMON_DIRECTION:
        mean = mean * np.conj(direction / abs(direction))
    xy = np.stack([mean.real, mean.imag], axis=1)
    low, high = np.nanmin(xy, axis=0), np.nanmax(xy, axis=0)
    size = float((high - low).max())
    centred: NDArray[np.float64] = (xy - (low + high) / 2) / (size if size > 0 else 1.0)
    return centred


def complete_pose(pose: Float[np.ndarray, "K 2"]) -> Float[np.ndarray, "K 2"]:
    """A pose in which every keypoint has a place: those that had none lie on a circle around it.

    Args:
        pose: (K, 2) as of `typical_pose`, NaN where nothing is known.
    """
    is_free = ~np.isfinite(pose).all(axis=1)
    radius = _RING if is_free.all() else _OUTER_RING
    angles = 2 * np.pi * np.arange(int(is_free.sum())) / max(int(is_free.sum()), 1) - np.pi / 2
    complete: NDArray[np.float64] = np.array(pose)
    complete[is_free] = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return complete


def _complex(pose: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(pose[:, 0] + 1j * pose[:, 1])


def _extent(pose: NDArray[np.complex128]) -> float:
    there = pose[np.isfinite(pose)]
    return float(max(np.ptp(there.real), np.ptp(there.imag)))


def _aligned(
    pose: NDArray[np.complex128], reference: NDArray[np.complex128]
) -> tuple[complex, NDArray[np.complex128]]:
    """How a pose is turned onto the reference, and it there; 0 and NaN where nothing tells."""
    common = np.isfinite(pose) & np.isfinite(reference)
    nowhere = np.full_like(pose, complex(np.nan, np.nan))
    if common.sum() < 2:
        return 0j, nowhere
    centre, target = pose[common].mean(), reference[common].mean()
    spread = pose[common] - centre
    power = float(np.sum(np.abs(spread) ** 2))
    if power <= 0:
        return 0j, nowhere
    turn = complex(np.sum(np.conj(spread) * (reference[common] - target)) / power)
    size = abs(turn)
    return turn / size if size > 0 else 0j, np.asarray((pose - centre) * turn + target)
