"""Everything that a person decides about an export, and doing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.annotation import Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.image_filter import ImageFilter
from kpstudio.formats.crops import DEFAULT_MARGIN, cut_out
from kpstudio.formats.dataset_card import dataset_card
from kpstudio.formats.format import WriteReceipt
from kpstudio.formats.image_copies import place_images
from kpstudio.formats.registry import FORMATS, write
from kpstudio.formats.subset import Subset

ImageChoice = Literal["leave", "copy", "link", "crop"]


@dataclass(frozen=True)
class ExportOrder:
    """What shall be written, and where.

    Args:
        path: Of the labels.
        format: A name in `FORMATS`.
        subset: Which images.
        images: Whether they stay where they are, are copied or linked, or are cut out by subject.
        folder: For the images that are written.
        margin: Around subjects that are cut out, as a share of their longer side.
        card: Path of the dataset card; None where none is wanted.
    """

    path: Path
    format: str = "coco"
    subset: Subset = field(default_factory=Subset)
    images: ImageChoice = "leave"
    folder: Path | None = None
    margin: float = DEFAULT_MARGIN
    card: Path | None = None


class ImageSource(Protocol):
    """What is exported from: a project, or whatever can be asked like one."""

    def dataset(self, *, annotated: bool = False) -> Dataset:
        """All annotations with all images, or only with those that have any."""
        ...

    def find_images(self, wanted: ImageFilter = ...) -> NDArray[np.int64]:
        """Ids of the images that a filter lets through."""
        ...


@dataclass(frozen=True)
class ExportContent:
    """What there is to be exported.

    Args:
        dataset: With all images that matter, and perhaps others.
        unlabelled: How many images beside those are asked for, but have no annotation.
    """

    dataset: Dataset
    unlabelled: int = 0

    @classmethod
    def of_labels(cls, source: ImageSource, order: ExportOrder) -> "ExportContent":
        """All images with their labels; only those with annotations where the rest is left out."""
        subset = order.subset
        # A pattern of names is nothing that a project can be asked for.
        if subset.images or FORMATS[order.format].needs_all_images(order.path):
            return cls(source.dataset())
        dataset = source.dataset(annotated=True)
        try:
            chosen = subset.of(dataset)
        except UserProblem:
            chosen = replace(dataset, images=())
        if not chosen.images:
            # The complaint names what there is in all images.
            return cls(source.dataset())
        if subset.author or order.images != "leave":
            return cls(dataset)
        tags = (subset.tag,) if subset.tag else ()
        wanted = ImageFilter(split=subset.split, review=subset.review, tags=tags)
        return cls(dataset, len(source.find_images(wanted)) - len(chosen.images))


def export(
    dataset: Dataset,
    order: ExportOrder,
    *,
    predictions: Sequence[Prediction] | None = None,
    unlabelled: int = 0,
    report: Callable[[int, int], None] | None = None,
) -> WriteReceipt:
    """Choose, place the images, write, read back, and describe.

    Args:
        dataset: All images and annotations of a project; images without annotations may be absent
            where the format leaves them out.
        order: What is wanted.
        predictions: Of its images, to be written instead of the annotations.
        unlabelled: How many of the chosen images are absent.
        report: Told how many images have been placed; what it raises ends the export.

    Raises:
        UserProblem: Nothing is left to export, or something cannot be written.
    """
    chosen = order.subset.of(dataset)
    if predictions is not None:
        kept = {image.id for image in chosen.images}
        predictions = [each for each in predictions if each.image_id in kept]
        if not predictions:
            raise UserProblem(
                "None of the chosen images has a prediction.", "Predict all images first."
            )
    elif not chosen.labelled().images:
        raise UserProblem(
            "None of the chosen images is labelled yet.", "Label some images, or choose others."
        )
    origin = chosen if predictions is not None else chosen.labelled()
    notes: tuple[str, ...] = ()
    if order.images != "leave":
        if order.folder is None:
            raise UserProblem("Into which folder shall the images go?", "Name one.")
        if order.images == "crop":
            crops = cut_out(
                chosen,
                order.folder,
                predictions=predictions,
                margin=order.margin,
                report=report,
            )
            chosen, predictions, notes = crops.dataset, crops.predictions, crops.notes
        else:
            placed = place_images(origin, order.folder, order.images, report=report)
            chosen, notes = placed.dataset, placed.notes
            if predictions is not None:
                kept = {image.id for image in chosen.images}
                predictions = [each for each in predictions if each.image_id in kept]
    receipt = write(chosen, order.path, format=order.format, predictions=predictions)
    if order.card is not None:
        described = chosen if predictions is not None else chosen.labelled()
        text = dataset_card(described, title=order.path.stem, file=order.path.name, origin=origin)
        write_atomically(order.card, text.encode())
    return replace(
        receipt,
        notes=(*notes, *receipt.notes),
        unlabelled=receipt.unlabelled + unlabelled,
    )
