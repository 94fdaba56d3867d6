"""The parts of a COCO file as they are written."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.coco_file import (
    CocoCategory,
)
from kpstudio.formats.extra_fields import CATEGORY, category_of, unpack_extra
from kpstudio.formats.subjects import (
    ImageSubjects,
    Subject,
)
from kpstudio.imaging.portable_path import PortablePaths
from kpstudio.imaging.size import read_size

ID = "id"
CROWDS = "crowds"
AREA = "area"
"""Fields of `extra` that are more than kept: numbers, crowds, areas of outlines."""


def name_of(subject: Subject, dataset: Dataset) -> str:
    return category_of(subject.extra) or dataset.skeleton.category


def categories_out(skeleton: Skeleton, images: Sequence[ImageSubjects]) -> list[CocoCategory]:
    """The skeleton's own first, then others that the subjects came with."""
    foreign = {category_of(subject.extra) for each in images for subject in each.subjects}
    names = [skeleton.category, *sorted(foreign - {"", skeleton.category})]
    return [
        CocoCategory(
            id=number,
            name=name,
            supercategory=skeleton.category,
            keypoints=list(skeleton.keypoints),
            skeleton=[(a + 1, b + 1) for a, b in skeleton.edges],
        )
        for number, name in enumerate(names, start=1)
    ]


def image_out(image: Image, paths: PortablePaths, number: int) -> dict[str, Any]:
    width, height = image.width, image.height
    if not width:
        try:
            width, height = read_size(image.path)
        except UserProblem:
            width, height = 0, 0
    out: dict[str, Any] = {
        "id": number,
        "file_name": paths.written(image.path),
        "width": width,
        "height": height,
    }
    if image.split is not None:
        out["split"] = image.split
    if image.frame is not None:
        out["video_frame"] = image.frame
    kept = unpack_extra(image.extra)
    return out | {key: value for key, value in kept.items() if key not in {*out, CROWDS}}


def annotation_out(
    subject: Subject, number: int, image_id: int, category_id: int
) -> dict[str, Any]:
    triples = [
        (x, y, v) if v else (0, 0, 0)
        for (x, y), v in zip(subject.xy.tolist(), subject.visibility.tolist(), strict=True)
    ]
    box = subject.written_box()
    assert box is not None
    out: dict[str, Any] = {
        "id": number,
        "image_id": image_id,
        "category_id": category_id,
        "keypoints": [value for triple in triples for value in triple],
        "num_keypoints": int(np.count_nonzero(subject.visibility)),
        "bbox": (box.x, box.y, box.width, box.height),
        "iscrowd": 0,
    }
    if subject.track:
        is_number = subject.track.isdecimal() and str(int(subject.track)) == subject.track
        out["track_id"] = int(subject.track) if is_number else subject.track
    if subject.score is not None and subject.scores is not None:
        out["score"] = subject.score
        out["keypoint_scores"] = subject.scores.tolist()
    kept = unpack_extra(subject.extra)
    out["area"] = kept.get(AREA, box.width * box.height)
    return out | {key: value for key, value in kept.items() if key not in {*out, CATEGORY}}


def crowds_out(
    images: Sequence[ImageSubjects],
    id_of_image: dict[int, int],
    category_id: int,
    taken: list[int],
) -> list[dict[str, Any]]:
    used, next_free = set(taken), 1
    found = []
    for each in images:
        raw = unpack_extra(each.image.extra).get(CROWDS)
        if raw is None:
            continue
        for crowd in msgspec.json.decode(raw, type=list[dict[str, Any]]):
            if not isinstance(crowd.get(ID), int) or crowd[ID] in used:
                while next_free in used:
                    next_free += 1
                crowd[ID] = next_free
            used.add(crowd[ID])
            moved = {"image_id": id_of_image[each.image.id], "category_id": category_id}
            found.append(crowd | moved)
    return found
