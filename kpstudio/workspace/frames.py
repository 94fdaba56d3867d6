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

    @property
    def shares(self) -> tuple[float, ...]:
        """How far each image inside is from the first to the last, 0 to 1: by frame numbers."""
        frames = [image.frame for image in self.images]
        numbers = [place if frame is None else frame for place, frame in enumerate(frames)]
        length = numbers[-1] - numbers[0]
        return tuple((number - numbers[0]) / length for number in numbers[1:-1])


def following_images(
    reader: "Project", image_id: int, most: int | None = None
) -> tuple[Image, ...]:
    """An image and those after it, whatever the list shows and in which order.

    Args:
        reader: The project, of the thread that calls this.
        image_id: Of the first.
        most: How many at most.

    Returns:
        The frames of its video by their numbers; else the images of its folder as they were added.
    """
    strip = reader.video_strip(image_id)
    if strip is not None:
        start = strip.position(image_id) or 0
        return tuple(ImageList(reader, strip.image_ids[start:])[:most])
    images = ImageList(reader)
    start = images.position(image_id) or 0
    found: list[Image] = []
    for position in range(start, len(images)):
        each = images[position]
        is_same = not found or (each.frame is None and each.path.parent == found[0].path.parent)
        if not is_same or len(found) == most:
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
