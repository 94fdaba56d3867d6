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
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset, Image, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.cvat_output import image_out, meta_out
from kpstudio.formats.cvat_shapes import (
    ATTRIBUTES,
    OF_KEYPOINTS,
    CvatShape,
    boxes_of,
    group_of,
    join_points,
    number_in,
    pair_boxes,
    positions_of,
    subject_of_points,
    subject_of_skeleton,
)
from kpstudio.formats.extra_fields import has_foreign_fields, pack_extra
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.identity import imported_id
from kpstudio.formats.image_search import ImageSearch
from kpstudio.formats.image_side import image_side
from kpstudio.formats.subjects import (
    Holds,
    drawn_box,
    receipt_of,
    subjects_to_write,
    without_frames,
)
from kpstudio.formats.text_file import read_bytes, read_head
from kpstudio.imaging.read import IMAGE_SUFFIXES

_BOX_TOLERANCE_PX = 1e-6
_SPLITS: dict[str, Split] = {"train": "train", "val": "val", "validation": "val", "test": "test"}
# Each begins at one place only, so that megabytes of nonsense take no longer than to be read.
_LINE = re.compile(r"<line[^<>]*>")
_CIRCLE = re.compile(r"<circle[^<>]*>")
_FIELD = re.compile(r'(?<![\w-])([\w-]+)="([^"]*)"')


class CvatFormat(Format):
    """An annotations.xml of CVAT."""

    title: ClassVar[str] = "CVAT XML"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".xml"

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
        # An image may be in a file twice.
        met = Counter[str]()
        for number, each in enumerate(found, start=1):
            place = _frame_file(search, each.name) if each.is_frame else search.find(each.name)
            images.append(Image(number, place, each.width, each.height, each.split, tags=each.tags))
            first = met[each.name]
            met[each.name] += len(each.shapes)
            for index, shape in enumerate(each.shapes, start=first):
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
        root.append(meta_out(dataset.skeleton, images))
        for number, each in enumerate(images):
            root.append(image_out(each, number, path, dataset.skeleton))
        ElementTree.indent(root)
        write_atomically(path, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
        held = frozenset({ATTRIBUTES, OF_KEYPOINTS})
        foreign = sum(
            has_foreign_fields(subject.extra, held) for each in images for subject in each.subjects
        )
        if foreign:
            notes += (f"{foreign} subjects have fields of another program that are not written.",)
        return receipt_of(path, images, Holds(tracks=True, extra=True), notes)


@dataclass(frozen=True, eq=False)
class _Found:
    """One image with its subjects."""

    name: str
    width: int
    height: int
    shapes: tuple[CvatShape, ...]
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
    # A LookupError: it names an encoding that there is none of.
    except (ElementTree.ParseError, ValueError, LookupError) as error:
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
        fields = dict(_FIELD.findall(circle))
        if (name := fields.get("data-label-name")) in names:
            index[fields.get("data-node-id", "")] = names.index(str(name))
    for line in _LINE.findall(svg):
        fields = dict(_FIELD.findall(line))
        ends = [index.get(fields.get(f"data-node-{end}", "")) for end in ("from", "to")]
        if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
            yield ends[0], ends[1]


def _images(path: Path, root: ElementTree.Element, skeleton: Skeleton) -> Iterator[_Found]:
    for each in root.iterfind("image"):
        name = each.get("name", "")
        where = f"{path.name}: image {name}"
        shapes = pair_boxes(
            _shapes(where, each, skeleton), boxes_of(where, each, skeleton), skeleton
        )
        yield _Found(
            name,
            image_side(int(number_in(where, each, "width", "0"))),
            image_side(int(number_in(where, each, "height", "0"))),
            tuple(shapes),
            _SPLITS.get(each.get("subset", "").lower()),
            tuple(sorted({tag.get("label", "") for tag in each.iterfind("tag")} - {""})),
        )


def _shapes(where: str, image: ElementTree.Element, skeleton: Skeleton) -> list[CvatShape]:
    found = [subject_of_skeleton(where, each, skeleton) for each in image.iterfind("skeleton")]
    whole, loose = [], []
    for each in image.iterfind("points"):
        if each.get("label", "") in skeleton.keypoints:
            loose.append(each)
        elif len(positions_of(where, each)) == len(skeleton):
            whole.append(each)
    found += [subject_of_points(where, each, skeleton) for each in whole]
    groups: dict[str, list[ElementTree.Element]] = {}
    for each in loose:
        groups.setdefault(group_of(each), []).append(each)
    found += [join_points(where, each, skeleton, group) for group, each in groups.items()]
    return found


def _video_frames(
    path: Path, root: ElementTree.Element, skeleton: Skeleton
) -> Iterator[_Found] | None:
    """The frames of tracks; None where there are none."""
    tracks = root.findall("track")
    if not tracks:
        return None
    by_frame: dict[int, list[CvatShape]] = {}
    loose: dict[tuple[int, str], list[ElementTree.Element]] = {}
    for track in tracks:
        name, label = track.get("id", ""), track.get("label", "")
        for each in track:
            if each.tag not in ("skeleton", "points"):
                continue
            frame = int(number_in(f"{path.name}: track {name}", each, "frame"))
            where = f"{path.name}: frame {frame}, track {name}"
            if each.tag == "points" and label in skeleton.keypoints:
                each.set("label", label)
                loose.setdefault((frame, group_of(track)), []).append(each)
                continue
            if each.tag == "skeleton":
                shape = subject_of_skeleton(where, each, skeleton)
            elif len(positions_of(where, each)) == len(skeleton):
                shape = subject_of_points(where, each, skeleton)
            else:
                continue
            by_frame.setdefault(frame, []).append(replace(shape, track=name))
    for (frame, group), points in loose.items():
        shape = join_points(f"{path.name}: frame {frame}", points, skeleton, group)
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
