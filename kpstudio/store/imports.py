"""Bringing a dataset into a project: its images, and its annotations as one edit."""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from kpstudio.core.annotation import Annotation, new_annotation_id
from kpstudio.core.dataset import Dataset
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

IMPORT_PREFIX = "import:"
"""Of the source of an annotation that nobody has changed since it was imported."""


@dataclass(frozen=True)
class ImportReport:
    """What an import brought.

    Args:
        images: New to the project.
        known_images: Were in the project already.
        annotations: New to the project.
        updated_annotations: Were imported before, and have other labels in the source now.
        known_annotations: Were there already and stay as they are, because the labels are the
            same or because somebody has changed them here since.
    """

    images: int
    known_images: int
    annotations: int
    updated_annotations: int
    known_annotations: int


def keypoint_order(dataset: Skeleton, project: Skeleton) -> list[int]:
    """For each keypoint of the project its index in the dataset.

    Raises:
        UserProblem: The two do not have the same keypoints.
    """
    missing = [name for name in project.keypoints if name not in dataset.keypoints]
    foreign = [name for name in dataset.keypoints if name not in project.keypoints]
    if missing or foreign:
        found = f"it has no {', '.join(missing)}" if missing else f"it has {', '.join(foreign)}"
        raise UserProblem(
            f"The labels do not fit the skeleton of the project: {found}.",
            f"The project has: {', '.join(project.keypoints)}.",
        )
    return [dataset.index(name) for name in project.keypoints]


def import_edit(
    stored: tuple[Annotation, ...],
    dataset: Dataset,
    *,
    order: list[int],
    image_ids: dict[int, int],
    label: str,
) -> tuple[Edit, int]:
    """The edit that brings in the dataset's annotations, and how many need none."""
    by_image: dict[int, list[Annotation]] = defaultdict(list)
    by_id = {each.id: each for each in stored}
    for each in stored:
        by_image[each.image_id].append(each)
    before: dict[str, Annotation | None] = {}
    after: dict[str, Annotation | None] = {}
    for annotation in dataset.annotations:
        new = replace(
            annotation,
            image_id=image_ids[annotation.image_id],
            xy=annotation.xy[order],
            visibility=annotation.visibility[order],
        )
        there = by_id.get(new.id)
        if any(_same_labels(new, each) for each in by_image[new.image_id]):
            continue
        if there is not None and there.image_id == new.image_id:
            if not there.source.startswith(IMPORT_PREFIX):
                continue
        elif there is not None or new.id in after:
            there, new = None, replace(new, id=new_annotation_id())
        before[new.id], after[new.id] = there, new
    return Edit(label, before, after), len(dataset.annotations) - len(after)


def _same_labels(a: Annotation, b: Annotation) -> bool:
    return (
        np.array_equal(a.visibility, b.visibility)
        and np.array_equal(a.xy, b.xy, equal_nan=True)
        and a.box == b.box
    )
