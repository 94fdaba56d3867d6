"""A training in the background: its own engine process, its curves, and how it ended."""

import logging
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.augmentation import AugmentationChoice
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    DatasetMessage,
    Hello,
    RequestFailed,
    StopTraining,
    Train,
    TrainingEnded,
    TrainingEvent,
    TrainingNote,
    TrainingSettings,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.core.run_files import CHECKPOINT_NAME
from kpstudio.store.run_recorder import RunRecorder
from kpstudio.store.training_plan import (
    TrainingPlan,
    prepare_resumption,
    prepare_training,
    read_augmentation,
    run_to_go_on,
    steps_per_minute,
    write_augmentation,
)
from kpstudio.workspace.engine_process import EngineProcess
from kpstudio.workspace.shown_run import ShownRun

if TYPE_CHECKING:
    from kpstudio.store.project import Project
    from kpstudio.store.runs import Run, RunState

log = logging.getLogger(__name__)


class TrainingState(Enum):
    """What the training panel shows."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class Training(QObject):
    """One training at a time.

    Signals:
        state_changed: Idle, starting, running, stopping.
        progressed: The curves or the remaining time have grown.
        augmentation_changed: Another one was chosen for the project.
        run_ended(run): It is over, and recorded in the project; the run may have no checkpoint.
        problem_raised(problem): Something that the user can mend.
    """

    state_changed = Signal()
    progressed = Signal()
    augmentation_changed = Signal()
    run_ended = Signal(object)
    problem_raised = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._engine = EngineProcess(self)
        self._engine.received.connect(self._receive)
        self._engine.ended.connect(self._note_end)
        self._request: Train | None = None
        self.state = TrainingState.IDLE
        self.run: Run | None = None
        self.started: TrainingStarted | None = None
        self.step: TrainingStep | None = None
        self.ended: TrainingEnded | None = None
        self.note: TrainingNote | None = None
        # What earlier runs tell: read once, and not at every label and key.
        self.run_to_go_on: Run | None = None
        self._speeds: dict[str, float | None] = {}
        self._recorder: RunRecorder | None = None
        self.shown = ShownRun(self)

    @property
    def losses(self) -> tuple[tuple[int, float], ...]:
        """Steps and losses of the run that trains, or that trained last."""
        return self._recorder.metrics.losses if self._recorder is not None else ()

    @property
    def errors(self) -> tuple[tuple[int, float], ...]:
        """Steps and its median validation errors in image pixels."""
        return self._recorder.metrics.errors if self._recorder is not None else ()

    @property
    def engine_pid(self) -> int:
        return self._engine.pid

    @property
    def is_running(self) -> bool:
        return self.state is not TrainingState.IDLE

    def set_project(self, project: "Project | None") -> None:
        self.close()
        self._project = project
        self._forget()
        self._look_at_runs()
        self.shown.set_project(project)
        self.progressed.emit()
        self.state_changed.emit()

    def start(self, settings: TrainingSettings) -> None:
        """Train on the labels as they are now."""
        if self.is_running or self._project is None:
            return
        try:
            plan = prepare_training(self._project, settings)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return
        self._begin(self._project, plan, is_resumed=False)

    @property
    def augmentation(self) -> AugmentationChoice:
        """How far training samples may differ from what was labelled, in this project."""
        if self._project is None:
            return AugmentationChoice()
        try:
            return read_augmentation(self._project)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return AugmentationChoice()

    def set_augmentation(self, choice: AugmentationChoice) -> None:
        """Keep what is chosen for the images of this project."""
        if self._project is None:
            return
        try:
            write_augmentation(self._project, choice)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
        self.augmentation_changed.emit()

    def expected_steps(self, minutes: float, network: str) -> int | None:
        """How many steps a training has, if it is as fast as the last one; None if none tells."""
        if network not in self._speeds and self._project is not None:
            self._speeds[network] = steps_per_minute(self._project, network)
        speed = self._speeds.get(network)
        return None if speed is None else round(speed * minutes)

    def go_on(self) -> None:
        """Let the newest run go on where it was broken off."""
        run = self.run_to_go_on
        if run is None or self._project is None:
            return
        try:
            plan = prepare_resumption(self._project, run.id)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return
        self._begin(self._project, plan, is_resumed=True)

    def _begin(self, project: "Project", plan: TrainingPlan, *, is_resumed: bool) -> None:
        self._forget()
        self.run = plan.run
        self._recorder = RunRecorder(project, plan.run.id)
        self.shown.follow(self._recorder)
        self._request = Train(
            plan.run.id,
            DatasetMessage.of(plan.dataset),
            plan.settings,
            checkpoint=str(plan.run.folder / CHECKPOINT_NAME),
            is_resumed=is_resumed,
        )
        self._set_state(TrainingState.STARTING)
        self._engine.start()

    def stop(self) -> None:
        """Stop at the next step, and keep the best so far."""
        if self.state in (TrainingState.STARTING, TrainingState.RUNNING) and self.run is not None:
            self._engine.send(StopTraining(self.run.id))
            if self.state is TrainingState.STARTING:
                self._engine.close()
            self._set_state(TrainingState.STOPPING)

    def close(self) -> None:
        """Stop, and wait until the best so far is saved and recorded."""
        if self._engine.is_running:
            self._engine.close()
            self._engine.wait(15)

    def _forget(self) -> None:
        self.run = self.started = self.step = self.ended = self.note = self._request = None
        self._recorder = None

    def _look_at_runs(self) -> None:
        """See which run was broken off and can go on; how fast they were is seen when asked."""
        self._speeds = {}
        self.run_to_go_on = None
        if self._project is not None and not self.is_running:
            self.run_to_go_on = run_to_go_on(self._project)

    def _set_state(self, state: TrainingState) -> None:
        self.state = state
        self._look_at_runs()
        self.state_changed.emit()

    def _receive(self, reply: object) -> None:
        match reply:
            case Hello() if self._request is not None and self.state is TrainingState.STARTING:
                self._engine.send(self._request)
                self._request = None
            case TrainingStarted():
                self.started = reply
                self._keep(reply)
                if self.state is TrainingState.STARTING:
                    self._set_state(TrainingState.RUNNING)
            case TrainingStep():
                self.step = reply
                self._keep(reply)
                self.progressed.emit()
            case TrainingValidated():
                self._keep(reply)
                self.progressed.emit()
            case TrainingNote():
                self.note = reply
                self.progressed.emit()
            case TrainingEnded():
                self.ended = reply
                self._keep(reply)
                self._record(reply.how, reply.message)
                self._engine.close()
            case RequestFailed():
                self._record("failed", reply.message)
                self.problem_raised.emit(UserProblem(reply.message, reply.hint))
                self._engine.close()
            case _:
                log.debug("not for a training: %s", type(reply).__name__)

    def _record(self, how: "RunState", message: str) -> None:
        """Write into the project how the run ended, once."""
        if self._project is None or self.run is None or not self.is_running:
            return
        self._store_curves()
        try:
            self.run = self._project.runs.finish(
                self.run.id,
                state=how,
                median_px=self.ended.median_px if self.ended else self.run.median_px,
                steps=self._steps_done(),
                message=message,
            )
        except UserProblem as problem:
            self.problem_raised.emit(problem)
        self._set_state(TrainingState.IDLE)
        self.shown.look()
        self.progressed.emit()
        self.run_ended.emit(self.run)
        if how == "failed" and self.ended is not None:
            self.problem_raised.emit(
                UserProblem(
                    f"The training failed: {message}",
                    "Your labels are safe. The log file has the details.",
                )
            )

    def _keep(self, event: TrainingEvent) -> None:
        if self._recorder is not None:
            self._recorder.note(event)
            self.shown.grow()

    def _store_curves(self) -> None:
        """What is not written yet, if that can be; how the training ended matters more."""
        if self._recorder is None:
            return
        try:
            self._recorder.flush()
        except UserProblem as problem:
            self.problem_raised.emit(problem)

    def _steps_done(self) -> int:
        if self.ended is not None:
            return self.ended.steps
        if self.step is not None:
            return self.step.step
        return self.run.steps if self.run is not None else 0

    def _note_end(self, reason: str) -> None:
        if not self.is_running:
            return
        has_checkpoint = self.run is not None and self.run.has_checkpoint
        kept = (
            self.tr("The best model so far is kept.")
            if has_checkpoint
            else self.tr("There was no model to keep yet.")
        )
        self._record("stopped" if has_checkpoint else "interrupted", reason)
        if reason:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("The training ended early: {0}.").format(reason),
                    self.tr("{0} Your labels are safe; press Train to start again.").format(kept),
                )
            )
