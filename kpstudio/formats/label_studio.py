"""Label Studio: a JSON list of tasks, each with an image and regions in percent of it.

Regions of `keypointlabels` whose parentID is the same region of `rectanglelabels` are one subject
with this box; points without a parent are one subject. 0 and 100 percent are the borders of the
image, so that x in our pixels is percent * width / 100 - 0.5. Label Studio has no visibility: the
text “occluded” in the meta information of a region says that a point is. Of a task with several
annotations the first that was not cancelled is read. Positions are exact to 1e-9 pixels or so.
Source: labelstud.io/guide/task_format, labelstud.io/tags/keypointlabels and /tags/rectanglelabels.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, unquote, urlsplit

import msgspec

from kpstudio.core.annotation import OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.atomic_file import write_atomically
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
from kpstudio.formats.json_outline import outline_json
from kpstudio.formats.subjects import (
    Holds,
    ImageSubjects,
    Subject,
    drawn_box,
    receipt_of,
    subjects_to_write,
    without_frames,
)
from kpstudio.formats.text_file import read_bytes
from kpstudio.imaging.portable_path import portable_path
from kpstudio.imaging.read import IMAGE_SUFFIXES
from kpstudio.imaging.size import read_size

_BOX_TOLERANCE_PX = 1e-6
_OCCLUDED = "occluded"
_UPLOAD_MARK = re.compile(r"^[0-9a-f]{8}-")
_POINT_SIZE_PERCENT = 0.5


class _Value(msgspec.Struct, frozen=True):
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    rotation: float = 0
    keypointlabels: list[str] = []
    rectanglelabels: list[str] = []


class _Region(msgspec.Struct, frozen=True):
    type: str = ""
    id: str = ""
    value: _Value = _Value()
    parent: str | None = msgspec.field(default=None, name="parentID")
    original_width: int | None = None
    original_height: int | None = None
    meta: dict[str, Any] = {}


class _Answer(msgspec.Struct, frozen=True):
    result: list[_Region] = []
    was_cancelled: bool = False


class _Task(msgspec.Struct, frozen=True):
    data: dict[str, Any]
    id: int | str = ""
    annotations: list[_Answer] = []
    completions: list[_Answer] = []


class LabelStudioFormat(Format):
    """An export of Label Studio as JSON."""

    title: ClassVar[str] = "Label Studio"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".json"

    def recognises(self, path: Path) -> bool:
        outline = outline_json(path)
        marks = {"annotations", "completions", "predictions", "data"}
        return outline.opening == "[" and bool(marks & outline.keys)

    def skeleton(self, path: Path) -> Skeleton:
        regions = [each for task in _read_tasks(path) for each in _regions(task)]
        names = dict.fromkeys(each.value.keypointlabels[0] for each in regions if _is_point(each))
        boxes = [each.value.rectanglelabels[0] for each in regions if each.value.rectanglelabels]
        if not names:
            return super().skeleton(path)
        return Skeleton(path.stem, tuple(names), category=boxes[0] if boxes else "subject")

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        tasks = _read_tasks(path)
        names = [_image_name(path, number, task) for number, task in enumerate(tasks, start=1)]
        search = ImageSearch(path, names)
        images, annotations = [], []
        for number, (name, task) in enumerate(zip(names, tasks, strict=True), start=1):
            where = f"{path.name}, task {task.id or number}"
            place = _image_file(search, name)
            width, height = _size(where, place, _regions(task))
            images.append(Image(number, place, width, height))
            for each in _subjects(where, task, width, height, skeleton):
                annotations.append((number, name, each))
        time = path.stat().st_mtime
        # A task may be in a file twice.
        times = Counter[tuple[str, object]]()
        ids = []
        for _, name, (key, _) in annotations:
            times[name, key] += 1
            again = f" {times[name, key]}" if times[name, key] > 1 else ""
            ids.append(imported_id("label_studio", name, f"{key}{again}"))
        return Dataset(
            skeleton,
            tuple(images),
            tuple(
                Annotation(
                    id=id,
                    image_id=number,
                    xy=subject.xy,
                    visibility=subject.visibility,
                    source="import:label_studio",
                    time=time,
                    box=subject.box,
                    extra=subject.extra,
                )
                for id, (number, _, (_, subject)) in zip(ids, annotations, strict=True)
            ),
        )

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write tasks with annotations, or with predictions as Label Studio imports them."""
        images, notes = without_frames(subjects_to_write(dataset, predictions), self.title)
        folder = path.absolute().parent.resolve()
        tasks = [
            _task_out(each, number, folder, dataset.skeleton, predictions is not None)
            for number, each in enumerate(images, start=1)
        ]
        write_atomically(path, msgspec.json.format(msgspec.json.encode(tasks), indent=1))
        return receipt_of(path, images, Holds(scores=True), notes)


def _read_tasks(path: Path) -> list[_Task]:
    try:
        return msgspec.json.decode(read_bytes(path), type=list[_Task], strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserProblem(
            f"{path.name} is not a JSON export of Label Studio: {error}.",
            "Export the project as “JSON”, not as “JSON-MIN” or “CSV”.",
        ) from error


def _regions(task: _Task) -> list[_Region]:
    answers = (each for each in (*task.annotations, *task.completions) if not each.was_cancelled)
    return next((each.result for each in answers), [])


def _is_point(region: _Region) -> bool:
    return region.type == "keypointlabels" and bool(region.value.keypointlabels)


def _image_name(path: Path, number: int, task: _Task) -> str:
    """The path in the address of the image."""
    texts = [str(value) for value in task.data.values() if isinstance(value, str)]
    addresses = [text for text in texts if PurePosixPath(text).suffix.lower() in IMAGE_SUFFIXES]
    if not addresses:
        raise UserProblem(
            f"{path.name}, task {task.id or number}: its data names no image.",
            f"The fields are: {', '.join(task.data) or 'none'}. kpstudio reads tasks with images.",
        )
    parts = urlsplit(addresses[0])
    local = parse_qs(parts.query).get("d")
    if local:
        return local[0]
    has_scheme = len(parts.scheme) > 1
    return unquote(parts.path).lstrip("/") if has_scheme else unquote(addresses[0])


def _image_file(search: ImageSearch, name: str) -> Path:
    """Uploaded images are known by a name with eight digits before it."""
    expected = search.find(name)
    if expected.is_file():
        return expected
    last = PurePosixPath(name.replace("\\", "/")).name
    for form in dict.fromkeys((last, _UPLOAD_MARK.sub("", last))):
        for root in search.roots:
            if (root / form).is_file():
                return root / form
    return search.root / last if name.startswith("/data/") else expected


def _size(where: str, place: Path, regions: list[_Region]) -> tuple[int, int]:
    for each in regions:
        size = image_side(each.original_width), image_side(each.original_height)
        if all(size):
            return size
    try:
        return read_size(place)
    except UserProblem:
        if not regions:
            return 0, 0
        raise UserProblem(
            f"{where}: the size of {place.name} is not known, because it is not there and"
            " original_width is missing.",
            f"Regions are in percent of the image: put it at {place}.",
        ) from None


def _subjects(
    where: str, task: _Task, width: int, height: int, skeleton: Skeleton
) -> Iterator[tuple[str, Subject]]:
    regions = _regions(task)
    points = [_point(where, each, width, height, skeleton) for each in regions if _is_point(each)]
    boxes = [
        _box(where, each, width, height)
        for each in regions
        if each.type == "rectanglelabels" and each.value.rectanglelabels
    ]
    for index, each in enumerate(join_shapes(where, points, boxes, skeleton)):
        name = each.name if each.name not in ("", skeleton.category) else ""
        yield (
            each.group or f"-{index}",
            Subject(
                each.xy,
                each.visibility,
                drawn_box(each.box, each.xy, each.visibility, _BOX_TOLERANCE_PX),
                extra=pack_extra({CATEGORY: name} if name else {}),
            ),
        )


def _point(where: str, region: _Region, width: int, height: int, skeleton: Skeleton) -> PointShape:
    name, value = region.value.keypointlabels[0], region.value
    if name not in skeleton.keypoints:
        raise UserProblem(
            f"{where}: the point “{name}” is not in the skeleton “{skeleton.name}”.",
            f"The skeleton has: {', '.join(skeleton.keypoints)}.",
        )
    if value.x is None or value.y is None:
        raise UserProblem(f"{where}: the point “{name}” has no x or y.", "Export it again.")
    x, y = value.x * width / 100 - 0.5, value.y * height / 100 - 0.5
    _refuse_endless(f"{where}: the point “{name}”", x, y)
    visibility = OCCLUDED if _OCCLUDED in (region.meta.get("text") or []) else VISIBLE
    return PointShape(name, x, y, visibility, region.parent or "")


def _box(where: str, region: _Region, width: int, height: int) -> BoxShape:
    value = region.value
    sides = (value.x, value.y, value.width, value.height)
    if value.rotation or None in sides:
        raise UserProblem(
            f"{where}: the rectangle {region.id} is turned or has no place.",
            "kpstudio has upright boxes: draw it again without rotation.",
        )
    x, y, w, h = (float(side or 0) for side in sides)
    box = Box(x * width / 100 - 0.5, y * height / 100 - 0.5, w * width / 100, h * height / 100)
    _refuse_endless(f"{where}: the rectangle {region.id}", box.x, box.y, box.width, box.height)
    return BoxShape(value.rectanglelabels[0], box, region.id)


def _refuse_endless(what: str, *places: float) -> None:
    if not all(map(math.isfinite, places)):
        raise UserProblem(f"{what} is infinitely far away.", "Correct its x and y, in percent.")


def _task_out(
    each: ImageSubjects, number: int, folder: Path, skeleton: Skeleton, is_predicted: bool
) -> dict[str, Any]:
    image = each.image
    size = (image.width, image.height) if image.width else read_size(image.path)
    name = quote(portable_path(image.path, folder))
    result = [
        region
        for index, subject in enumerate(each.subjects, start=1)
        for region in _regions_out(subject, f"s{index}", size, skeleton)
    ]
    answer: dict[str, Any] = {"result": result}
    scores = [subject.score for subject in each.subjects if subject.score is not None]
    if is_predicted:
        answer |= {"model_version": "kpstudio", "score": max(scores, default=0.0)}
    return {
        "id": number,
        "data": {"image": f"/data/local-files/?d={name}"},
        "predictions" if is_predicted else "annotations": [answer],
    }


def _regions_out(
    subject: Subject, key: str, size: tuple[int, int], skeleton: Skeleton
) -> Iterator[dict[str, Any]]:
    """The box, which every subject needs for its points to belong together, and the points."""
    width, height = size
    shared = {
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
    }
    box = subject.written_box()
    assert box is not None
    yield (
        shared
        | {
            "id": key,
            "from_name": "box",
            "type": "rectanglelabels",
            "value": {
                "x": (box.x + 0.5) * 100 / width,
                "y": (box.y + 0.5) * 100 / height,
                "width": box.width * 100 / width,
                "height": box.height * 100 / height,
                "rotation": 0,
                "rectanglelabels": [category_of(subject.extra) or skeleton.category],
            },
        }
        | ({} if subject.score is None else {"score": subject.score})
    )
    for index, name in enumerate(skeleton.keypoints):
        if not subject.visibility[index]:
            continue
        x, y = subject.xy[index].tolist()
        point: dict[str, Any] = shared | {
            "id": f"{key}k{index + 1}",
            "parentID": key,
            "from_name": "keypoint",
            "type": "keypointlabels",
            "value": {
                "x": (x + 0.5) * 100 / width,
                "y": (y + 0.5) * 100 / height,
                "width": _POINT_SIZE_PERCENT,
                "keypointlabels": [name],
            },
        }
        if subject.visibility[index] == OCCLUDED:
            point["meta"] = {"text": [_OCCLUDED]}
        if subject.scores is not None:
            point["score"] = float(subject.scores[index])
        yield point
