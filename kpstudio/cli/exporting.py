"""The export command."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import ProgressLine, print_json, print_result, say
from kpstudio.core.errors import UserProblem

if TYPE_CHECKING:
    from kpstudio.core.annotation import Prediction
    from kpstudio.formats import ExportOrder, ImageChoice
    from kpstudio.store.project import Project

_QUIET_S = 2.0


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("out", metavar="OUT")
    command.add_argument("--format", required=True, metavar="NAME", help="such as coco")
    command.add_argument("--what", choices=("labels", "predictions"), default="labels")
    command.add_argument("--run", type=int, dest="run_id", help="of the predictions")
    command.add_argument("--split", choices=("train", "val", "test"), help="only these images")
    command.add_argument(
        "--review", choices=("ready", "accepted", "rejected"), help="only images in this state"
    )
    command.add_argument("--tag", metavar="NAME", help="only images with this tag")
    command.add_argument("--author", metavar="NAME", help="only annotations by this person")
    command.add_argument("--images", metavar="PATTERN", help="only files of such names: 'night_*'")
    placing = command.add_mutually_exclusive_group()
    placing.add_argument("--copy-images", metavar="FOLDER", help="and let the labels name these")
    placing.add_argument(
        "--link-images", metavar="FOLDER", help="the same without taking space: links"
    )
    command.add_argument(
        "--crop",
        type=float,
        nargs="?",
        const=0.25,
        metavar="MARGIN",
        help="cut out each subject, with a margin as a share of its size (%(const)s), into the"
        " folder of --copy-images",
    )
    command.add_argument(
        "--card",
        nargs="?",
        const="",
        metavar="FILE",
        help="describe the dataset in Markdown; OUT.md by default",
    )


def export(arguments: argparse.Namespace) -> int:
    """Write labels or predictions in a format of this field."""
    from kpstudio import formats
    from kpstudio.store.project import Project

    order = _order(arguments)
    with Project.open(Path(arguments.project), read_only=True, notify=say) as project:
        predictions = None
        if arguments.what == "predictions":
            content = formats.ExportContent(project.dataset())
            predictions = _stored_predictions(project, arguments.run_id)
        else:
            content = formats.ExportContent.of_labels(project, order)
        if predictions is None and not content.dataset.labelled().images:
            raise UserProblem("No image of this project is labelled yet.", "Label some images.")
    line, start = ProgressLine(), time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() > start + _QUIET_S:
            line.show(f"{done} of {total} images")

    try:
        receipt = formats.export(
            content.dataset,
            order,
            predictions=predictions,
            unlabelled=content.unlabelled,
            report=show,
        )
    finally:
        line.clear()
    if arguments.json:
        print_json(asdict(receipt) | {"path": str(receipt.path)})
    else:
        first, *more = receipt.lines()
        print_result("\n  ".join([f"Wrote {receipt.path}: {first}", *more]))
    return 0


def _order(arguments: argparse.Namespace) -> "ExportOrder":
    from kpstudio.formats import ExportOrder, Subset

    out = Path(arguments.out)
    images: ImageChoice = "copy" if arguments.copy_images else "leave"
    folder = arguments.copy_images or arguments.link_images
    if arguments.link_images:
        images = "link"
    if arguments.crop is not None:
        if not arguments.copy_images:
            raise UserProblem(
                "Into which folder shall the cut-out images go?",
                "Name it: --crop --copy-images FOLDER",
            )
        images = "crop"
    order = ExportOrder(
        out,
        arguments.format,
        Subset(
            arguments.split,
            arguments.review,
            arguments.tag or "",
            arguments.author or "",
            arguments.images or "",
        ),
        images,
        Path(folder) if folder else None,
    )
    if arguments.crop is not None:
        order = replace(order, margin=arguments.crop)
    if arguments.card is not None:
        order = replace(order, card=Path(arguments.card or out.with_suffix(".md")))
    return order


def _stored_predictions(project: "Project", run_id: int | None) -> "Sequence[Prediction]":
    run = project.runs.newest() if run_id is None else project.runs.one(run_id)
    found = project.predictions.of(run.id) if run else ()
    if not found:
        raise UserProblem(
            f"Run {run.id} has no predictions." if run else "There is no trained run yet.",
            f"Predict all images first: kpstudio predict {project.path}",
        )
    return found


EXPORT = Command("export", "write labels or predictions", export, _add_arguments, has_json=True)
