"""CVAT's XML as it is written: labels, images and their subjects."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.cvat_shapes import ATTRIBUTES, OF_KEYPOINTS, TRACK
from kpstudio.formats.extra_fields import category_of, unpack_extra
from kpstudio.formats.subjects import (
    ImageSubjects,
    Subject,
)
from kpstudio.imaging.portable_path import portable_path
from kpstudio.imaging.size import read_size


def meta_out(skeleton: Skeleton, images: Sequence[ImageSubjects]) -> ElementTree.Element:
    meta = ElementTree.Element("meta")
    task = ElementTree.SubElement(meta, "task")
    for name, text in (("name", skeleton.name), ("size", str(len(images))), ("mode", "annotation")):
        ElementTree.SubElement(task, name).text = text
    labels = ElementTree.SubElement(task, "labels")
    for category in _categories(skeleton, images):
        label = ElementTree.SubElement(labels, "label")
        ElementTree.SubElement(label, "name").text = category
        ElementTree.SubElement(label, "type").text = "skeleton"
        ElementTree.SubElement(label, "svg").text = _svg(skeleton)
        for keypoint in skeleton.keypoints:
            part = ElementTree.SubElement(labels, "label")
            ElementTree.SubElement(part, "name").text = keypoint
            ElementTree.SubElement(part, "type").text = "points"
            ElementTree.SubElement(part, "parent").text = category
    return meta


def _categories(skeleton: Skeleton, images: Sequence[ImageSubjects]) -> list[str]:
    foreign = {category_of(subject.extra) for each in images for subject in each.subjects}
    return [skeleton.category, *sorted(foreign - {"", skeleton.category})]


def _svg(skeleton: Skeleton) -> str:
    """The keypoints on a circle: CVAT wants to know how a new skeleton looks."""
    lines, circles = [], []
    angles = 2 * np.pi * np.arange(len(skeleton)) / len(skeleton)
    places = [(50 + 40 * np.sin(angle), 50 - 40 * np.cos(angle)) for angle in angles]
    for a, b in skeleton.edges:
        line = ElementTree.Element("line")
        for name, value in zip(("x1", "y1", "x2", "y2"), (*places[a], *places[b]), strict=True):
            line.set(name, f"{value:.3f}")
        line.set("data-type", "edge")
        line.set("data-node-from", str(a + 1))
        line.set("data-node-to", str(b + 1))
        lines.append(ElementTree.tostring(line, encoding="unicode"))
    for number, (name, (x, y)) in enumerate(zip(skeleton.keypoints, places, strict=True), start=1):
        circle = ElementTree.Element("circle", r="0.75", cx=f"{x:.3f}", cy=f"{y:.3f}")
        circle.set("data-type", "element node")
        circle.set("data-element-id", str(number))
        circle.set("data-node-id", str(number))
        circle.set("data-label-name", name)
        circles.append(ElementTree.tostring(circle, encoding="unicode"))
    return "".join(lines + circles)


def image_out(
    each: ImageSubjects, number: int, path: Path, skeleton: Skeleton
) -> ElementTree.Element:
    image = each.image
    width, height = (image.width, image.height) if image.width else read_size(image.path)
    name = portable_path(image.path, path.absolute().parent.resolve())
    out = ElementTree.Element(
        "image", id=str(number), name=name, width=str(width), height=str(height)
    )
    if image.split:
        out.set("subset", image.split)
    for tag in image.tags:
        ElementTree.SubElement(out, "tag", label=tag, source="manual")
    for group, subject in enumerate(each.subjects, start=1):
        _subject_out(out, subject, str(group), skeleton)
    return out


def _subject_out(
    image: ElementTree.Element, subject: Subject, group: str, skeleton: Skeleton
) -> None:
    fields = unpack_extra(subject.extra)
    label = category_of(subject.extra) or skeleton.category
    source = "manual" if subject.score is None else "auto"
    attributes = _text_fields(fields.get(ATTRIBUTES)) | (
        {TRACK: subject.track} if subject.track else {}
    )
    shared = {"label": label, "source": source, "z_order": "0", "group_id": group}
    if subject.visibility.any():
        of_keypoints = _fields_of(fields.get(OF_KEYPOINTS))
        out = ElementTree.SubElement(image, "skeleton", shared)
        for name, (x, y), v in zip(
            skeleton.keypoints, subject.xy.tolist(), subject.visibility.tolist(), strict=True
        ):
            point = ElementTree.SubElement(
                out,
                "points",
                label=name,
                source=source,
                outside=str(int(v == NOT_LABELLED)),
                occluded=str(int(v == OCCLUDED)),
                points=f"{x + 0.5!r},{y + 0.5!r}" if v else "0.0,0.0",
            )
            _attributes_out(point, _text_fields(of_keypoints.get(name)))
        _attributes_out(out, attributes)
    if (box := subject.box) is not None:
        corners = (box.x, box.y, box.x + box.width, box.y + box.height)
        out = ElementTree.SubElement(image, "box", shared | {"occluded": "0"})
        for side, value in zip(("xtl", "ytl", "xbr", "ybr"), corners, strict=True):
            out.set(side, repr(value + 0.5))
        if not subject.visibility.any():
            _attributes_out(out, attributes)


def _attributes_out(element: ElementTree.Element, attributes: dict[str, str]) -> None:
    for name, text in attributes.items():
        ElementTree.SubElement(element, "attribute", name=name).text = text


def _fields_of(raw: msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    return unpack_extra(bytes(raw).decode()) if raw is not None else {}


def _text_fields(raw: msgspec.Raw | None) -> dict[str, str]:
    """Values that are no text, as other formats have them, as JSON."""
    texts = {}
    for name, value in _fields_of(raw).items():
        decoded = msgspec.json.decode(value)
        texts[name] = decoded if isinstance(decoded, str) else bytes(value).decode()
    return texts
