"""The shapes in CVAT's XML as subjects, in image pixels."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.matching import keypoint_order

TRACK = "track_id"
ATTRIBUTES = "attributes"
OF_KEYPOINTS = "keypoint_attributes"
"""Fields of `extra`, and the attribute in which a track is written."""


@dataclass(frozen=True, eq=False)
class CvatShape:
    """One subject of an image."""

    xy: np.ndarray
    visibility: np.ndarray
    group: str = ""
    box: Box | None = None
    track: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def group_of(element: ElementTree.Element) -> str:
    group = element.get("group_id", "")
    return "" if group == "0" else group


def subject_of_skeleton(where: str, element: ElementTree.Element, skeleton: Skeleton) -> CvatShape:
    points = element.findall("points")
    keypoint_order(where, [each.get("label", "") for each in points], skeleton)
    return replace(
        join_points(where, points, skeleton, group_of(element)), **_about(element, points)
    )


def _about(element: ElementTree.Element, points: Iterable[ElementTree.Element]) -> dict[str, Any]:
    """Track and extra of a subject, from its attributes."""
    attributes = _attributes(element)
    track = attributes.pop(TRACK, "")
    of_keypoints = {each.get("label", ""): _attributes(each) for each in points}
    of_keypoints = {name: fields for name, fields in of_keypoints.items() if fields}
    extra: dict[str, Any] = {ATTRIBUTES: attributes} if attributes else {}
    if of_keypoints:
        extra[OF_KEYPOINTS] = of_keypoints
    return {"track": track, "extra": extra}


def _attributes(element: ElementTree.Element) -> dict[str, str]:
    return {each.get("name", ""): each.text or "" for each in element.iterfind("attribute")}


def join_points(
    where: str, points: list[ElementTree.Element], skeleton: Skeleton, group: str
) -> CvatShape:
    """One subject of elements that have a keypoint's name as their label."""
    xy = np.full((len(skeleton), 2), np.nan)
    visibility = np.zeros(len(skeleton), dtype=np.int8)
    seen = set()
    for each in points:
        label = each.get("label", "")
        if label in seen:
            raise UserProblem(
                f"{where}: there are several points “{label}” in one subject.",
                "Group the points of each subject in CVAT (G), or label them as skeletons.",
            )
        seen.add(label)
        index = skeleton.index(label)
        visibility[index] = _visibility(each)
        if visibility[index]:
            positions = positions_of(where, each)
            if len(positions) != 1:
                raise UserProblem(
                    f"{where}: the shape “{label}” has {len(positions)} points.",
                    "A keypoint is one point: split the shape.",
                )
            xy[index] = positions[0]
    return CvatShape(xy, visibility, group)


def subject_of_points(where: str, element: ElementTree.Element, skeleton: Skeleton) -> CvatShape:
    xy = np.array(positions_of(where, element))
    shape = CvatShape(xy, np.full(len(skeleton), _visibility(element)), group_of(element))
    return replace(shape, **_about(element, ()))


def _visibility(element: ElementTree.Element) -> int:
    if element.get("outside", "0") == "1":
        return NOT_LABELLED
    return OCCLUDED if element.get("occluded", "0") == "1" else VISIBLE


def positions_of(where: str, element: ElementTree.Element) -> list[tuple[float, float]]:
    written = element.get("points", "")
    try:
        pairs = [tuple(float(word) for word in pair.split(",")) for pair in written.split(";")]
        if all(len(pair) == 2 and np.isfinite(pair).all() for pair in pairs):
            return [(pair[0] - 0.5, pair[1] - 0.5) for pair in pairs]
    except ValueError:
        pass
    raise UserProblem(
        f"{where}: the points “{written}” of “{element.get('label', '')}” are not x,y.",
        "Export the task again from CVAT, or correct them.",
    )


def number_in(where: str, element: ElementTree.Element, name: str, default: str = "") -> float:
    written = element.get(name, default)
    try:
        value = float(written)
        if np.isfinite(value):
            return value
    except ValueError:
        pass
    raise UserProblem(
        f"{where}: {name} of <{element.tag}> is “{written}”, which is not a number.",
        "Export the task again from CVAT, or correct it.",
    )


def boxes_of(
    where: str, image: ElementTree.Element, skeleton: Skeleton
) -> list[tuple[str, str, CvatShape]]:
    """Label, group, and a subject that has nothing but the box."""
    found = []
    for each in image.iterfind("box"):
        left, top, right, bottom = (
            number_in(where, each, name) for name in ("xtl", "ytl", "xbr", "ybr")
        )
        empty = np.full((len(skeleton), 2), np.nan)
        shape = CvatShape(
            empty,
            np.zeros(len(skeleton), dtype=np.int8),
            box=Box(left - 0.5, top - 0.5, right - left, bottom - top),
        )
        shape = replace(shape, **_about(each, ()))
        found.append((each.get("label", ""), group_of(each), shape))
    return found


def pair_boxes(
    shapes: list[CvatShape], boxes: list[tuple[str, str, CvatShape]], skeleton: Skeleton
) -> list[CvatShape]:
    if len(shapes) == len(boxes) == 1 and boxes[0][1] in ("", shapes[0].group):
        return [replace(shapes[0], box=boxes[0][2].box)]
    grouped = {group: shape.box for _, group, shape in boxes if group}
    found = [replace(each, box=grouped.pop(each.group, None)) for each in shapes]
    alone = [
        shape
        for label, group, shape in boxes
        if label == skeleton.category and (not group or group in grouped)
    ]
    return found + alone
