"""The train command."""

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kpstudio.cli.terminal import ProgressLine, pixels, print_json, print_result, say
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    TrainingEnded,
    TrainingEvent,
    TrainingSettings,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.store.project import Project
from kpstudio.store.runs import Run, checkpoint_path

INTERRUPTED = 130


def train(arguments: argparse.Namespace) -> int:
    """Train in this process; Ctrl+C stops it and keeps the best so far."""
    with _interruption() as is_interrupted, Project.open(Path(arguments.project)) as project:
        ended, run = _train(project, arguments, is_interrupted)
    if arguments.json and not arguments.events:
        print_json({"run": run.id, "ended": ended})
    elif not arguments.events:
        _print_end(ended, run)
    if ended.how == "failed":
        raise UserProblem(
            f"The training failed: {ended.message}", "Your labels are safe; try it again."
        )
    return INTERRUPTED if is_interrupted() and ended.checkpoint is None else 0


def _train(
    project: Project, arguments: argparse.Namespace, is_interrupted: Callable[[], bool]
) -> tuple[TrainingEnded, Run]:
    from kpstudio.models import HEADS, NETWORKS
    from kpstudio.store.training_plan import ensure_split, prepare_training
    from kpstudio.training.fit import fit

    settings = _settings(project, arguments)
    NETWORKS[settings.network]
    HEADS[settings.head](settings.loss)
    parts = ensure_split(project) if project.labelled_image_ids() else None
    if parts is not None:
        counts = ", ".join(f"{count} {part}" for part, count in parts.items())
        say(f"Divided the images that had no split yet: {counts}.")
    run, dataset = prepare_training(project, settings)
    reporter = _Reporter(as_json=arguments.events)
    try:
        ended = fit(
            dataset,
            settings,
            checkpoint=checkpoint_path(project.runs_folder, run.id),
            report=reporter.report,
            should_stop=is_interrupted,
            sequence=run.id,
        )
    except BaseException as error:
        steps = reporter.steps
        project.finish_run(run.id, state="failed", median_px=None, steps=steps, message=str(error))
        raise
    run = project.finish_run(
        run.id,
        state=ended.how,
        median_px=ended.median_px,
        steps=ended.steps,
        message=ended.message,
    )
    return ended, run


def _settings(project: Project, arguments: argparse.Namespace) -> TrainingSettings:
    for name in ("minutes", "steps", "max_labels"):
        value = getattr(arguments, name)
        if value is not None and value <= 0:
            option = name.replace("_", "-")
            raise UserProblem(f"--{option} {value} leaves nothing to do.", "Choose more than 0.")
    defaults = TrainingSettings()
    network, head, loss = defaults.network, defaults.head, defaults.loss
    warm_start = None
    if arguments.from_run is not None:
        former = project.run(arguments.from_run)
        if former.checkpoint is None or not former.has_checkpoint:
            raise UserProblem(
                f"Run {former.id} has no checkpoint to start from.", "Choose another run."
            )
        warm_start = str(former.checkpoint)
        network, head, loss = _kind_of(former.checkpoint)
    return TrainingSettings(
        minutes=arguments.minutes,
        steps=arguments.steps,
        network=arguments.network or network,
        head=arguments.head or head,
        loss=arguments.loss or (loss if arguments.head in (None, head) else ""),
        seed=arguments.seed,
        max_labels=arguments.max_labels,
        warm_start=warm_start,
    )


def _kind_of(checkpoint: Path) -> tuple[str, str, str]:
    """Network, head and loss of a checkpoint, which a training goes on with."""
    from kpstudio.models import HEADS, load_checkpoint
    from kpstudio.models.heads import head_of

    info = load_checkpoint(checkpoint).info
    if info.program is not None:
        raise UserProblem(
            "A program cannot be trained.",
            "Train another network, and use this one to predict.",
        )
    head = head_of(info.head_training)
    name = next(name for name, entry in HEADS.items() if entry is type(head))
    return info.network, name, head.loss


class _Reporter:
    """Shows the events of a training to a person or to a program."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._line = ProgressLine()
        self.steps = 0

    def report(self, event: TrainingEvent) -> None:
        if isinstance(event, TrainingStep):
            self.steps = event.step
        if self._as_json:
            print_json(event)
            return
        match event:
            case TrainingStarted():
                images = f"{event.train_images} images, {event.val_images} for validation"
                say(f"Training on {images} ({event.device}).")
            case TrainingStep():
                self._line.show(
                    f"{event.fraction:4.0%}  step {event.step}  loss {event.loss:.4f}"
                    f"  {event.remaining_s:.0f} s left"
                )
            case TrainingValidated():
                self._line.clear()
                best = "  (best so far)" if event.is_best else ""
                say(f"Step {event.step}: median error {pixels(event.median_px)} px{best}")
            case TrainingEnded():
                self._line.clear()


def _print_end(ended: TrainingEnded, run: Run) -> None:
    if ended.checkpoint is None:
        say(f"Run {run.id} {ended.how} before there was anything to keep.")
        return
    print_result(
        f"Run {run.id} {ended.how}: {ended.steps} steps in {ended.elapsed_s:.0f} s,"
        f" median error {pixels(ended.median_px)} px on the validation images."
    )


@contextmanager
def _interruption() -> Iterator[Callable[[], bool]]:
    """The first Ctrl+C (or request to end) sets a flag; the second one interrupts."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1
        if count > 1:
            raise KeyboardInterrupt
        say("Stopping; the best so far is kept. Press Ctrl+C again to give up at once.")

    former = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: count > 0
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
