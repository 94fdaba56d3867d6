"""The predict command."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import ProgressLine, print_json, print_result, say
from kpstudio.core.annotation import Prediction, known_boxes
from kpstudio.core.dataset import Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.messages import DecoderChoice

if TYPE_CHECKING:
    from kpstudio.decoders import Decoder
    from kpstudio.inference.predictor import Predictor
    from kpstudio.store.project import Project
    from kpstudio.store.runs import Run


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("--run", type=int, dest="run_id", help="the newest by default")
    command.add_argument("--decoder", metavar="NAME", help="the run's best by default")
    add_execution(command)


def add_execution(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--execution",
        default="float32",
        metavar="WAY",
        help="float32, bfloat16, float16, compiled, or auto for the fastest; %(default)s",
    )


def predict(arguments: argparse.Namespace) -> int:
    """Predict all images and store what was found; unreadable ones are reported and skipped."""
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project)) as project:
        run, predictor = open_run(project, arguments)
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
                say(f"Skipped {image.name}: {problem.message}")
                where = {"image": str(image.path), "frame": image.frame}
                skipped.append(where | {"message": problem.message})
                continue
            project.predictions.put(run.id, image.id, name, found)
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
    image: Image, known: Sequence[Box], run: "Run", predictor: "Predictor", decoder: "Decoder"
) -> tuple[Prediction, ...]:
    from kpstudio.imaging.pixels import read_picture
    from kpstudio.inference.predictor import decode

    heatmaps = predictor.heatmaps(read_picture(image.path, image.frame), known=known)
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


def open_run(project: "Project", arguments: argparse.Namespace) -> "tuple[Run, Predictor]":
    """A run of the project with its network, ready to predict."""
    run, checkpoint = find_run(project, arguments.run_id)
    from kpstudio.inference.predictor import Predictor

    predictor = Predictor.load(checkpoint, execution=arguments.execution)
    order = order_of_answers(project, run, predictor.checkpoint.skeleton.keypoints)
    names = zip(project.skeleton.keypoints, order, strict=True)
    if unknown := [name for name, index in names if index < 0]:
        say(f"Run {run.id} does not know {', '.join(unknown)}: they get no prediction.")
    return run, predictor


def order_of_answers(project: "Project", run: "Run", known: Sequence[str]) -> tuple[int, ...]:
    """For each keypoint of the project its index in what a run answers; -1 where it has none.

    Args:
        project: With the keypoints of now.
        run: Which may be older than the names that they have now.
        known: Names in its checkpoint.

    Raises:
        UserProblem: It has none of them.
    """
    order = project.predictions.order(run.id, count=len(known))
    if order is None or max(order) < 0:
        raise UserProblem(
            f"Run {run.id} was trained for other keypoints ({', '.join(known)}).",
            f"This project has {', '.join(project.skeleton.keypoints)}; train again.",
        )
    return order


def find_run(project: "Project", run_id: int | None) -> "tuple[Run, Path]":
    """A run of the project, the newest one if none is named, and its checkpoint.

    Raises:
        UserProblem: There is no such run, or it has no checkpoint.
    """
    run = project.runs.newest() if run_id is None else project.runs.one(run_id)
    if run is None:
        raise UserProblem(
            f"{project.path.name} has no trained run yet.",
            f"Train one with: kpstudio train {project.path}",
        )
    if run.checkpoint is None or not run.has_checkpoint:
        raise UserProblem(f"Run {run.id} has no checkpoint.", "Choose another run, or train again.")
    return run, run.checkpoint


PREDICT = Command("predict", "predict all images", predict, _add_arguments, has_json=True)
