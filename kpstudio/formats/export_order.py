"""Everything that a person decides about an export, and doing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from kpstudio.core.annotation import Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.formats.crops import DEFAULT_MARGIN, cut_out
from kpstudio.formats.dataset_card import dataset_card
from kpstudio.formats.format import WriteReceipt
from kpstudio.formats.image_copies import place_images
from kpstudio.formats.registry import write
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


def export(
    dataset: Dataset,
    order: ExportOrder,
    *,
    predictions: Sequence[Prediction] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> WriteReceipt:
    """Choose, place the images, write, read back, and describe.

    Args:
        dataset: All images and annotations of a project.
        order: What is wanted.
        predictions: Of its images, to be written instead of the annotations.
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
    return replace(receipt, notes=(*notes, *receipt.notes))
