"""labelme: one JSON file for each image, with points and rectangles.

The points of a group_id are one subject, and a rectangle of the group is its box; points without a
group are one subject. The flag “occluded” of a point says that it is. Flags of the image are its
tags. labelme draws the image from 0 to its width, so that pixel edges are at integers: x in our
pixels is x - 0.5. Positions are written with all digits, exact to 1e-12 pixels or so.
Source: the fields that labelme 5 writes (github.com/wkentaro/labelme, examples), and its canvas,
which paints the pixmap at 0.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from kpstudio.core.annotation import OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.extra_fields import CATEGORY, category_of, pack_extra
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.grouped_shapes import BoxShape, PointShape, join_shapes
from kpstudio.formats.identity import imported_id
from kpstudio.formats.image_search import ImageSearch
from kpstudio.formats.image_side import image_side
from kpstudio.formats.images import natural_key
from kpstudio.formats.json_outline import outline_json
from kpstudio.formats.output_folder import OutputFolder, unique_names
from kpstudio.formats.subjects import (
    Holds,
    ImageSubjects,
    drawn_box,
    receipt_of,
    subjects_to_write,
    without_frames,
)
from kpstudio.formats.text_file import read_bytes
from kpstudio.imaging.portable_path import portable_path
from kpstudio.imaging.size import read_size

_BOX_TOLERANCE_PX = 1e-6
_OCCLUDED = "occluded"
_LOOKED_AT = 3


class _Shape(msgspec.Struct, frozen=True):
    label: str
    points: list[tuple[float, float]]
    group_id: int | str | None = None
    shape_type: str = "polygon"
    flags: dict[str, Any] | None = None


class _File(msgspec.Struct, frozen=True, rename="camel"):
    shapes: list[_Shape]
    image_path: str
    flags: dict[str, Any] | None = None
    image_height: int | None = None
    image_width: int | None = None


class LabelmeFormat(Format):
    """A folder of labelme's JSON files, or one of them."""

    title: ClassVar[str] = "labelme"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "to replace"

    def recognises(self, path: Path) -> bool:
        if not path.is_dir():
            return _is_labelme(path)
        some = (each for _, each in zip(range(_LOOKED_AT), path.glob("*.json"), strict=False))
        return any(_is_labelme(each) for each in some)

    def skeleton(self, path: Path) -> Skeleton:
        names: dict[str, None] = {}
        categories: dict[str, None] = {}
        for file in _files(path):
            for shape in _read_file(file).shapes:
                if shape.shape_type in ("point", "rectangle"):
                    (names if shape.shape_type == "point" else categories)[shape.label] = None
        if not names:
            return super().skeleton(path)
        return Skeleton(path.stem, tuple(names), category=next(iter(categories), "subject"))

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        images: list[Image] = []
        annotations: list[Annotation] = []
        for number, file in enumerate(_files(path), start=1):
            content = _read_file(file)
            place = ImageSearch(file, [content.image_path]).find(content.image_path)
            images.append(
                Image(
                    number,
                    place,
                    image_side(content.image_width),
                    image_side(content.image_height),
                    tags=tuple(sorted(k for k, is_set in (content.flags or {}).items() if is_set)),
                )
            )
            annotations += _annotations(file, content, number, skeleton)
        return Dataset(skeleton, tuple(images), tuple(annotations))

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write a folder of JSON files, which name the images where they are."""
        images, notes = without_frames(subjects_to_write(dataset, predictions), self.title)
        folder = OutputFolder(path, "labelme", [each.path for each in dataset.images])
        names = unique_names([each.image.path for each in images])
        for name, each in zip(names, images, strict=True):
            content = _file_out(each, path.absolute().resolve(), dataset.skeleton)
            data = msgspec.json.format(msgspec.json.encode(content), indent=2)
            folder.add(f"{Path(name).stem}.json", data)
        folder.commit()
        return receipt_of(path, images, Holds(), notes)


def _is_labelme(path: Path) -> bool:
    outline = outline_json(path)
    return outline.opening == "{" and bool({"shapes", "imageData"} & outline.keys)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted((each for each in path.glob("*.json") if _is_labelme(each)), key=natural_key)
    if not found:
        raise UserProblem(
            f"There are no labels of labelme in {path}.", "They are JSON files with “shapes”."
        )
    return found


def _read_file(file: Path) -> _File:
    try:
        return msgspec.json.decode(read_bytes(file), type=_File, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserProblem(
            f"{file.name} is not a file of labelme: {error}.",
            "Such a file has “shapes” and “imagePath”: save it again in labelme.",
        ) from error


def _annotations(
    file: Path, content: _File, image_id: int, skeleton: Skeleton
) -> Iterator[Annotation]:
    time = file.stat().st_mtime
    foreign = [
        each.label
        for each in content.shapes
        if each.shape_type == "point" and each.label not in skeleton.keypoints
    ]
    if foreign:
        raise UserProblem(
            f"{file.name}: the point “{foreign[0]}” is not in the skeleton “{skeleton.name}”.",
            f"The skeleton has: {', '.join(skeleton.keypoints)}.",
        )
    subjects = join_shapes(file.name, _points(file, content), _boxes(content), skeleton)
    for index, subject in enumerate(subjects):
        name = subject.name if subject.name not in ("", skeleton.category) else ""
        yield Annotation(
            id=imported_id("labelme", content.image_path, subject.group or f"-{index}"),
            image_id=image_id,
            xy=subject.xy,
            visibility=subject.visibility,
            source="import:labelme",
            time=time,
            box=drawn_box(subject.box, subject.xy, subject.visibility, _BOX_TOLERANCE_PX),
            extra=pack_extra({CATEGORY: name} if name else {}),
        )


def _group(shape: _Shape) -> str:
    return "" if shape.group_id is None else str(shape.group_id)


def _points(file: Path, content: _File) -> Iterator[PointShape]:
    for each in content.shapes:
        if each.shape_type != "point":
            continue
        if len(each.points) != 1:
            raise UserProblem(
                f"{file.name}: the point “{each.label}” has {len(each.points)} positions.",
                "A point has one: draw it again in labelme.",
            )
        ((x, y),) = each.points
        visibility = OCCLUDED if (each.flags or {}).get(_OCCLUDED) else VISIBLE
        yield PointShape(each.label, x - 0.5, y - 0.5, visibility, _group(each))


def _boxes(content: _File) -> list[BoxShape]:
    found = []
    for each in content.shapes:
        if each.shape_type == "rectangle" and len(each.points) == 2:
            (x1, y1), (x2, y2) = each.points
            left, top = min(x1, x2), min(y1, y2)
            box = Box(left - 0.5, top - 0.5, abs(x2 - x1), abs(y2 - y1))
            found.append(BoxShape(each.label, box, _group(each)))
    return found


def _file_out(each: ImageSubjects, folder: Path, skeleton: Skeleton) -> dict[str, Any]:
    image = each.image
    width, height = (image.width, image.height) if image.width else read_size(image.path)
    shapes = []
    for group, subject in enumerate(each.subjects, start=1):
        label = category_of(subject.extra) or skeleton.category
        if (box := subject.box) is not None:
            corners = [[box.x, box.y], [box.x + box.width, box.y + box.height]]
            shapes.append(_shape_out(label, corners, group, "rectangle"))
        for name, xy, v in zip(
            skeleton.keypoints, subject.xy.tolist(), subject.visibility.tolist(), strict=True
        ):
            if v:
                flags = {_OCCLUDED: True} if v == OCCLUDED else {}
                shapes.append(_shape_out(name, [xy], group, "point", flags))
    return {
        "version": "5.4.1",
        "flags": dict.fromkeys(image.tags, True),
        "shapes": shapes,
        "imagePath": portable_path(image.path, folder),
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }


def _shape_out(
    label: str,
    points: list[list[float]],
    group: int,
    shape_type: str,
    flags: dict[str, bool] | None = None,
) -> dict[str, Any]:
    return {
        "label": label,
        "points": [[x + 0.5, y + 0.5] for x, y in points],
        "group_id": group,
        "description": "",
        "shape_type": shape_type,
        "flags": flags or {},
    }
