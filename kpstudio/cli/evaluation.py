"""The evaluate command."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kpstudio.cli.evaluation_tables import evaluation_text
from kpstudio.cli.predictions import find_run
from kpstudio.cli.terminal import ProgressLine, print_json, print_result, say
from kpstudio.core.bootstrap import CONFIDENCE, RESAMPLES
from kpstudio.core.dataset import Dataset, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.reference_length import read_reference
from kpstudio.store.project import Project

if TYPE_CHECKING:
    from kpstudio.inference.predictor import Predictor
    from kpstudio.training.evaluate import Evaluation, EvaluationOptions

_MARKING_SPLITS = ("val", "test")
_MOST_CROPS = 256


def evaluate(arguments: argparse.Namespace) -> int:
    """Errors of a run's predictions on labelled images, for one or more decoders."""
    with Project.open(Path(arguments.project), read_only=True) as project:
        skeleton = project.skeleton
        reference = read_reference(arguments.reference, skeleton)
        _check_jitter(arguments)
        dataset = _labelled(project.dataset(annotated=True), arguments.split)
        run, checkpoint = find_run(project, arguments.run_id)
    predictor, options = _prepare(arguments, checkpoint, dataset)
    from kpstudio.decoders import decoders_for
    from kpstudio.training.evaluate import evaluate

    names = arguments.decoder or [predictor.checkpoint.best_decoder]
    if arguments.all_decoders:
        names = list(decoders_for(predictor.checkpoint.head_training))
    line = ProgressLine()
    evaluation = evaluate(
        predictor,
        dataset,
        names,
        options=options,
        progress=lambda done, count: line.show(f"{done} of {count} images"),
    )
    line.clear()
    for name, why in evaluation.skipped.items():
        say(f"Skipped {name}: {why}")
    images, best = len(dataset.images) - len(evaluation.skipped), evaluation.leaderboard.best
    has_winner = arguments.all_decoders and evaluation.decoders[best].median_px is not None
    mark = _mark(arguments, checkpoint, best) if has_winner else None
    if arguments.json:
        heading = {"run": run.id, "split": arguments.split, "images": images}
        how = {"reference": reference.name(skeleton), "flip_test": arguments.flip_test}
        print_json({**heading, **how, **_fields(evaluation, is_marked=mark is not None)})
        return 0
    print_result(f"Run {run.id} on {images} images of the split “{arguments.split}”:\n")
    print_result(evaluation_text(evaluation, reference.name(skeleton)))
    if mark:
        print_result(f"\n{mark}")
    return 0


def _prepare(
    arguments: argparse.Namespace, checkpoint: Path, dataset: Dataset
) -> "tuple[Predictor, EvaluationOptions]":
    from kpstudio.inference.crop_jitter import CropJitter
    from kpstudio.inference.flip_test import FlipTestPredictor
    from kpstudio.inference.predictor import Predictor
    from kpstudio.training.evaluate import EvaluationOptions

    kind = FlipTestPredictor if arguments.flip_test else Predictor
    predictor = kind.load(checkpoint, skeleton=dataset.skeleton, execution=arguments.execution)
    options = EvaluationOptions(
        read_reference(arguments.reference, dataset.skeleton),
        CropJitter(arguments.crop_jitter) if arguments.crop_jitter else None,
        arguments.average_crops,
    )
    return predictor, options


def _check_jitter(arguments: argparse.Namespace) -> None:
    if arguments.crop_jitter < 0:
        raise UserProblem("There cannot be fewer than 0 crops.", "Give --crop-jitter 8, say.")
    if arguments.crop_jitter > _MOST_CROPS:
        raise UserProblem(
            f"{arguments.crop_jitter} crops of each subject are too many.",
            f"Give up to {_MOST_CROPS}; eight tell enough.",
        )
    if arguments.average_crops and not arguments.crop_jitter:
        raise UserProblem("--average-crops needs crops to average.", "Add --crop-jitter 8, say.")


def _labelled(dataset: Dataset, part: str) -> Dataset:
    labelled = dataset.labelled(None if part == "all" else msgspec.convert(part, Split))
    if not labelled.images:
        where = "in the project" if part == "all" else f"in the split “{part}”"
        raise UserProblem(
            f"There is no labelled image {where}.",
            "Label some images, divide them with “kpstudio split”, or use --split all.",
        )
    return labelled


def _mark(arguments: argparse.Namespace, checkpoint: Path, best: str) -> str | None:
    """Write the best decoder into the checkpoint where that is fair; what was done, in words.

    The images that it learned from do not tell which decoder is best on others, and what is best
    for the mean of several looks need not be best for the one that predicting takes.
    """
    is_plain = not arguments.flip_test and not arguments.average_crops
    if arguments.no_mark or not is_plain or arguments.split not in _MARKING_SPLITS:
        return None
    from kpstudio.models.checkpoint import mark_best_decoder

    try:
        is_new = mark_best_decoder(checkpoint, best)
    except UserProblem as problem:
        say(f"{best} could not be written into the checkpoint: {problem.message}")
        return None
    if is_new:
        return f"The run's decoder is {best} from now on (--no-mark would leave it as it was)."
    return f"The run's decoder is {best} already."


def _fields(evaluation: "Evaluation", *, is_marked: bool) -> dict[str, Any]:
    """All that came out, for a program."""
    board = evaluation.leaderboard
    intervals = None
    if evaluation.clustering:
        intervals = {
            "over": evaluation.clustering,
            "confidence": CONFIDENCE,
            "resamples": RESAMPLES,
        }
    return {
        "subjects": evaluation.subjects,
        "without_reference": evaluation.unrelated,
        "intervals": intervals,
        "decoders": evaluation.decoders,
        "best": {
            "decoder": board.best,
            "is_marked": is_marked,
            "behind": board.behind,
            "per_keypoint": board.per_keypoint,
        },
        "human": evaluation.human,
        "skipped": evaluation.skipped,
    }
