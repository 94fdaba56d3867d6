"""The predict and evaluate commands."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kpstudio.cli.terminal import (
    ProgressLine,
    pixels,
    print_json,
    print_result,
    say,
    table,
)
from kpstudio.core.annotation import Prediction, known_boxes
from kpstudio.core.dataset import Dataset, Image, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.messages import DecoderChoice
from kpstudio.store.project import Project
from kpstudio.store.runs import Run

if TYPE_CHECKING:
    from kpstudio.decoders import Decoder
    from kpstudio.inference.predictor import Predictor
    from kpstudio.training.evaluate import DecoderReport


def predict(arguments: argparse.Namespace) -> int:
    """Predict all images and store what was found; unreadable ones are reported and skipped."""
    with Project.open(Path(arguments.project)) as project:
        run, predictor = _open_run(project, arguments)
        from kpstudio.decoders import make_decoder

        name = arguments.decoder or predictor.checkpoint.best_decoder
        decoder = make_decoder(DecoderChoice(name), predictor.checkpoint.head_training)
        images = project.images()
        line, subjects, skipped = ProgressLine(), 0, []
        for done, image in enumerate(images):
            line.show(f"{done} of {len(images)} images")
            try:
                known = known_boxes(project.annotations(image.id))
                found = _predict_image(image, known, run, predictor, decoder)
            except UserProblem as problem:
                line.clear()
                say(f"Skipped {image.path.name}: {problem.message}")
                skipped.append({"image": str(image.path), "message": problem.message})
                continue
            project.put_predictions(run.id, image.id, name, found)
            subjects += len(found)
        line.clear()
    if images and len(skipped) == len(images):
        raise UserProblem(
            "None of the images could be read.", "If their folder has moved, relocate it."
        )
    if arguments.json:
        counts = {"images": len(images) - len(skipped), "subjects": subjects}
        print_json({"run": run.id, "decoder": name, **counts, "skipped": skipped})
    else:
        done = len(images) - len(skipped)
        print_result(f"Run {run.id} found {subjects} subjects in {done} images ({name}).")
    return 0


def _predict_image(
    image: Image, known: Sequence[Box], run: Run, predictor: "Predictor", decoder: "Decoder"
) -> tuple[Prediction, ...]:
    from kpstudio.imaging.read import read_image
    from kpstudio.inference.predictor import decode

    heatmaps = predictor.heatmaps(read_image(image.path), known=known)
    return tuple(
        Prediction(
            image_id=image.id,
            run_id=run.id,
            xy=each.xy,
            scores=each.scores,
            box=each.box,
            score=each.score,
        )
        for each in decode(heatmaps, decoder, other_peaks=0, covariance=False)
    )


def evaluate(arguments: argparse.Namespace) -> int:
    """Errors of a run's predictions on labelled images, for one or more decoders."""
    with Project.open(Path(arguments.project), read_only=True) as project:
        dataset = _labelled(project.dataset(), arguments.split)
        run, predictor = _open_run(project, arguments)
    from kpstudio.decoders import decoders_for
    from kpstudio.training.evaluate import evaluate

    names = arguments.decoder or [predictor.checkpoint.best_decoder]
    if arguments.all_decoders:
        names = list(decoders_for(predictor.checkpoint.head_training))
    line = ProgressLine()
    reports = evaluate(
        predictor,
        dataset,
        names,
        progress=lambda done, count: line.show(f"{done} of {count} images"),
    )
    line.clear()
    images = len(dataset.images)
    if arguments.json:
        heading = {"run": run.id, "split": arguments.split, "images": images}
        print_json({**heading, "decoders": reports})
    else:
        print_result(f"Run {run.id} on {images} images of the split “{arguments.split}”:\n")
        print_result(_tables(reports, dataset.skeleton.keypoints))
    return 0


def _labelled(dataset: Dataset, part: str) -> Dataset:
    labelled = dataset.labelled(None if part == "all" else msgspec.convert(part, Split))
    if not labelled.images:
        where = "in the project" if part == "all" else f"in the split “{part}”"
        raise UserProblem(
            f"There is no labelled image {where}.",
            "Label some images, divide them with “kpstudio split”, or use --split all.",
        )
    return labelled


def _tables(reports: "dict[str, DecoderReport]", keypoints: Sequence[str]) -> str:
    decoders = [
        [
            name,
            pixels(report.median_px),
            pixels(report.mean_px),
            pixels(report.p90_px),
            str(report.keypoints),
            str(report.missed),
            _share(report, 0.9),
        ]
        for name, report in reports.items()
    ]
    by_keypoint = [
        [
            keypoint,
            *(pixels(report.per_keypoint[keypoint].median_px) for report in reports.values()),
        ]
        for keypoint in keypoints
    ]
    return "\n\n".join(
        [
            table(
                [
                    "decoder",
                    "median px",
                    "mean px",
                    "p90 px",
                    "keypoints",
                    "missed",
                    "in 90 % ellipse",
                ],
                decoders,
            ),
            table(["median px", *reports], by_keypoint),
        ]
    )


def _share(report: "DecoderReport", level: float) -> str:
    """How many errors lie inside of the ellipse that should hold this part of them."""
    curve = report.reliability
    if curve is None or level not in curve.expected:
        return ""
    share = curve.observed[curve.expected.index(level)]
    return "" if math.isnan(share) else f"{share:.0%}"


def _open_run(project: Project, arguments: argparse.Namespace) -> "tuple[Run, Predictor]":
    """A run of the project with its network, ready to predict."""
    run_id = arguments.run_id
    run = project.newest_run() if run_id is None else project.run(run_id)
    if run is None:
        raise UserProblem(
            f"{project.path.name} has no trained run yet.",
            f"Train one with: kpstudio train {project.path}",
        )
    if run.checkpoint is None or not run.has_checkpoint:
        raise UserProblem(f"Run {run.id} has no checkpoint.", "Choose another run, or train again.")
    from kpstudio.inference.predictor import Predictor

    return run, Predictor.load(
        run.checkpoint, skeleton=project.skeleton, execution=arguments.execution
    )
