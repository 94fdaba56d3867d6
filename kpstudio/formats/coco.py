"""COCO keypoints: one JSON file with images, annotations and categories.

Positions and boxes are written in the frame of kpstudio, which is that of COCO's integer labels:
pixel centres at integers. Floats are written with all their digits.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import msgspec
import numpy as np

from kpstudio.core.annotation import (
    NOT_LABELLED,
    VISIBLE,
    Annotation,
    Prediction,
)
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.coco_file import (
    CocoAnnotation,
    CocoCategory,
    CocoFile,
    CocoImage,
    read_coco_file,
)
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.matching import keypoint_order
from kpstudio.imaging.portable_path import absolute_path, portable_path
from kpstudio.imaging.size import read_size

_CATEGORY_ID = 1
_SMALLEST_SIDE_PX = 1.0


class CocoFormat(Format):
    """A COCO keypoints file."""

    title: ClassVar[str] = "COCO keypoints"
    can_write: ClassVar[bool] = True

    def recognises(self, path: Path) -> bool:
        return path.suffix.lower() == ".json" and path.is_file()

    def skeleton(self, path: Path) -> Skeleton:
        categories = read_coco_file(path).categories
        category = _with_keypoints(path, categories)[0]
        return Skeleton(
            name=category.name,
            keypoints=tuple(category.keypoints),
            edges=tuple((a - 1, b - 1) for a, b in category.skeleton),
            category=category.name,
        )

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        file = read_coco_file(path)
        category, order = _matching_category(path, file.categories, skeleton)
        images = _read_images(path, file.images)
        known = {each.id: each.file_name for each in file.images}
        time = path.stat().st_mtime
        annotations = []
        for each in file.annotations:
            if each.category_id != category.id or each.iscrowd or not each.keypoints:
                continue
            if each.image_id not in known:
                raise UserProblem(
                    f"{path.name}: annotation {each.id} is in image {each.image_id}, which the"
                    " file does not list.",
                    "Export the file again, or remove the annotation.",
                )
            annotation = _read_annotation(
                path, each, known[each.image_id], order, len(category.keypoints), time
            )
            if annotation.is_labelled.any():
                annotations.append(annotation)
        return Dataset(skeleton, images, tuple(annotations))

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write the labelled images with their annotations, or all images with predictions.

        An image that nobody has labelled yet is left out of the labels, because in COCO it would
        say that no subject is there.
        """
        if predictions is None:
            images: Iterable[Image] = dataset.labelled().images
            found = [
                _annotation_out(each, number)
                for number, each in enumerate(dataset.labelled().annotations, start=1)
            ]
        else:
            images = dataset.images
            found = [
                _prediction_out(each, number) for number, each in enumerate(predictions, start=1)
            ]
        file = CocoFile(
            images=[_image_out(image, path) for image in images],
            annotations=found,
            categories=[_category_out(dataset.skeleton)],
            info={"description": "Keypoints written by kpstudio"},
        )
        write_atomically(path, msgspec.json.encode(file))
        return WriteReceipt(
            path=path,
            images=len(file.images),
            annotations=len(found),
            keypoints=sum(each.num_keypoints or 0 for each in found),
        )


def _image_out(image: Image, path: Path) -> CocoImage:
    width, height = image.width, image.height
    if not width and image.frame is None:
        try:
            width, height = read_size(image.path)
        except UserProblem:
            width, height = 0, 0
    file_name = portable_path(image.path, path.absolute().parent.resolve())
    return CocoImage(image.id, file_name, width, height, split=image.split, frame=image.frame)


def _category_out(skeleton: Skeleton) -> CocoCategory:
    return CocoCategory(
        id=_CATEGORY_ID,
        name=skeleton.category,
        supercategory=skeleton.category,
        keypoints=list(skeleton.keypoints),
        skeleton=[(a + 1, b + 1) for a, b in skeleton.edges],
    )


def _annotation_out(annotation: Annotation, number: int) -> CocoAnnotation:
    bounds = annotation.bounds()
    assert bounds is not None
    return _coco_annotation(
        number, annotation.image_id, annotation.xy, annotation.visibility, _positive(bounds)
    )


def _prediction_out(prediction: Prediction, number: int) -> CocoAnnotation:
    is_found = np.isfinite(prediction.xy).all(axis=1)
    out = _coco_annotation(
        number,
        prediction.image_id,
        prediction.xy,
        np.where(is_found, VISIBLE, NOT_LABELLED),
        _positive(prediction.box),
    )
    return msgspec.structs.replace(
        out,
        score=float(prediction.score),
        keypoint_scores=np.nan_to_num(prediction.scores).tolist(),
    )


def _coco_annotation(
    number: int, image_id: int, xy: np.ndarray, visibility: np.ndarray, box: Box
) -> CocoAnnotation:
    triples = [
        (x, y, int(v)) if v else (0, 0, 0)
        for (x, y), v in zip(xy.tolist(), visibility.tolist(), strict=True)
    ]
    return CocoAnnotation(
        id=number,
        image_id=image_id,
        category_id=_CATEGORY_ID,
        keypoints=[value for triple in triples for value in triple],
        num_keypoints=int(np.count_nonzero(visibility)),
        bbox=(box.x, box.y, box.width, box.height),
        area=box.width * box.height,
        iscrowd=0,
    )


def _positive(box: Box) -> Box:
    """At least a pixel wide and high, because readers divide by the area."""
    (x, y), width, height = box.centre, box.width, box.height
    if width <= 0:
        box = Box(x - _SMALLEST_SIDE_PX / 2, box.y, _SMALLEST_SIDE_PX, box.height)
    if height <= 0:
        box = Box(box.x, y - _SMALLEST_SIDE_PX / 2, box.width, _SMALLEST_SIDE_PX)
    return box


def _matching_category(
    path: Path, categories: list[CocoCategory], skeleton: Skeleton
) -> tuple[CocoCategory, list[int]]:
    """The category with the keypoints of the skeleton, and their places in it."""
    with_keypoints = _with_keypoints(path, categories)
    fitting = (each for each in with_keypoints if set(each.keypoints) == set(skeleton.keypoints))
    category = next(fitting, with_keypoints[0])
    return category, keypoint_order(path.name, category.keypoints, skeleton)


def _with_keypoints(path: Path, categories: list[CocoCategory]) -> list[CocoCategory]:
    found = [each for each in categories if each.keypoints]
    if not found:
        raise UserProblem(
            f"{path.name} has no category with keypoints.",
            "Choose a COCO file of keypoints, not of boxes or captions.",
        )
    return found


def _read_images(path: Path, images: list[CocoImage]) -> tuple[Image, ...]:
    root = _image_root(path, images)
    return tuple(
        Image(
            each.id,
            absolute_path(each.file_name.replace("\\", "/"), root),
            each.width or 0,
            each.height or 0,
            each.split if each.split in ("train", "val", "test") else None,
            frame=each.frame,
        )
        for each in images
    )


def _image_root(path: Path, images: list[CocoImage]) -> Path:
    """The folder from which the file names count: ours from the file's, others from elsewhere."""
    folder = path.absolute().parent.resolve()
    roots = [folder, folder / "images"]
    if folder.name == "annotations":
        # COCO's own layout. Anywhere else a neighbour may hold other images of the same names.
        roots.append(folder.parent)
        roots += sorted(each for each in folder.parent.iterdir() if each.is_dir())
    some = images[:20]
    return max(roots, key=lambda root: sum((root / each.file_name).is_file() for each in some))


def _read_annotation(
    path: Path, each: CocoAnnotation, file_name: str, order: list[int], count: int, time: float
) -> Annotation:
    values = np.array(each.keypoints, dtype=np.float64)
    if values.size != 3 * count or not np.isin(values[2::3], (0, 1, 2)).all():
        raise UserProblem(
            f"{path.name}: the keypoints of annotation {each.id} are not {count} times x, y and a"
            " visibility of 0, 1 or 2.",
            "Export the file again, or correct the annotation.",
        )
    # The same at each reading, so that a second import of the file does not double subjects.
    name = f"kpstudio:coco:{file_name}:{each.id}"
    triples = values.reshape(-1, 3)[order]
    visibility = triples[:, 2].astype(np.int8)
    xy = np.where(visibility[:, None] > NOT_LABELLED, triples[:, :2], np.nan)
    annotation = Annotation(
        id=uuid.uuid5(uuid.NAMESPACE_URL, name).hex,
        image_id=each.image_id,
        xy=xy,
        visibility=visibility,
        source="import:coco",
        time=time,
    )
    bounds = annotation.bounds()
    box = Box(*each.bbox) if each.bbox else None
    # What every writer derives from the keypoints is not a box that somebody drew.
    if bounds is None or box is None or box == _positive(bounds):
        return annotation
    return replace(annotation, box=box)
