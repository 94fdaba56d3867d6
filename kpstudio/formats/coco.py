"""COCO keypoints: one JSON file with images, annotations and categories.

Positions and boxes are written in the frame of kpstudio, which is that of COCO's integer labels:
pixel centres at integers. Floats are written with all their digits. What a file says besides goes
into `extra` of images and annotations and is written again, their numbers included. A crowd is not
one subject, so its annotations are kept with their image.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, Annotation, Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.coco_file import (
    CocoAnnotation,
    CocoCategory,
    CocoImage,
    CocoReader,
    encode_coco_file,
    read_coco_file,
)
from kpstudio.formats.coco_ids import choose_ids
from kpstudio.formats.coco_output import (
    AREA,
    CROWDS,
    ID,
    annotation_out,
    categories_out,
    crowds_out,
    image_out,
    name_of,
)
from kpstudio.formats.extra_fields import CATEGORY, pack_extra
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.identity import imported_id
from kpstudio.formats.image_search import ImageSearch
from kpstudio.formats.image_side import image_side
from kpstudio.formats.json_outline import outline_json
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.subjects import (
    Holds,
    boxes_around,
    receipt_of,
    subjects_to_write,
)
from kpstudio.formats.whole_body import (
    PARTS,
    is_body_of,
    settle_visibility,
    whole_body_skeleton,
)
from kpstudio.imaging.portable_path import PortablePaths

_OF_IMAGE = frozenset(CocoImage.__struct_fields__) - {ID}
_OF_ANNOTATION = frozenset(CocoAnnotation.__struct_fields__) | {"num_keypoints"}
_DERIVED = _OF_ANNOTATION - {ID, AREA}
_OTHER_OBJECTS = frozenset({"shapes", "imagePath", "imageData"})
_OTHER_LISTS = frozenset({"image_id", "data", "annotations", "completions", "predictions"})


class CocoFormat(Format):
    """A COCO keypoints file."""

    title: ClassVar[str] = "COCO keypoints"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".json"

    def recognises(self, path: Path) -> bool:
        if path.suffix.lower() != ".json" or not path.is_file():
            return False
        outline = outline_json(path)
        return not outline.keys & (_OTHER_LISTS if outline.opening == "[" else _OTHER_OBJECTS)

    def skeleton(self, path: Path) -> Skeleton:
        file = read_coco_file(path)
        category = _with_keypoints(path, file.categories)[0]
        whole = whole_body_skeleton()
        if is_body_of(category.keypoints, whole.keypoints) and _has_parts(path, file.annotations):
            return whole
        return Skeleton(
            name=category.name,
            keypoints=tuple(category.keypoints),
            edges=_edges(category),
            category=category.name,
        )

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        file = read_coco_file(path)
        categories = _fitting_categories(path, file.categories, skeleton)
        listed_categories = {each.id for each in file.categories}
        reader = CocoReader(path.name)
        listed = [reader.image(raw, n) for n, raw in enumerate(file.images, start=1)]
        names = {each.id: each.file_name for each in listed}
        crowds: dict[int, list[msgspec.Raw]] = {}
        rows = []
        values = array("d")
        for number, raw in enumerate(file.annotations, start=1):
            each = reader.annotation(raw, number)
            if each.category_id not in categories:
                _refuse_unlisted(path, each, listed_categories)
                continue
            if each.image_id not in names:
                raise UserProblem(
                    f"{path.name}: annotation {each.id} is in image {each.image_id}, which the"
                    " file does not list.",
                    "Export the file again, or remove the annotation.",
                )
            if each.iscrowd:
                crowds.setdefault(each.image_id, []).append(raw)
                continue
            fields, category = reader.fields(raw), categories[each.category_id]
            values.extend(_keypoint_values(reader, each, fields, category, path.name))
            extra = _kept_fields(each, fields, category)
            rows.append((each, category, names[each.image_id], extra))
        if not any(each.keypoints for each in file.categories) and not any(values):
            # Of boxes or outlines, which have no names either.
            _with_keypoints(path, file.categories)
        annotations = _read_annotations(rows, np.frombuffer(values), path, len(skeleton))
        images = _read_images(path, reader, file.images, listed, crowds)
        return Dataset(skeleton, images, annotations)

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write the labelled images with their annotations, or all images with predictions."""
        images = subjects_to_write(dataset, predictions)
        categories = categories_out(dataset.skeleton, images)
        numbers = {category.name: category.id for category in reversed(categories)}
        image_ids = choose_ids([(each.image.extra, each.image.id) for each in images])
        subjects = [(each, subject) for each in images for subject in each.subjects]
        annotation_ids = choose_ids([(subject.extra, None) for _, subject in subjects])
        id_of_image = dict(zip((each.image.id for each in images), image_ids, strict=True))
        annotations = [
            annotation_out(
                subject, number, id_of_image[each.image.id], numbers[name_of(subject, dataset)]
            )
            for (each, subject), number in zip(subjects, annotation_ids, strict=True)
        ]
        annotations += crowds_out(images, id_of_image, categories[0].id, annotation_ids)
        paths = PortablePaths(path.absolute().parent.resolve())
        data = encode_coco_file(
            [
                image_out(each.image, paths, number)
                for each, number in zip(images, image_ids, strict=True)
            ],
            annotations,
            categories,
        )
        write_atomically(path, data)
        return receipt_of(path, images, Holds(tracks=True, extra=True, scores=True))


@dataclass(frozen=True)
class _Category:
    """One that fits the skeleton.

    Args:
        order: For each keypoint of the skeleton its place in the file.
        count: How many keypoints an annotation has in `keypoints`.
        parts: Whether the other keypoints of COCO-WholeBody follow in fields of their own.
        kept_name: Its name where the file has several that fit.
    """

    order: list[int]
    count: int
    parts: bool = False
    kept_name: str = ""


def _fitting_categories(
    path: Path, categories: list[CocoCategory], skeleton: Skeleton
) -> dict[int, _Category]:
    """By number; those without names fit by their number of keypoints."""
    if categories and not any(each.keypoints for each in categories):
        order = list(range(len(skeleton)))
        return {each.id: _Category(order, len(order)) for each in categories}
    named = _with_keypoints(path, categories)
    fitting = [each for each in named if set(each.keypoints) == set(skeleton.keypoints)]
    bodies = [each for each in named if is_body_of(each.keypoints, skeleton.keypoints)]
    if not fitting and bodies:
        names = [*bodies[0].keypoints, *whole_body_skeleton().keypoints[len(bodies[0].keypoints) :]]
        order = keypoint_order(path.name, names, skeleton)
        return {bodies[0].id: _Category(order, len(bodies[0].keypoints), parts=True)}
    if not fitting and len(named) > 1:
        listed = ", ".join(f"{each.name} ({len(each.keypoints)})" for each in named)
        raise UserProblem(
            f"{path.name}: no category has the keypoints of the skeleton “{skeleton.name}”.",
            f"The categories, with their numbers of keypoints, are: {listed}. The skeleton has:"
            f" {', '.join(skeleton.keypoints)}.",
        )
    return {
        each.id: _Category(
            keypoint_order(path.name, each.keypoints, skeleton),
            len(each.keypoints),
            kept_name=each.name if len(fitting) > 1 else "",
        )
        for each in fitting or named
    }


def _with_keypoints(path: Path, categories: list[CocoCategory]) -> list[CocoCategory]:
    found = [each for each in categories if each.keypoints]
    if not found:
        raise UserProblem(
            f"{path.name} does not say what its keypoints are called: it has no category with"
            " keypoints.",
            "Make the project with a skeleton file of as many keypoints, then import the labels"
            " into it. A COCO file of boxes or captions cannot be used.",
        )
    return found


def _refuse_unlisted(path: Path, annotation: CocoAnnotation, categories: set[int]) -> None:
    if annotation.category_id not in categories:
        raise UserProblem(
            f"{path.name}: annotation {annotation.id} is of category {annotation.category_id},"
            " which the file does not list.",
            "Add the category to “categories”, or export the file again.",
        )


def _edges(category: CocoCategory) -> tuple[tuple[int, int], ...]:
    """Files of other programs count from 0, or name edges of keypoints that they do not have."""
    count = len(category.keypoints)
    numbers = [number for edge in category.skeleton for number in edge]
    first = 0 if numbers and min(numbers) == 0 and max(numbers) < count else 1
    edges = ((a - first, b - first) for a, b in category.skeleton)
    return tuple((a, b) for a, b in edges if a != b and min(a, b) >= 0 and max(a, b) < count)


def _has_parts(path: Path, annotations: list[msgspec.Raw]) -> bool:
    reader = CocoReader(path.name)
    return bool(annotations) and reader.fields(annotations[0]).keys() >= PARTS.keys()


def _read_annotations(
    rows: list[tuple[CocoAnnotation, _Category, str, str]],
    values: np.ndarray,
    path: Path,
    keypoints: int,
) -> tuple[Annotation, ...]:
    """Without those that have neither a labelled keypoint nor a box.

    Args:
        rows: What the file says, the category, the name of the image and the packed other fields.
        values: x, y and visibility of all keypoints of all rows in turn.
        path: Of the file.
        keypoints: Of each row.
    """
    # All at once, because numpy takes microseconds for each call and there may be a million.
    triples = values.reshape(len(rows), keypoints, 3)
    wrong = np.flatnonzero((~np.isin(triples[:, :, 2], (0, 1, 2))).any(axis=1))
    if wrong.size:
        raise _wrong_keypoints(path.name, rows[wrong[0]][0].id, keypoints, 3 * keypoints)
    order = np.array([row[1].order for row in rows], dtype=int).reshape(len(rows), keypoints, 1)
    triples = np.take_along_axis(triples, order, axis=1)
    visibility = triples[:, :, 2].astype(np.int8)
    is_labelled = visibility > NOT_LABELLED
    has_any: list[bool] = np.any(is_labelled, axis=1).tolist()
    xy = np.where(is_labelled[:, :, None], triples[:, :, :2], np.nan)
    derived = boxes_around(xy, visibility).tolist()
    time = path.stat().st_mtime
    found = []
    met = Counter[tuple[str, int]]()
    for number, (written, _, file_name, extra) in enumerate(rows):
        box = None
        if written.bbox is not None and [*written.bbox] != derived[number]:
            box = Box(*written.bbox)
        if not has_any[number] and (box is None or min(box.width, box.height) <= 0):
            continue
        # Files that were put together without care have a number twice.
        met[file_name, written.id] += 1
        again = met[file_name, written.id]
        subject = written.id if again == 1 else f"{written.id} again {again}"
        found.append(
            Annotation(
                id=imported_id("coco", file_name, subject),
                image_id=written.image_id,
                xy=xy[number],
                visibility=visibility[number],
                source="import:coco",
                time=time,
                box=box,
                track="" if written.track_id is None else str(written.track_id),
                extra=extra,
            )
        )
    return tuple(found)


def _kept_fields(
    written: CocoAnnotation, fields: dict[str, msgspec.Raw], category: _Category
) -> str:
    kept = {key: value for key, value in fields.items() if key not in _DERIVED}
    if category.parts:
        kept = {key: value for key, value in kept.items() if key not in PARTS}
    if written.area is not None and _is_area_of(written.area, written.bbox):
        del kept[AREA]
    if category.kept_name:
        kept[CATEGORY] = msgspec.Raw(msgspec.json.encode(category.kept_name))
    return pack_extra(kept)


def _is_area_of(area: float, bbox: tuple[float, float, float, float] | None) -> bool:
    return bbox is not None and area == bbox[2] * bbox[3]


def _keypoint_values(
    reader: CocoReader,
    each: CocoAnnotation,
    fields: dict[str, msgspec.Raw],
    category: _Category,
    file: str,
) -> list[float]:
    values = reader.keypoints(each.keypoints, each.id) or [0.0] * (3 * category.count)
    expected = category.count
    if category.parts and len(values) == 3 * expected:
        for name, count in PARTS.items():
            part = reader.keypoints(fields[name], each.id) if name in fields else []
            values += _settled(part or [0.0] * (3 * count))
        expected = len(category.order)
    if len(values) != 3 * expected:
        raise _wrong_keypoints(file, each.id, expected, len(values))
    return values


def _wrong_keypoints(file: str, annotation_id: int, expected: int, found: int) -> UserProblem:
    return UserProblem(
        f"{file}: the keypoints of annotation {annotation_id} are not {expected} times x, y and a"
        " visibility of 0, 1 or 2.",
        f"There are {found} numbers. Export the file again, correct the annotation, or use a"
        " skeleton of as many keypoints.",
    )


def _settled(part: list[float]) -> list[float]:
    part[2::3] = [settle_visibility(value) for value in part[2::3]]
    return part


def _read_images(
    path: Path,
    reader: CocoReader,
    raws: list[msgspec.Raw],
    images: list[CocoImage],
    crowds: dict[int, list[msgspec.Raw]],
) -> tuple[Image, ...]:
    repeated = [
        number for number, count in Counter(each.id for each in images).items() if count > 1
    ]
    if repeated:
        raise UserProblem(
            f"{path.name}: {len(repeated)} image numbers occur twice, the first is {repeated[0]}.",
            "Each image needs an id of its own: export the file again.",
        )
    search = ImageSearch(path, (each.file_name for each in images), _roots_of_coco(path))
    found = []
    for each, raw in zip(images, raws, strict=True):
        kept: dict[str, Any] = {
            key: value for key, value in reader.fields(raw).items() if key not in _OF_IMAGE
        }
        if each.id in crowds:
            kept[CROWDS] = crowds[each.id]
        found.append(
            Image(
                each.id,
                search.find(each.file_name),
                image_side(each.width),
                image_side(each.height),
                each.split if each.split in ("train", "val", "test") else None,
                frame=each.video_frame,
                extra=pack_extra(kept),
            )
        )
    return tuple(found)


def _roots_of_coco(path: Path) -> list[Path]:
    """COCO's own layout. Anywhere else a neighbour may hold other images of the same names."""
    folder = path.absolute().parent.resolve()
    if folder.name != "annotations":
        return []
    return [folder.parent, *sorted(each for each in folder.parent.iterdir() if each.is_dir())]
