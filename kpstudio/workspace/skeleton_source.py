"""Where the keypoints of a new project may come from."""

from pathlib import Path

import msgspec

from kpstudio import formats
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton


class _LabelsFile(msgspec.Struct):
    categories: msgspec.Raw


def supplied_skeletons() -> tuple[Skeleton, ...]:
    """Those that came with kpstudio, the smallest first."""
    found = (read_skeleton(path) for path in resource_path("skeletons").glob("*.json"))
    return tuple(sorted(found, key=lambda each: (len(each), each.name)))


def skeleton_from_file(path: Path) -> Skeleton:
    """The keypoints of a skeleton file, or those that a file of labels names.

    Raises:
        UserProblem: It cannot be read, or names none.
    """
    if path.suffix.lower() != ".json" or _has_labels(path):
        return formats.read_skeleton_of(path)
    return read_skeleton(path)


def _has_labels(path: Path) -> bool:
    try:
        msgspec.json.decode(path.read_bytes(), type=_LabelsFile)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
