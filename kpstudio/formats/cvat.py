"""CVAT's XML 1.1, for images and for videos.

    <image id="0" name="a.png" width="31" height="17" subset="train">
      <skeleton label="newt" source="manual" z_order="0" group_id="1">
        <points label="snout" outside="0" occluded="1" points="1.50,2.50"/>
      </skeleton>
      <box label="newt" occluded="0" xtl="0" ytl="1" xbr="13" ybr="15" group_id="1"/>
    </image>

Keypoints are skeletons, points of one label each that a group joins (without groups they are one
subject), or one shape of as many points as the skeleton has. “outside” is not labelled. A box
belongs to the subject of its group; where there are only one of each, to that.

CVAT counts from the corner of the image, so that pixel edges are at integers: the last pixel of an
image of 1920 ends at 1920. Source: docs.cvat.ai/docs/other/xml_format, and github.com/cvat-ai/cvat
issue 9973 for the corner. Positions are written with all digits, exact to 1e-12 pixels or so.

A file for videos names no images: its frames are looked for as frame_000000.png and the like. Only
points and skeletons of its tracks are read.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset, Image, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.extra_fields import category_of, pack_extra, unpack_extra
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.identity import imported_id
from kpstudio.formats.image_search import ImageSearch
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.subjects import (
    Holds,
    ImageSubjects,
    Subject,
    drawn_box,
    receipt_of,
    subjects_to_write,
    without_frames,
)
from kpstudio.formats.text_file import read_bytes, read_head
from kpstudio.imaging.portable_path import portable_path
from kpstudio.imaging.read import IMAGE_SUFFIXES
from kpstudio.imaging.size import read_size

_TRACK = "track_id"
_ATTRIBUTES = "attributes"
_OF_KEYPOINTS = "keypoint_attributes"
_BOX_TOLERANCE_PX = 1e-6
_SPLITS: dict[str, Split] = {"train": "train", "val": "val", "validation": "val", "test": "test"}
_LINE = re.compile(r"<line[^>]*>")
_CIRCLE = re.compile(r"<circle[^>]*>")


class CvatFormat(Format):
    """An annotations.xml of CVAT."""

    title: ClassVar[str] = "CVAT XML"
    can_write: ClassVar[bool] = True

    def recognises(self, path: Path) -> bool:
        return path.suffix.lower() == ".xml" and b"<annotations" in read_head(path, 2048)

    def skeleton(self, path: Path) -> Skeleton:
        labels = _labels(_read_xml(path))
        subject = next((each for each in labels if each.type == "skeleton"), None)
        parts = [each for each in labels if subject is not None and each.parent == subject.name]
        if subject is None or not parts:
            parts = [each for each in labels if each.type == "points"]
        if not parts:
            return super().skeleton(path)
        names = tuple(each.name for each in parts)
        category = subject.name if subject else "subject"
        edges = tuple(_edges(subject.svg, names)) if subject else ()
        return Skeleton(category, names, edges, category=category)

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        root = _read_xml(path)
        found = list(_video_frames(path, root, skeleton) or _images(path, root, skeleton))
        if not found:
            raise UserProblem(
                f"{path.name} has neither images nor tracks.", "Export the task again from CVAT."
            )
        search = ImageSearch(path, (each.name for each in found))
        time = path.stat().st_mtime
        images, annotations = [], []
        for number, each in enumerate(found, start=1):
            place = _frame_file(search, each.name) if each.is_frame else search.find(each.name)
            images.append(Image(number, place, each.width, each.height, each.split, tags=each.tags))
            for index, shape in enumerate(each.shapes):
                if not shape.visibility.any() and shape.box is None:
                    continue
                annotations.append(
                    Annotation(
                        id=imported_id("cvat", each.name, index),
                        image_id=number,
                        xy=shape.xy,
                        visibility=shape.visibility,
                        source="import:cvat",
                        time=time,
                        box=drawn_box(shape.box, shape.xy, shape.visibility, _BOX_TOLERANCE_PX),
                        track=shape.track,
                        extra=pack_extra(shape.extra),
                    )
                )
        return Dataset(skeleton, tuple(images), tuple(annotations))

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write a file for images, in which a track is an attribute."""
        images, notes = without_frames(subjects_to_write(dataset, predictions), self.title)
        root = ElementTree.Element("annotations")
        ElementTree.SubElement(root, "version").text = "1.1"
        root.append(_meta_out(dataset.skeleton, images))
        for number, each in enumerate(images):
            root.append(_image_out(each, number, path, dataset.skeleton))
        ElementTree.indent(root)
        write_atomically(path, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
        ours = {_ATTRIBUTES, _OF_KEYPOINTS, "category"}
        foreign = sum(
            bool(unpack_extra(subject.extra).keys() - ours)
            for each in images
            for subject in each.subjects
        )
        if foreign:
            notes += (f"{foreign} subjects have fields of another program that are not written.",)
        return receipt_of(path, images, Holds(tracks=True, extra=True), notes)


@dataclass(frozen=True, eq=False)
class _Shape:
    """One subject of an image."""

    xy: np.ndarray
    visibility: np.ndarray
    group: str = ""
    box: Box | None = None
    track: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Found:
    """One image with its subjects."""

    name: str
    width: int
    height: int
    shapes: tuple[_Shape, ...]
    split: Split | None = None
    tags: tuple[str, ...] = ()
    is_frame: bool = False


@dataclass(frozen=True)
class _Label:
    name: str
    type: str
    parent: str
    svg: str


def _read_xml(path: Path) -> ElementTree.Element:
    data = read_bytes(path)
    try:
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise ElementTree.ParseError("it defines entities of its own")
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError) as error:
        raise UserProblem(
            f"{path.name} is not XML of CVAT: {error}.", "Export the task again from CVAT."
        ) from error
    if root.tag != "annotations":
        raise UserProblem(
            f"{path.name} is not XML of CVAT: it begins with <{root.tag}>.",
            "Export the task as “CVAT for images 1.1” or “CVAT for video 1.1”.",
        )
    return root


def _labels(root: ElementTree.Element) -> list[_Label]:
    return [
        _Label(
            each.findtext("name", "").strip(),
            each.findtext("type", "").strip(),
            each.findtext("parent", "").strip(),
            each.findtext("svg", ""),
        )
        for each in root.iterfind("meta//labels/label")
    ]


def _edges(svg: str, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    index = {}
    for circle in _CIRCLE.findall(svg):
        fields = dict(re.findall(r'([\w-]+)="([^"]*)"', circle))
        if (name := fields.get("data-label-name")) in names:
            index[fields.get("data-node-id", "")] = names.index(str(name))
    for line in _LINE.findall(svg):
        fields = dict(re.findall(r'([\w-]+)="([^"]*)"', line))
        ends = [index.get(fields.get(f"data-node-{end}", "")) for end in ("from", "to")]
        if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
            yield ends[0], ends[1]


def _images(path: Path, root: ElementTree.Element, skeleton: Skeleton) -> Iterator[_Found]:
    for each in root.iterfind("image"):
        name = each.get("name", "")
        where = f"{path.name}: image {name}"
        shapes = _paired(_shapes(where, each, skeleton), _boxes(where, each, skeleton), skeleton)
        yield _Found(
            name,
            int(_number(where, each, "width", "0")),
            int(_number(where, each, "height", "0")),
            tuple(shapes),
            _SPLITS.get(each.get("subset", "").lower()),
            tuple(sorted({tag.get("label", "") for tag in each.iterfind("tag")} - {""})),
        )


def _shapes(where: str, image: ElementTree.Element, skeleton: Skeleton) -> list[_Shape]:
    found = [_of_skeleton(where, each, skeleton) for each in image.iterfind("skeleton")]
    whole, loose = [], []
    for each in image.iterfind("points"):
        if each.get("label", "") in skeleton.keypoints:
            loose.append(each)
        elif len(_positions(where, each)) == len(skeleton):
            whole.append(each)
    found += [_of_points(where, each, skeleton) for each in whole]
    groups: dict[str, list[ElementTree.Element]] = {}
    for each in loose:
        groups.setdefault(_group(each), []).append(each)
    found += [_joined(where, each, skeleton, group) for group, each in groups.items()]
    return found


def _group(element: ElementTree.Element) -> str:
    group = element.get("group_id", "")
    return "" if group == "0" else group


def _of_skeleton(where: str, element: ElementTree.Element, skeleton: Skeleton) -> _Shape:
    points = element.findall("points")
    keypoint_order(where, [each.get("label", "") for each in points], skeleton)
    return replace(_joined(where, points, skeleton, _group(element)), **_about(element, points))


def _about(element: ElementTree.Element, points: Iterable[ElementTree.Element]) -> dict[str, Any]:
    """Track and extra of a subject, from its attributes."""
    attributes = _attributes(element)
    track = attributes.pop(_TRACK, "")
    of_keypoints = {each.get("label", ""): _attributes(each) for each in points}
    of_keypoints = {name: fields for name, fields in of_keypoints.items() if fields}
    extra: dict[str, Any] = {_ATTRIBUTES: attributes} if attributes else {}
    if of_keypoints:
        extra[_OF_KEYPOINTS] = of_keypoints
    return {"track": track, "extra": extra}


def _attributes(element: ElementTree.Element) -> dict[str, str]:
    return {each.get("name", ""): each.text or "" for each in element.iterfind("attribute")}


def _joined(
    where: str, points: list[ElementTree.Element], skeleton: Skeleton, group: str
) -> _Shape:
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
            positions = _positions(where, each)
            if len(positions) != 1:
                raise UserProblem(
                    f"{where}: the shape “{label}” has {len(positions)} points.",
                    "A keypoint is one point: split the shape.",
                )
            xy[index] = positions[0]
    return _Shape(xy, visibility, group)


def _of_points(where: str, element: ElementTree.Element, skeleton: Skeleton) -> _Shape:
    xy = np.array(_positions(where, element))
    shape = _Shape(xy, np.full(len(skeleton), _visibility(element)), _group(element))
    return replace(shape, **_about(element, ()))


def _visibility(element: ElementTree.Element) -> int:
    if element.get("outside", "0") == "1":
        return NOT_LABELLED
    return OCCLUDED if element.get("occluded", "0") == "1" else VISIBLE


def _positions(where: str, element: ElementTree.Element) -> list[tuple[float, float]]:
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


def _number(where: str, element: ElementTree.Element, name: str, default: str = "") -> float:
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


def _boxes(
    where: str, image: ElementTree.Element, skeleton: Skeleton
) -> list[tuple[str, str, _Shape]]:
    """Label, group, and a subject that has nothing but the box."""
    found = []
    for each in image.iterfind("box"):
        left, top, right, bottom = (
            _number(where, each, name) for name in ("xtl", "ytl", "xbr", "ybr")
        )
        empty = np.full((len(skeleton), 2), np.nan)
        shape = _Shape(
            empty,
            np.zeros(len(skeleton), dtype=np.int8),
            box=Box(left - 0.5, top - 0.5, right - left, bottom - top),
        )
        shape = replace(shape, **_about(each, ()))
        found.append((each.get("label", ""), _group(each), shape))
    return found


def _paired(
    shapes: list[_Shape], boxes: list[tuple[str, str, _Shape]], skeleton: Skeleton
) -> list[_Shape]:
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


def _video_frames(
    path: Path, root: ElementTree.Element, skeleton: Skeleton
) -> Iterator[_Found] | None:
    """The frames of tracks; None where there are none."""
    tracks = root.findall("track")
    if not tracks:
        return None
    by_frame: dict[int, list[_Shape]] = {}
    loose: dict[tuple[int, str], list[ElementTree.Element]] = {}
    for track in tracks:
        name, label = track.get("id", ""), track.get("label", "")
        for each in track:
            if each.tag not in ("skeleton", "points"):
                continue
            frame = int(_number(f"{path.name}: track {name}", each, "frame"))
            where = f"{path.name}: frame {frame}, track {name}"
            if each.tag == "points" and label in skeleton.keypoints:
                each.set("label", label)
                loose.setdefault((frame, _group(track)), []).append(each)
                continue
            if each.tag == "skeleton":
                shape = _of_skeleton(where, each, skeleton)
            elif len(_positions(where, each)) == len(skeleton):
                shape = _of_points(where, each, skeleton)
            else:
                continue
            by_frame.setdefault(frame, []).append(replace(shape, track=name))
    for (frame, group), points in loose.items():
        shape = _joined(f"{path.name}: frame {frame}", points, skeleton, group)
        by_frame.setdefault(frame, []).append(replace(shape, track=group))
    size = root.find("meta//original_size")
    width, height = (
        int(size.findtext(name, "0")) if size is not None else 0 for name in ("width", "height")
    )
    return (
        _Found(f"frame_{frame:06d}", width, height, tuple(by_frame[frame]), is_frame=True)
        for frame in sorted(by_frame)
    )


def _frame_file(search: ImageSearch, name: str) -> Path:
    """Older versions of CVAT write the suffix of frames in capitals."""
    suffixes = [form for each in sorted(IMAGE_SUFFIXES) for form in (each, each.upper())]
    for folder in search.roots:
        for suffix in suffixes:
            if (folder / f"{name}{suffix}").is_file():
                return folder / f"{name}{suffix}"
    return search.root / f"{name}.png"


def _meta_out(skeleton: Skeleton, images: Sequence[ImageSubjects]) -> ElementTree.Element:
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


def _image_out(
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
    attributes = _text_fields(fields.get(_ATTRIBUTES)) | (
        {_TRACK: subject.track} if subject.track else {}
    )
    shared = {"label": label, "source": source, "z_order": "0", "group_id": group}
    if subject.visibility.any():
        of_keypoints = _fields_of(fields.get(_OF_KEYPOINTS))
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
