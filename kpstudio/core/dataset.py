"""Images with their labels, as formats read them and training takes them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, VISIBLE, Annotation
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

Split = Literal["train", "val", "test"]
Review = Literal["", "ready", "accepted", "rejected"]
"""Of the labels of an image: "" while they are made, "ready" for review, then its outcome."""


@dataclass(frozen=True)
class Image:
    """One image by reference: its pixels stay in its file.

    Args:
        id: Unique in its project or dataset.
        path: Where the file is now: an image, or the video of a frame.
        width: In pixels, upright; 0 where it is not known yet.
        height: In pixels, upright; 0 where it is not known yet.
        split: Which part of the data it belongs to; None before the data was split.
        group: What it has in common with others (a video, a person, a folder), so that they must
            stay in one split, and err alike; empty where nothing is known to be shared.
        frame: Number of the frame, from 0, where the file is a video; else None.
        tags: What people called it, in alphabetical order.
        review: State of its labels.
        extra: A JSON object of what the file that it was imported from says of it and kpstudio
            has no word for, so that an export can say it again; empty where there is nothing.
    """

    id: int
    path: Path
    width: int = 0
    height: int = 0
    split: Split | None = None
    group: str = ""
    frame: int | None = None
    tags: tuple[str, ...] = ()
    review: Review = ""
    extra: str = ""

    @property
    def name(self) -> str:
        """As lists show it: the file's name, with the number of the frame where there is one."""
        return self.path.name if self.frame is None else f"{self.path.name} #{self.frame}"


@dataclass(frozen=True)
class Dataset:
    """A skeleton, images, and the annotations of those images.

    Args:
        skeleton: Of all annotations.
        images: With unique ids.
        annotations: With unique ids, of these images.
        folders: Folders of which all images are meant, so that new files there belong to it.
    """

    skeleton: Skeleton
    images: tuple[Image, ...]
    annotations: tuple[Annotation, ...]
    folders: tuple[Path, ...] = ()

    def annotations_by_image(self) -> dict[int, tuple[Annotation, ...]]:
        """Annotations with at least one labelled keypoint, for every image that has any."""
        grouped: dict[int, tuple[Annotation, ...]] = {}
        for annotation in self.annotations:
            if annotation.is_labelled.any():
                grouped[annotation.image_id] = (
                    *grouped.get(annotation.image_id, ()),
                    annotation,
                )
        return grouped

    def labelled(self, split: Split | None = None) -> "Dataset":
        """Only the labelled images (of one split), with their annotations."""
        grouped = self.annotations_by_image()
        images = tuple(
            image
            for image in self.images
            if image.id in grouped and (split is None or image.split == split)
        )
        return replace(
            self,
            images=images,
            annotations=tuple(each for image in images for each in grouped[image.id]),
        )

    def part(self, keypoints: Sequence[int]) -> "Dataset":
        """Only the keypoints at some indices; subjects stay as large as they were with all."""
        indices = list(keypoints)
        return replace(
            self,
            skeleton=self.skeleton.part(indices),
            annotations=tuple(
                replace(
                    each,
                    xy=each.xy[indices],
                    visibility=each.visibility[indices],
                    box=each.bounds(),
                )
                for each in self.annotations
            ),
        )

    def moved(self, dx: float, dy: float) -> "Dataset":
        """All keypoints and boxes elsewhere, for files that measure from another point.

        Args:
            dx: To the right, in pixels.
            dy: Down, in pixels.
        """

        def box(old: Box | None) -> Box | None:
            return None if old is None else replace(old, x=old.x + dx, y=old.y + dy)

        return replace(
            self,
            annotations=tuple(
                replace(each, xy=each.xy + np.array([dx, dy]), box=box(each.box))
                for each in self.annotations
            ),
        )

    def all_visible(self) -> "Dataset":
        """Every labelled keypoint is visible, for files of which visibility 1 says “labelled”.

        Raises:
            UserProblem: Some are visible already, so that 1 means occluded beside them.
        """
        visible = sum(int((each.visibility == VISIBLE).sum()) for each in self.annotations)
        if visible:
            raise UserProblem(
                f"Visibility 1 cannot mean “labelled” here: {visible:,} keypoints have 2, which is"
                " visible.",
                "Leave the choice out, so that 1 is occluded.",
            )
        return replace(
            self,
            annotations=tuple(
                replace(each, visibility=np.where(each.is_labelled, VISIBLE, NOT_LABELLED))
                for each in self.annotations
            ),
        )
