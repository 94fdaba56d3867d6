"""Where the keypoints of a new project may come from."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton


class _LabelsFile(msgspec.Struct):
    categories: msgspec.Raw


def supplied_skeletons() -> tuple[Skeleton, ...]:
    """Those that came with kpstudio, the smallest first."""
    found = (read_skeleton(path) for path in resource_path("skeletons").glob("*.json"))
    return tuple(sorted(found, key=lambda each: (len(each), each.name)))


def supplied_pose(skeleton: Skeleton) -> NDArray[np.float64] | None:
    """(K, 2) what a subject of a supplied skeleton looks like, in a box from -0.5 to 0.5.

    None for a skeleton that did not come with kpstudio, or was changed.
    """
    if not any(_is_alike(skeleton, each) for each in supplied_skeletons()):
        return None
    text = resource_path("skeleton_poses.json").read_bytes()
    poses = msgspec.json.decode(text, type=dict[str, list[tuple[float, float]]])
    return np.array(poses[skeleton.name]) if skeleton.name in poses else None


def skeleton_named_in(sources: Sequence[Path]) -> Skeleton | None:
    """The keypoints that labels among these files and folders name; None where none do."""
    for source in sources:
        try:
            return skeleton_from_file(source)
        except UserProblem:
            continue
    return None


def skeleton_from_file(path: Path) -> Skeleton:
    """The keypoints of a skeleton file, or those that a file of labels names.

    Raises:
        UserProblem: It cannot be read, or names none.
    """
    if path.suffix.lower() != ".json" or _has_labels(path):
        from kpstudio import formats

        return formats.read_skeleton_of(path)
    return read_skeleton(path)


def _is_alike(one: Skeleton, other: Skeleton) -> bool:
    return (one.name, one.keypoints) == (other.name, other.keypoints)


def _has_labels(path: Path) -> bool:
    try:
        msgspec.json.decode(path.read_bytes(), type=_LabelsFile)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
