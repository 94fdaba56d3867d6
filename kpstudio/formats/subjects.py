"""What a writer writes: labelled subjects or predicted ones, in one shape, with what gets lost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.formats.extra_fields import has_foreign_fields
from kpstudio.formats.format import WriteReceipt

_SMALLEST_SIDE_PX = 1.0


@dataclass(frozen=True, eq=False)
class Subject:
    """One subject of one image.

    Args:
        xy: (K, 2) image pixels.
        visibility: (K,) 0, 1 or 2; predicted keypoints count as visible.
        box: Drawn, imported or predicted; else None.
        track: Which individual it is; or empty.
        extra: Fields of the file that it came from; or empty.
        score: Of a prediction; else None.
        scores: (K,) of a prediction; else None.
    """

    xy: np.ndarray
    visibility: np.ndarray
    box: Box | None = None
    track: str = ""
    extra: str = ""
    score: float | None = None
    scores: np.ndarray | None = None

    @classmethod
    def of_annotation(cls, annotation: Annotation) -> "Subject":
        return cls(
            annotation.xy,
            annotation.visibility,
            annotation.box,
            annotation.track,
            annotation.extra,
        )

    @classmethod
    def of_prediction(cls, prediction: Prediction) -> "Subject":
        is_found = np.isfinite(prediction.xy).all(axis=1)
        return cls(
            prediction.xy,
            np.where(is_found, VISIBLE, NOT_LABELLED),
            prediction.box,
            score=float(prediction.score),
            scores=np.nan_to_num(prediction.scores),
        )

    def written_box(self) -> Box | None:
        """For formats in which every subject needs a box: its own, or one around its keypoints."""
        return positive(self.box) if self.box else box_around(self.xy, self.visibility)


@dataclass(frozen=True, eq=False)
class ImageSubjects:
    """One image with its subjects."""

    image: Image
    subjects: tuple[Subject, ...]


def subjects_to_write(
    dataset: Dataset, predictions: Sequence[Prediction] | None
) -> tuple[ImageSubjects, ...]:
    """The images with labels and their subjects; or all images with predicted subjects.

    An image that nobody has labelled yet is left out of the labels, because in most formats it
    would say that no subject is there. A subject with a box and no keypoint is a label too.
    """
    grouped: dict[int, list[Subject]] = defaultdict(list)
    if predictions is None:
        for annotation in dataset.annotations:
            if annotation.is_labelled.any() or annotation.box is not None:
                grouped[annotation.image_id].append(Subject.of_annotation(annotation))
    else:
        for prediction in predictions:
            grouped[prediction.image_id].append(Subject.of_prediction(prediction))
    return tuple(
        ImageSubjects(image, tuple(grouped[image.id]))
        for image in dataset.images
        if image.id in grouped or predictions is not None
    )


def without_frames(
    images: tuple[ImageSubjects, ...], title: str
) -> tuple[tuple[ImageSubjects, ...], tuple[str, ...]]:
    """The images that are files of their own, and a note about the others.

    Raises:
        UserProblem: All are frames of videos.
    """
    files = tuple(each for each in images if each.image.frame is None)
    left_out = len(images) - len(files)
    if left_out and not files:
        raise UserProblem(
            f"All labelled images are frames of videos, which {title} cannot name.",
            "Export as “coco”, which writes the video and the number of the frame.",
        )
    note = f"{left_out} frames of videos were left out, because {title} cannot name them."
    return files, ((note,) if left_out else ())


@dataclass(frozen=True)
class Holds:
    """What a format can say of a subject besides the positions of its keypoints."""

    occluded: bool = True
    boxes: bool = True
    tracks: bool = False
    extra: bool = False
    box_only: bool = True
    scores: bool = False


def receipt_of(
    path: Path, images: Sequence[ImageSubjects], holds: Holds, notes: Sequence[str] = ()
) -> WriteReceipt:
    """What was written, with a note about each kind of thing that the format cannot hold."""
    written = [
        each
        for image in images
        for each in image.subjects
        if holds.box_only or each.visibility.any()
    ]
    dropped = sum(len(image.subjects) for image in images) - len(written)
    occluded = sum(int(np.count_nonzero(each.visibility == OCCLUDED)) for each in written)
    lost = [
        (0 if holds.occluded else occluded, "occluded keypoints are written as visible"),
        (
            0 if holds.boxes else sum(each.box is not None for each in written),
            "boxes are not written",
        ),
        (
            0 if holds.tracks else sum(bool(each.track) for each in written),
            "tracks are not written",
        ),
        (
            0 if holds.extra else sum(has_foreign_fields(each.extra) for each in written),
            "subjects have fields of another program that are not written",
        ),
        (
            0 if holds.scores else sum(each.score is not None for each in written),
            "predicted subjects are written without their scores",
        ),
        (dropped, "subjects without a labelled keypoint are not written"),
    ]
    return WriteReceipt(
        path=path,
        images=len(images),
        annotations=len(written),
        keypoints=sum(int(np.count_nonzero(each.visibility)) for each in written),
        occluded=occluded if holds.occluded else 0,
        notes=(*notes, *(f"{count} {what}." for count, what in lost if count)),
    )


def positive(box: Box) -> Box:
    """At least a pixel wide and high, because readers divide by the area."""
    (x, y), width, height = box.centre, box.width, box.height
    if width <= 0:
        box = Box(x - _SMALLEST_SIDE_PX / 2, box.y, _SMALLEST_SIDE_PX, box.height)
    if height <= 0:
        box = Box(box.x, y - _SMALLEST_SIDE_PX / 2, box.width, _SMALLEST_SIDE_PX)
    return box


def box_around(xy: np.ndarray, visibility: np.ndarray) -> Box | None:
    """The box that writers derive from the labelled keypoints; None where there are none."""
    if not (visibility > NOT_LABELLED).any():
        return None
    return Box(*boxes_around(xy[None], visibility[None])[0].tolist())


def boxes_around(xy: np.ndarray, visibility: np.ndarray) -> np.ndarray:
    """`box_around` of (N, K, 2) positions: (N, 4) x, y, width and height.

    They are at least a pixel wide and high; without a labelled keypoint they say nothing.
    """
    is_labelled = (visibility > NOT_LABELLED)[:, :, None]
    low = np.where(is_labelled, xy, np.inf).min(axis=1)
    high = np.where(is_labelled, xy, -np.inf).max(axis=1)
    size = high - low
    low = np.where(size <= 0, low - _SMALLEST_SIDE_PX / 2, low)
    return np.concatenate([low, np.where(size <= 0, _SMALLEST_SIDE_PX, size)], axis=1)


def drawn_box(
    box: Box | None, xy: np.ndarray, visibility: np.ndarray, tolerance_px: float = 0.0
) -> Box | None:
    """A box that was read, unless a writer has derived it from the keypoints."""
    derived = box_around(xy, visibility)
    if box is None or derived is None:
        return box
    theirs = (box.x, box.y, box.width, box.height)
    ours = (derived.x, derived.y, derived.width, derived.height)
    is_derived = all(abs(a - b) <= tolerance_px for a, b in zip(theirs, ours, strict=True))
    return None if is_derived else box
