"""The evaluate command."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kpstudio.cli.command import Command
from kpstudio.cli.evaluation_tables import evaluation_text
from kpstudio.cli.predictions import add_execution, find_run, order_of_answers
from kpstudio.cli.terminal import ProgressLine, print_json, print_result, say
from kpstudio.core.bootstrap import CONFIDENCE, RESAMPLES
from kpstudio.core.dataset import Dataset, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.reference_length import ReferenceLength, read_reference
from kpstudio.core.skeleton import Skeleton

if TYPE_CHECKING:
    from kpstudio.inference.predictor import Predictor
    from kpstudio.store.runs import Run
    from kpstudio.training.evaluate import Evaluation, EvaluationOptions

_MARKING_SPLITS = ("val", "test")
_MOST_CROPS = 256


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("--run", type=int, dest="run_id", help="the newest by default")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--decoder", action="append", metavar="NAME", help="the run's best")
    which.add_argument(
        "--all-decoders",
        action="store_true",
        help="which one is best; on val or test this is written into the run's checkpoint",
    )
    command.add_argument(
        "--no-mark", action="store_true", help="leave the checkpoint alone, whichever is best"
    )
    command.add_argument("--split", choices=("train", "val", "test", "all"), default="val")
    command.add_argument(
        "--reference",
        default="box",
        metavar="LENGTH",
        help="PCK and NME divide by it: box (its longer side), or keypoints A,B; %(default)s",
    )
    command.add_argument(
        "--flip-test",
        action="store_true",
        help="average what the network says of each crop and of its mirror image",
    )
    command.add_argument(
        "--crop-jitter",
        type=int,
        default=0,
        metavar="N",
        help="look at N crops a little beside each, and tell how far answers move",
    )
    command.add_argument(
        "--average-crops", action="store_true", help="the mean over those crops is the answer"
    )
    add_execution(command)


def evaluate(arguments: argparse.Namespace) -> int:
    """Errors of a run's predictions on labelled images, for one or more decoders."""
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project), read_only=True, notify=say) as project:
        _check_jitter(arguments)
        read_reference(arguments.reference, project.skeleton)
        dataset = _labelled(project.dataset(annotated=True), arguments.split)
        run, checkpoint = find_run(project, arguments.run_id)
        predictor = _load(arguments, checkpoint)
        order = order_of_answers(project, run, predictor.checkpoint.skeleton.keypoints)
    dataset, unknown = _known_part(dataset, order, run, arguments.split)
    skeleton = dataset.skeleton
    reference = _reference(arguments.reference, skeleton, run)
    options = _options(arguments, reference, order)
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
        how = {
            "reference": reference.name(skeleton),
            "flip_test": arguments.flip_test,
            "unknown_keypoints": unknown,
        }
        print_json({**heading, **how, **_fields(evaluation, is_marked=mark is not None)})
        return 0
    left_out = f", without {', '.join(unknown)}" if unknown else ""
    print_result(f"Run {run.id} on {images} images of the split “{arguments.split}”{left_out}:\n")
    print_result(evaluation_text(evaluation, reference.name(skeleton)))
    if mark:
        print_result(f"\n{mark}")
    return 0


def _load(arguments: argparse.Namespace, checkpoint: Path) -> "Predictor":
    from kpstudio.inference.flip_test import FlipTestPredictor
    from kpstudio.inference.predictor import Predictor

    kind = FlipTestPredictor if arguments.flip_test else Predictor
    return kind.load(checkpoint, execution=arguments.execution)


def _reference(text: str, skeleton: Skeleton, run: "Run") -> ReferenceLength:
    """The length that was asked for, which the project has, from what the run knows."""
    try:
        return read_reference(text, skeleton)
    except UserProblem as problem:
        message = f"Run {run.id} does not know both keypoints of the reference {text}."
        raise UserProblem(message, problem.hint) from problem


def _options(
    arguments: argparse.Namespace, reference: ReferenceLength, order: Sequence[int]
) -> "EvaluationOptions":
    from kpstudio.inference.crop_jitter import CropJitter
    from kpstudio.training.evaluate import EvaluationOptions

    return EvaluationOptions(
        reference,
        CropJitter(arguments.crop_jitter) if arguments.crop_jitter else None,
        arguments.average_crops,
        tuple(index for index in order if index >= 0),
    )


def _known_part(
    dataset: Dataset, order: Sequence[int], run: "Run", part: str
) -> tuple[Dataset, tuple[str, ...]]:
    """The labels of the keypoints that a run knows, and the names of the others."""
    names = dataset.skeleton.keypoints
    unknown = tuple(name for name, index in zip(names, order, strict=True) if index < 0)
    if not unknown:
        return dataset, ()
    say(f"Run {run.id} does not know {', '.join(unknown)}: left out.")
    known = dataset.part([at for at, index in enumerate(order) if index >= 0]).labelled()
    if not known.images:
        raise UserProblem(
            f"Nothing that run {run.id} knows is labelled in the split “{part}”: only "
            f"{', '.join(unknown)}.",
            "Train again, so that it learns them, or evaluate another run.",
        )
    return known, unknown


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


EVALUATE = Command(
    "evaluate", "compare predictions with labels", evaluate, _add_arguments, has_json=True
)
