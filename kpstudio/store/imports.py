"""Bringing a dataset into a project: its images, and its annotations as one edit."""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from kpstudio.core.annotation import Annotation, new_annotation_id
from kpstudio.core.dataset import Dataset
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton


@dataclass(frozen=True)
class ImportReport:
    """What an import brought.

    Args:
        images: New to the project.
        known_images: Were in the project already.
        annotations: New to the project.
        known_annotations: Were skipped, because the image has the same labels already.
    """

    images: int
    known_images: int
    annotations: int
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
    stored_annotations: tuple[Annotation, ...],
    dataset: Dataset,
    *,
    order: list[int],
    image_ids: dict[int, int],
    label: str,
) -> tuple[Edit, int]:
    """The edit that adds the dataset's annotations, and how many were there already."""
    by_image: dict[int, list[Annotation]] = defaultdict(list)
    for each in stored_annotations:
        by_image[each.image_id].append(each)
    taken = {each.id for each in stored_annotations}
    added: dict[str, Annotation] = {}
    known = 0
    for annotation in dataset.annotations:
        new = replace(
            annotation,
            image_id=image_ids[annotation.image_id],
            xy=annotation.xy[order],
            visibility=annotation.visibility[order],
        )
        if any(_same_labels(new, each) for each in by_image[new.image_id]):
            known += 1
            continue
        if new.id in taken or new.id in added:
            new = replace(new, id=new_annotation_id())
        added[new.id] = new
    return Edit(label, before=dict.fromkeys(added), after=dict(added)), known


def _same_labels(a: Annotation, b: Annotation) -> bool:
    return (
        np.array_equal(a.visibility, b.visibility)
        and np.array_equal(a.xy, b.xy, equal_nan=True)
        and a.box == b.box
    )
