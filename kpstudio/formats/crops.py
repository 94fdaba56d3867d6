"""Each subject cut out into an image of its own, with its keypoints moved along."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.formats.image_copies import (
    FreeNames,
    Report,
    notes_on_missing,
    stem_of,
    write_png,
)
from kpstudio.imaging.pixels import read_pixels

DEFAULT_MARGIN = 0.25
_SMALLEST_SIDE_PX = 16


@dataclass(frozen=True)
class Crops:
    """One image per subject.

    Args:
        dataset: With the cut-out images; their names tell from which image they are.
        predictions: Moved alike, of these images; None where annotations were cut out.
        notes: What was left out, and why, a sentence each.
    """

    dataset: Dataset
    predictions: tuple[Prediction, ...] | None
    notes: tuple[str, ...]


def cut_out(
    dataset: Dataset,
    folder: Path,
    *,
    predictions: Sequence[Prediction] | None = None,
    margin: float = DEFAULT_MARGIN,
    report: Report | None = None,
) -> Crops:
    """Write a PNG for each labelled or predicted subject.

    Args:
        dataset: Of whole images.
        folder: For the new images.
        predictions: To be cut out instead of the annotations.
        margin: On each side of the subject, as a share of its longer side; at the border of the
            image there may be less.
        report: Told how many images are done.

    Raises:
        UserProblem: The folder cannot be written, or no image can be read.
    """
    if not 0 <= margin <= 10:
        raise UserProblem(
            f"A margin of {margin:g} is not possible.", "0.25 adds a quarter on each side."
        )
    subjects: dict[int, list[Annotation | Prediction]] = defaultdict(list)
    for each in dataset.labelled().annotations if predictions is None else predictions:
        subjects[each.image_id].append(each)
    images = [image for image in dataset.images if image.id in subjects]
    names = FreeNames(folder)
    cut = _Cut()
    missing = []
    for done, image in enumerate(images, start=1):
        try:
            pixels = read_pixels(image.path, image.frame)
        except UserProblem:
            missing.append(image)
        else:
            for number, subject in enumerate(subjects[image.id], start=1):
                cut.add(image, pixels, subject, number, margin, names)
        if report is not None:
            report(done, len(images))
    notes = notes_on_missing(missing, replace(dataset, images=tuple(images)))
    if cut.left_out:
        notes = (*notes, f"{cut.left_out:,} subjects lie outside their image, and are left out.")
    return Crops(
        replace(dataset, images=tuple(cut.images), annotations=tuple(cut.annotations)),
        None if predictions is None else tuple(cut.predictions),
        notes,
    )


class _Cut:
    """What has been cut out so far."""

    def __init__(self) -> None:
        self.images: list[Image] = []
        self.annotations: list[Annotation] = []
        self.predictions: list[Prediction] = []
        self.left_out = 0

    def add(
        self,
        image: Image,
        pixels: np.ndarray,
        subject: Annotation | Prediction,
        number: int,
        margin: float,
        names: FreeNames,
    ) -> None:
        height, width = pixels.shape[:2]
        place = _window(subject, width, height, margin)
        if place is None:
            self.left_out += 1
            return
        left, top, right, bottom = place
        piece = np.ascontiguousarray(pixels[top:bottom, left:right])
        path = write_png(piece, f"{stem_of(image)}_subject{number}.png", names)
        new = replace(
            image,
            id=len(self.images) + 1,
            path=path,
            frame=None,
            width=right - left,
            height=bottom - top,
            extra="",
        )
        self.images.append(new)
        xy = subject.xy - np.array([left, top])
        box = subject.box
        if isinstance(subject, Prediction):
            moved = replace(subject.box, x=subject.box.x - left, y=subject.box.y - top)
            self.predictions.append(replace(subject, image_id=new.id, xy=xy, box=moved))
        else:
            shifted = None if box is None else replace(box, x=box.x - left, y=box.y - top)
            self.annotations.append(replace(subject, image_id=new.id, xy=xy, box=shifted))


def _window(
    subject: Annotation | Prediction, width: int, height: int, margin: float
) -> tuple[int, int, int, int] | None:
    """Whole pixels: left, top, and the first ones beyond right and bottom; None where empty."""
    if isinstance(subject, Prediction):
        points, box = subject.xy[np.isfinite(subject.xy).all(axis=1)], subject.box
    else:
        points, bounds = subject.xy[subject.is_labelled], subject.bounds()
        if bounds is None:
            return None
        box = bounds
    corners = np.array([[box.x, box.y], [box.x + box.width, box.y + box.height]])
    whole = Box.around(np.concatenate([points, corners]))
    side = max(whole.width, whole.height)
    grow = max(side * margin, (_SMALLEST_SIDE_PX - side) / 2, 0.5)
    left, top = (max(math.floor(v - grow + 0.5), 0) for v in (whole.x, whole.y))
    right = min(math.ceil(whole.x + whole.width + grow + 0.5), width)
    bottom = min(math.ceil(whole.y + whole.height + grow + 0.5), height)
    return (left, top, right, bottom) if left < right and top < bottom else None
