"""YOLO-Pose: data.yaml, and for each image a text file with a line per subject.

    class x_centre y_centre width height x1 y1 v1 x2 y2 v2 ...

All are fractions of the image's width and height, counted from the corner of the image: pixel edges
are at integers there, so x in our pixels is fraction * width - 0.5. The visibility is COCO's; files
with two numbers for each keypoint leave it out, and 0 0 is a keypoint that is not labelled.
Positions are written with 12 digits: 1e-9 pixels of an image of 1000.
Source: the dataset formats that docs.ultralytics.com/datasets/pose describes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import yaml

from kpstudio.core.annotation import NOT_LABELLED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.extra_fields import CATEGORY, category_of, pack_extra
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.identity import imported_id
from kpstudio.formats.images import image_files, images_with_sizes, natural_key
from kpstudio.formats.output_folder import OutputFolder, unique_names
from kpstudio.formats.subjects import (
    Holds,
    ImageSubjects,
    Subject,
    box_around,
    receipt_of,
    subjects_to_write,
    without_frames,
)
from kpstudio.formats.text_file import read_text
from kpstudio.formats.yolo_settings import (
    SPLITS,
    YoloSettings,
    flip_pairs,
    order_of_keypoints,
    read_settings,
    settings_file,
)
from kpstudio.imaging.size import read_size

_UNSPLIT = "unsplit"
_BOX_TOLERANCE = 1e-9


class YoloFormat(Format):
    """A YOLO-Pose data set: its data.yaml, or the folder in which that is."""

    title: ClassVar[str] = "YOLO-Pose"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "to replace"

    def recognises(self, path: Path) -> bool:
        return settings_file(path) is not None

    def skeleton(self, path: Path) -> Skeleton:
        settings = read_settings(path)
        if settings.keypoints is None:
            return super().skeleton(settings.file)
        return Skeleton(
            name=settings.classes[0] if settings.classes else settings.file.parent.name,
            keypoints=tuple(settings.keypoints),
            flip_pairs=tuple(flip_pairs(settings.keypoints, settings.flip)),
            category=settings.classes[0] if settings.classes else "subject",
        )

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        settings = read_settings(path)
        order = order_of_keypoints(settings, skeleton)
        files = [
            (image, split)
            for split in SPLITS
            for entry in settings.entries[split]
            for image in _images_of(settings, entry, split)
        ]
        if not files:
            raise UserProblem(
                f"{settings.file.name}: none of the folders that it names has an image.",
                f"Its folders count from {settings.root}.",
            )
        splits: dict[Path, Split] = {}
        for image, split in files:
            # Without validation images, “val” names those for training once more.
            splits.setdefault(image, split)
        images = tuple(
            Image(
                each.id,
                each.path,
                each.width,
                each.height,
                None if each.path.parent.name == _UNSPLIT else splits[each.path],
            )
            for each in images_with_sizes(splits)
        )
        annotations = tuple(
            annotation for image in images for annotation in _read_labels(settings, image, order)
        )
        return Dataset(skeleton, images, annotations)

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write a folder with data.yaml, the labels, and copies of the images."""
        images, notes = without_frames(subjects_to_write(dataset, predictions), self.title)
        folder = OutputFolder(path, "yolo", [each.path for each in dataset.images])
        classes = _classes(dataset.skeleton, images)
        outside = 0
        names = unique_names([each.image.path for each in images])
        for name, each in zip(names, images, strict=True):
            part = each.image.split or _UNSPLIT
            lines, moved = _lines(each, classes)
            outside += moved
            folder.add_copy(f"images/{part}/{name}", each.image.path)
            folder.add(f"labels/{part}/{Path(name).stem}.txt", "".join(lines).encode())
        folder.add("data.yaml", _settings_out(dataset.skeleton, images, classes).encode())
        folder.commit()
        if outside:
            notes += (f"{outside} keypoints outside of their image were moved to its border.",)
        if not any(each.image.split == "val" for each in images):
            notes += ("There are no validation images: “val” names the training images.",)
        return receipt_of(path, images, Holds(), notes)


def _place(root: Path, entry: str) -> Path:
    """Some programs write ../train/images for train/images."""
    place = root / entry
    inside = root / entry.removeprefix("../")
    return inside if not place.exists() and inside.exists() else place


def _images_of(settings: YoloSettings, entry: str, split: Split) -> list[Path]:
    place = _place(settings.root, entry.replace("\\", "/"))
    if place.suffix.lower() == ".txt" and place.is_file():
        listed = (line.strip() for line in read_text(place).splitlines())
        paths = [place.parent / line.removeprefix("./") for line in listed if line]
    elif place.is_dir():
        paths = list(image_files(place))
    elif split != "test":
        raise UserProblem(
            f"{settings.file.name}: its folder “{entry}” is not there.",
            f"It is expected at {place}. Correct “path” or “{split}” in the file.",
        )
    else:
        paths = []
    return sorted(paths, key=natural_key)


def _label_file(image: Path) -> Path:
    """`labels` stands in the place of the last `images` of the path."""
    parts = list(image.parts)
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] == "images":
            parts[index] = "labels"
            break
    return Path(*parts).with_suffix(".txt")


def _read_labels(settings: YoloSettings, image: Image, order: list[int]) -> Iterator[Annotation]:
    file = _label_file(image.path)
    if not file.is_file():
        return
    time = file.stat().st_mtime
    if not image.width:
        raise UserProblem(
            f"{image.path.name} is missing or damaged, but {file.name} has labels for it.",
            "The labels are fractions of the size of their image: repair or remove it.",
        )
    for line, text in enumerate(read_text(file).splitlines(), start=1):
        if not text.strip():
            continue
        values = _numbers(settings, f"{file.parent.name}/{file.name}, line {line}", text)
        xy, visibility, box = _from_fractions(values, settings, image)
        xy, visibility = xy[order], visibility[order]
        derived = box_around(xy, visibility)
        size = np.array([image.width, image.height], dtype=float)
        if derived is not None and np.allclose(
            _inside(derived, size), values[1:5], rtol=0, atol=_BOX_TOLERANCE
        ):
            box = None
        number = int(values[0])
        name = settings.classes[number] if number < len(settings.classes) else str(number)
        extra = pack_extra({CATEGORY: name}) if len(settings.classes) > 1 else ""
        yield Annotation(
            id=imported_id("yolo", f"{image.split}/{image.path.name}", line),
            image_id=image.id,
            xy=xy,
            visibility=visibility,
            source="import:yolo",
            time=time,
            box=box,
            extra=extra,
        )


def _numbers(settings: YoloSettings, where: str, text: str) -> np.ndarray:
    expected = 5 + settings.count * settings.columns
    try:
        values = np.array([float(word) for word in text.split()])
    except ValueError as error:
        raise UserProblem(
            f"{where}: there is something that is not a number.", "Correct it."
        ) from (error)
    if len(values) != expected or not np.isfinite(values).all() or values[0] < 0:
        raise UserProblem(
            f"{where}: there are {len(values)} numbers, but {expected} are expected.",
            f"A class, four numbers of the box, and {settings.columns} for each of"
            f" {settings.count} keypoints.",
        )
    xs, ys = values[5 :: settings.columns], values[6 :: settings.columns]
    if np.abs(np.concatenate([values[1:5], xs, ys])).max() > 2:
        raise UserProblem(
            f"{where}: these are pixels, but fractions of the image are expected.",
            "Divide x by the width of the image and y by its height.",
        )
    return values


def _from_fractions(
    values: np.ndarray, settings: YoloSettings, image: Image
) -> tuple[np.ndarray, np.ndarray, Box | None]:
    size = np.array([image.width, image.height], dtype=float)
    keypoints = values[5:].reshape(settings.count, settings.columns)
    if settings.columns == 3:
        # Some programs write a confidence.
        visibility = np.where(keypoints[:, 2] > NOT_LABELLED, np.ceil(keypoints[:, 2]), 0)
        visibility = np.minimum(visibility, VISIBLE).astype(np.int8)
    else:
        visibility = np.where(keypoints.any(axis=1), VISIBLE, NOT_LABELLED)
    xy = np.where(visibility[:, None] > NOT_LABELLED, keypoints[:, :2] * size - 0.5, np.nan)
    width, height = values[3:5] * size
    x, y = values[1:3] * size - 0.5
    return xy, visibility, Box.centred(float(x), float(y), float(width), float(height))


def _classes(skeleton: Skeleton, images: Sequence[ImageSubjects]) -> dict[str, int]:
    foreign = {category_of(subject.extra) for each in images for subject in each.subjects}
    names = [skeleton.category, *sorted(foreign - {"", skeleton.category})]
    return {name: number for number, name in enumerate(names)}


def _lines(each: ImageSubjects, classes: dict[str, int]) -> tuple[list[str], int]:
    """The lines of an image, and how many keypoints were moved to its border."""
    width, height = each.image.width, each.image.height
    if not width:
        width, height = read_size(each.image.path)
    size = np.array([width, height], dtype=float)
    moved, lines = 0, []
    for subject in each.subjects:
        is_labelled = subject.visibility > NOT_LABELLED
        inside = np.clip(subject.xy, -0.5, size - 0.5)
        moved += int((is_labelled & (inside != subject.xy).any(axis=1)).sum())
        xy = np.where(is_labelled[:, None], (inside + 0.5) / size, 0)
        box = _inside(Subject(inside, subject.visibility, subject.box).written_box(), size)
        values = [*box, *np.column_stack([xy, subject.visibility]).ravel()]
        number = classes.get(category_of(subject.extra), 0)
        lines.append(f"{number} {' '.join(f'{value:.12g}' for value in values)}\n")
    return lines, moved


def _inside(box: Box | None, size: np.ndarray) -> list[float]:
    """Centre and size in fractions; nothing may lie outside, or the line would be refused."""
    assert box is not None
    low = np.clip((np.array([box.x, box.y]) + 0.5) / size, 0, 1)
    high = np.clip((np.array([box.x + box.width, box.y + box.height]) + 0.5) / size, 0, 1)
    return [*((low + high) / 2), *(high - low)]


def _settings_out(
    skeleton: Skeleton, images: Sequence[ImageSubjects], classes: dict[str, int]
) -> str:
    parts: dict[str, list[str]] = defaultdict(list)
    for split in dict.fromkeys(each.image.split or _UNSPLIT for each in images):
        parts["train" if split == _UNSPLIT else split].append(f"images/{split}")
    parts.setdefault("train", [])
    parts.setdefault("val", parts["train"])
    fields: dict[str, Any] = {
        split: sorted(parts[split]) if len(parts[split]) != 1 else parts[split][0]
        for split in SPLITS
        if split in parts
    }
    fields["kpt_shape"] = [len(skeleton), 3]
    fields["flip_idx"] = list(skeleton.flip_order())
    fields["names"] = {number: name for name, number in classes.items()}
    fields["kpt_names"] = {number: list(skeleton.keypoints) for number in classes.values()}
    return str(yaml.safe_dump(fields, sort_keys=False, allow_unicode=True))
