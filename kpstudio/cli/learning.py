"""The train command."""

import argparse
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import ProgressLine, pixels, print_json, print_result, say
from kpstudio.cli.training_settings import add_arguments, read_settings
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    AUTOMATIC,
    DatasetMessage,
    Train,
    TrainingEnded,
    TrainingEvent,
    TrainingNote,
    TrainingSettings,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)

if TYPE_CHECKING:
    from kpstudio.store.project import Project
    from kpstudio.store.run_recorder import RunRecorder
    from kpstudio.store.runs import Run
    from kpstudio.training.team import Team

INTERRUPTED = 130


def train(arguments: argparse.Namespace) -> int:
    """Train in this process; Ctrl+C stops it and keeps the best so far.

    Of the processes that torchrun starts, the first one alone has the project open.
    """
    started = time.monotonic()
    from kpstudio.inference.predictor import choose_device
    from kpstudio.store.project import Project
    from kpstudio.training.team import Team

    team = Team(choose_device(), precision=_precision(arguments))
    if not team.is_first:
        return _assist(team)
    with _interruption() as is_interrupted, Project.open(Path(arguments.project)) as project:
        try:
            run, request = _prepare(project, arguments)
        except BaseException:
            team.share(None)
            raise
        ended, run = _train(
            project, arguments, run, team.share(request), team, started, is_interrupted
        )
    if arguments.json and not arguments.events:
        print_json({"run": run.id, "ended": ended})
    elif not arguments.events:
        _print_end(ended, run)
    if ended.how == "failed":
        raise UserProblem(
            f"The training failed: {ended.message}", "Your labels are safe; try it again."
        )
    return INTERRUPTED if is_interrupted() and ended.checkpoint is None else 0


def _precision(arguments: argparse.Namespace) -> str:
    """That of the run that goes on; every process must know it before it hears of the first one."""
    from kpstudio.store.project import Project

    if arguments.resume is None:
        return str(arguments.precision)
    with Project.open(Path(arguments.project), read_only=True, notify=say) as project:
        runs = [
            run
            for run in project.runs.all()
            # One that was killed still says that it is running.
            if run.id == arguments.resume
            or (not arguments.resume and (run.can_go_on or run.state == "running"))
        ]
    return str(runs[-1].settings.get("precision", AUTOMATIC) if runs else AUTOMATIC)


def _assist(team: "Team") -> int:
    """Train what the first process says, until it says that this is over."""
    from kpstudio.training.fit import fit

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    request: Train | None = team.share(None)
    if request is None:
        return 1
    ended = fit(
        request.dataset.dataset(),
        request.settings,
        checkpoint=Path(request.checkpoint),
        report=lambda _: None,
        should_stop=lambda: False,
        is_resumed=request.is_resumed,
        team=team,
    )
    return 1 if ended.how == "failed" else 0


def _prepare(project: "Project", arguments: argparse.Namespace) -> "tuple[Run, Train]":
    """The run, and what all processes are to do."""
    from kpstudio.store.runs import checkpoint_path
    from kpstudio.store.training_plan import (
        ensure_split,
        prepare_resumption,
        prepare_training,
        steps_per_minute,
    )
    from kpstudio.training.fit import check_settings

    is_resumed = arguments.resume is not None
    if is_resumed:
        if arguments.from_run or read_settings(project, arguments) != TrainingSettings():
            raise UserProblem(
                "A run goes on as it was started: --resume takes no other settings.",
                "To train longer or otherwise, start a new run from its best with --from.",
            )
        plan = prepare_resumption(project, arguments.resume or None)
    else:
        settings = read_settings(project, arguments)
        check_settings(settings)
        parts = ensure_split(project) if project.labelled_image_ids() else None
        if parts is not None:
            counts = ", ".join(f"{count} {part}" for part, count in parts.items())
            say(f"Divided the images that had no split yet: {counts}.")
        say(_estimate(settings, steps_per_minute(project, settings.network)))
        plan = prepare_training(project, settings)
    path = checkpoint_path(project.runs.folder, plan.run.id)
    dataset = DatasetMessage.of(plan.dataset)
    request = Train(plan.run.id, dataset, plan.settings, str(path), is_resumed=is_resumed)
    return plan.run, request


def _estimate(settings: TrainingSettings, speed: float | None) -> str:
    """How long it will take, as far as it is known before the start.

    Args:
        settings: Of the training.
        speed: Steps per minute of an earlier run.
    """
    if settings.steps is None:
        steps = "" if speed is None else f", about {speed * settings.minutes:.0f} steps"
        return f"This will take {settings.minutes:g} min{steps}."
    if speed is None:
        return f"This will take {settings.steps} steps; how long is known after the first ones."
    return f"This will take {settings.steps} steps, about {settings.steps / speed:.1f} min."


def _train(
    project: "Project",
    arguments: argparse.Namespace,
    run: "Run",
    request: Train,
    team: "Team",
    started: float,
    is_interrupted: Callable[[], bool],
) -> "tuple[TrainingEnded, Run]":
    from kpstudio.store.run_recorder import RunRecorder
    from kpstudio.training.fit import fit

    reporter = _Reporter(as_json=arguments.events)
    recorder = RunRecorder(project, run.id)

    def report(event: TrainingEvent) -> None:
        recorder.note(event)
        reporter.report(event)

    try:
        ended = fit(
            request.dataset.dataset(),
            request.settings,
            checkpoint=Path(request.checkpoint),
            report=report,
            should_stop=is_interrupted,
            sequence=run.id,
            is_resumed=request.is_resumed,
            started=started,
            team=team,
        )
    except BaseException as error:
        _store_curves(recorder)
        project.runs.finish(
            run.id,
            state="failed",
            median_px=run.median_px,
            steps=reporter.steps or run.steps,
            message=str(error),
        )
        raise
    _store_curves(recorder)
    run = project.runs.finish(
        run.id,
        state=ended.how,
        median_px=ended.median_px,
        steps=ended.steps,
        message=ended.message,
    )
    return ended, run


def _store_curves(recorder: "RunRecorder") -> None:
    """All of them, if that can be; how the training ended matters more."""
    try:
        recorder.flush()
    except UserProblem as problem:
        say(f"{problem.message} {problem.hint}")


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
            case TrainingNote():
                self._line.clear()
                say(f"Step {event.step}: {event.text}")
            case TrainingEnded():
                self._line.clear()


def _print_end(ended: TrainingEnded, run: "Run") -> None:
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


TRAIN = Command("train", "train a network on the labels", train, add_arguments, has_json=True)
