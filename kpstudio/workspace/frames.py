"""The images that follow one another, and the same subject in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Image
from kpstudio.workspace.image_list import ImageList

if TYPE_CHECKING:
    from kpstudio.store.project import Project


@dataclass(frozen=True)
class Gap:
    """The images from one with a subject to the next one with it.

    Args:
        images: From the first to the last, both of which have it; only the first where none does.
        start: The subject in the first.
        end: The same in the last; None where no later image has it.
    """

    images: tuple[Image, ...]
    start: Annotation
    end: Annotation | None


def following_images(images: ImageList, image: Image, most: int) -> tuple[Image, ...]:
    """An image and those after it in the list, of the same video or folder.

    Args:
        images: In the order in which they are shown.
        image: The first.
        most: How many at most.
    """
    position = images.position(image.id)
    if position is None:
        return (image,)
    found = [image]
    for each in images[position + 1 : position + most]:
        if not _is_same_source(image, each):
            break
        found.append(each)
    return tuple(found)


def find_gap(reader: "Project", images: Sequence[Image], start: Annotation) -> Gap:
    """Look for the next image that has the subject.

    Args:
        reader: The project, of the thread that calls this.
        images: As of `following_images`.
        start: The subject in the first of them.
    """
    for index, image in enumerate(images[1:], start=1):
        end = same_subject(start, reader.annotations(image.id))
        if end is not None:
            return Gap(tuple(images[: index + 1]), start, end)
    return Gap(tuple(images), start, None)


def same_subject(of: Annotation, others: Sequence[Annotation]) -> Annotation | None:
    """The one with the same track; without one the only one, else the nearest that has none."""
    if of.track:
        return next((each for each in others if each.track == of.track), None)
    unnamed = [each for each in others if not each.track]
    if len(unnamed) < 2:
        return unnamed[0] if unnamed else None
    here = of.bounds()

    def distance(other: Annotation) -> float:
        there = other.bounds()
        if here is None or there is None:
            return float("inf")
        return float(np.hypot(*np.subtract(here.centre, there.centre)))

    return min(unnamed, key=distance)


def _is_same_source(a: Image, b: Image) -> bool:
    if a.frame is None or b.frame is None:
        return a.frame == b.frame and a.path.parent == b.path.parent
    return a.path == b.path
