"""Points and boxes that a tool keeps apart, joined to subjects by the group that they are in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton


@dataclass(frozen=True)
class PointShape:
    """One keypoint: its name, position in image pixels, visibility, and group or nothing."""

    name: str
    x: float
    y: float
    visibility: int
    group: str


@dataclass(frozen=True)
class BoxShape:
    """One box: what it is called, and its group or nothing."""

    name: str
    box: Box
    group: str


@dataclass(frozen=True, eq=False)
class GroupedSubject:
    """One subject.

    Args:
        group: Or nothing.
        xy: (K, 2) image pixels.
        visibility: (K,) 0, 1 or 2.
        box: Of its group; of the only box and the only subject of an image.
        name: Of the box.
    """

    group: str
    xy: np.ndarray
    visibility: np.ndarray
    box: Box | None = None
    name: str = ""


def join_shapes(
    where: str, points: Iterable[PointShape], boxes: Sequence[BoxShape], skeleton: Skeleton
) -> list[GroupedSubject]:
    """Subjects in the order of their first points, then those with a box only.

    Args:
        where: The file and image, as messages call them.
        points: Those that are no keypoints of the skeleton are passed over.
        boxes: Alone they are a subject where they are called as the skeleton's category.
        skeleton: The keypoints.

    Raises:
        UserProblem: A group has two points of one name.
    """
    found: dict[str, GroupedSubject] = {}
    for point in points:
        if point.name not in skeleton.keypoints:
            continue
        subject = found.setdefault(point.group, _empty(point.group, skeleton))
        index = skeleton.index(point.name)
        if subject.visibility[index]:
            raise UserProblem(
                f"{where}: there are several points “{point.name}” in one subject.",
                "Group the points of each subject, so that no name is twice in a group.",
            )
        subject.xy[index], subject.visibility[index] = (point.x, point.y), point.visibility
    subjects = list(found.values())
    if len(subjects) == len(boxes) == 1 and boxes[0].group in ("", subjects[0].group):
        return [replace(subjects[0], box=boxes[0].box, name=boxes[0].name)]
    grouped = {each.group: each for each in boxes if each.group}
    joined = [
        replace(each, box=grouped[each.group].box, name=grouped[each.group].name)
        if each.group in grouped
        else each
        for each in subjects
    ]
    alone = [
        replace(_empty(each.group, skeleton), box=each.box, name=each.name)
        for each in boxes
        if each.name == skeleton.category and (not each.group or each.group not in found)
    ]
    return joined + alone


def _empty(group: str, skeleton: Skeleton) -> GroupedSubject:
    count = len(skeleton)
    return GroupedSubject(group, np.full((count, 2), np.nan), np.zeros(count, dtype=np.int8))
