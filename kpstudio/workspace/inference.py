"""The model in the loop: engine state, decoder, and predictions for the open image."""

import logging
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kpstudio.core.annotation import known_boxes
from kpstudio.core.dataset import Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    AUTOMATIC,
    PROTOCOL_VERSION,
    Advice,
    CheckpointLoaded,
    DecoderChoice,
    DecoderDescription,
    HeadDescription,
    Hello,
    LoadCheckpoint,
    NetworkDescription,
    Predict,
    Predicted,
    RequestFailed,
)
from kpstudio.core.parameters import ParameterDescription
from kpstudio.workspace.engine_process import EngineProcess
from kpstudio.workspace.predicted_subject import PredictedSubject
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project
    from kpstudio.store.runs import Run

log = logging.getLogger(__name__)


class EngineState(Enum):
    """What the bottom line says of the engine."""

    STARTING = "starting"
    WITHOUT_RUN = "without run"
    LOADING = "loading"
    READY = "ready"
    PREDICTING = "predicting"
    ENDED = "ended"


class Inference(QObject):
    """Predictions of the newest run for the open image.

    Signals:
        state_changed: Of the engine.
        described: The engine has told its decoders and networks, or advice for another run.
        decoder_changed: Another decoder, or another parameter.
        predictions_changed: `subjects` and `previous` are others.
        problem_raised(problem): Something that the user can mend.
    """

    state_changed = Signal()
    described = Signal()
    decoder_changed = Signal()
    predictions_changed = Signal()
    problem_raised = Signal(object)

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._project: Project | None = None
        self._engine = EngineProcess(self)
        self._engine.received.connect(self._receive)
        self._engine.ended.connect(self._note_end)
        self._sequence = 0
        self._wanted = 0
        self._loading = 0
        self.state = EngineState.ENDED
        self.end_reason = ""
        self.device = ""
        self.network = ""
        self.execution = ""
        self.executions: tuple[str, ...] = ()
        self.wanted_execution = AUTOMATIC
        self.run: Run | None = None
        self.decoders: tuple[DecoderDescription, ...] = ()
        self.networks: tuple[NetworkDescription, ...] = ()
        self.heads: tuple[HeadDescription, ...] = ()
        self.advice: dict[str, Advice] = {}
        self._suited: dict[str, dict[str, float]] = {}
        self._can_find = True
        self._keypoints: tuple[str, ...] = ()
        self._order: tuple[int, ...] = ()
        self.decoder = DecoderChoice("dark")
        self.subjects: tuple[PredictedSubject, ...] = ()
        self.subjects_image_id: int | None = None
        self.subjects_decoder: DecoderChoice | None = None
        self.previous: tuple[PredictedSubject, ...] = ()
        self.previous_decoder: DecoderChoice | None = None
        self.network_passes = 0
        selection.image_changed.connect(self._open_image)

    @property
    def engine_pid(self) -> int:
        return self._engine.pid

    def peaks(self, keypoint: int) -> NDArray[np.float64]:
        """(N, 2) where the heatmaps of a keypoint have their maxima, image pixels."""
        found = [subject.xy[keypoint, None] for subject in self.subjects]
        found += [
            subject.other_peaks[keypoint, :, :2]
            for subject in self.subjects
            if subject.other_peaks is not None
        ]
        peaks = np.concatenate([np.empty((0, 2)), *found])
        return np.asarray(peaks[np.isfinite(peaks).all(axis=1)])

    def start_engine(self) -> None:
        """Start the engine, or start it again after it has ended."""
        if not self._engine.is_running:
            self._set_state(EngineState.STARTING)
            self._engine.start()

    def close(self) -> None:
        if self._engine.is_running:
            self._engine.close()
            self._engine.wait(5)

    def set_project(self, project: "Project | None") -> None:
        self._project = project
        self.run, self.network, self.execution, self.advice = None, "", "", {}
        self._keypoints = self._order = ()
        self._clear()
        self.load_newest_run()

    def follow_skeleton(self) -> None:
        """The keypoints are others: the model answers for those of them that it knows."""
        self._clear()
        if self.run is None:
            self.load_newest_run()
            return
        if self.state in (EngineState.READY, EngineState.PREDICTING) and not self._match_keypoints(
            self._keypoints
        ):
            return
        self._show_stored()
        self._predict()

    def load_newest_run(self) -> None:
        """Let the newest run that has a checkpoint predict, from now on."""
        run = self._project.runs.newest() if self._project else None
        if not self.device or self.state in (EngineState.ENDED, EngineState.STARTING):
            self.run = run
            self._show_stored()
            return
        self.run = run
        if run is None or run.checkpoint is None:
            self._set_state(EngineState.WITHOUT_RUN)
            return
        self._set_state(EngineState.LOADING)
        self._sequence += 1
        self._loading = self._sequence
        self._engine.send(
            LoadCheckpoint(self._sequence, str(run.checkpoint), run.id, self.wanted_execution)
        )

    def choose_execution(self, name: str) -> None:
        """Run the model in another way: "auto", or one of `executions`."""
        if name != self.wanted_execution:
            self.wanted_execution = name
            self.load_newest_run()

    def parameter_value(self, parameter: ParameterDescription) -> float:
        """What the user set, else what suits the model, else the default."""
        suited = self._suited.get(self.decoder.name, {})
        return self.decoder.parameters.get(
            parameter.name, suited.get(parameter.name, parameter.default)
        )

    def choose_decoder(self, name: str) -> None:
        if name != self.decoder.name:
            self._set_decoder(DecoderChoice(name))

    def set_parameter(self, name: str, value: float) -> None:
        if self.decoder.parameters.get(name) != value:
            self._set_decoder(
                DecoderChoice(self.decoder.name, {**self.decoder.parameters, name: value})
            )

    # Inside

    def _set_decoder(self, choice: DecoderChoice) -> None:
        self.decoder = choice
        self.decoder_changed.emit()
        self._predict()

    def _set_state(self, state: EngineState) -> None:
        self.state = state
        self.state_changed.emit()

    def _open_image(self) -> None:
        self._forget()
        if not self._show_stored():
            self.predictions_changed.emit()
        self._predict()

    def _clear(self) -> None:
        self._forget()
        self.predictions_changed.emit()

    def _forget(self) -> None:
        self.subjects, self.subjects_image_id = (), None
        self.previous, self.previous_decoder, self.subjects_decoder = (), None, None

    def _show_stored(self) -> bool:
        """What `predict` has stored stands in until the engine answers; False if it is nothing."""
        image_id = self._selection.image_id
        if self._project is None or self.run is None or image_id is None or self.subjects:
            return False
        stored = self._project.predictions.of(self.run.id, image_id)
        if stored:
            self.subjects = tuple(PredictedSubject.from_stored(each) for each in stored)
            self.subjects_image_id = image_id
            self.predictions_changed.emit()
        return bool(stored)

    def _predict(self) -> None:
        if self.state not in (EngineState.READY, EngineState.PREDICTING):
            return
        image = self._selected_image()
        if image is None:
            return
        self._sequence += 1
        self._wanted = self._sequence
        self._engine.send(
            Predict(
                self._sequence,
                image.id,
                str(image.path),
                self.decoder,
                self._known(image),
                image.frame,
            )
        )
        self._set_state(EngineState.PREDICTING)

    def _selected_image(self) -> Image | None:
        if self._project is None or self._selection.image_id is None:
            return None
        return next(iter(self._project.images_by_id([self._selection.image_id])), None)

    def _known(self, image: Image) -> tuple[tuple[float, float, float, float], ...]:
        """Boxes of the labelled subjects, for models that cannot find any."""
        if self._can_find or self._project is None:
            return ()
        boxes = known_boxes(self._project.annotations(image.id))
        return tuple((box.x, box.y, box.width, box.height) for box in boxes)

    def _receive(self, reply: object) -> None:
        match reply:
            case Hello():
                self._greet(reply)
            case CheckpointLoaded() if self.run is not None and reply.sequence == self._loading:
                self._use(reply)
            case Predicted() if reply.sequence == self._wanted:
                self._show(reply)
            case RequestFailed():
                self._fail(reply)
            case _:
                log.debug("stale answer dropped: %s", type(reply).__name__)

    def _greet(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL_VERSION:
            self._engine.close()
            self.end_reason = self.tr("it speaks another protocol")
            self.problem_raised.emit(
                UserProblem(
                    self.tr(
                        "The engine is kpstudio {0}, which this studio does not understand."
                    ).format(hello.version),
                    self.tr("Install the same version of kpstudio on both sides."),
                )
            )
            return
        self.device = hello.device
        self.decoders, self.networks, self.heads = hello.decoders, hello.networks, hello.heads
        self.executions = hello.executions
        self._set_state(EngineState.WITHOUT_RUN)
        self.described.emit()
        self.load_newest_run()

    def _use(self, loaded: CheckpointLoaded) -> None:
        if not self._match_keypoints(loaded.keypoints):
            return
        self.network, self.advice, self._suited = loaded.network, loaded.advice, loaded.suited
        self.execution, self._can_find = loaded.execution, loaded.can_find
        is_free = self.subjects_decoder is None or self.decoder.name not in loaded.advice
        if is_free and self.decoder.name != loaded.best_decoder:
            self.decoder = DecoderChoice(loaded.best_decoder)
            self.decoder_changed.emit()
        self.described.emit()
        self._clear()
        self._show_stored()
        self._set_state(EngineState.READY)
        self._predict()

    def _match_keypoints(self, keypoints: tuple[str, ...]) -> bool:
        """Find the project's keypoints in the model's answers; False if none of them is there."""
        self._keypoints, self._order = keypoints, ()
        if self._project is not None and self.run is not None:
            order = self._project.predictions.order(self.run.id, count=len(keypoints))
            self._order = order or ()
        if any(index >= 0 for index in self._order):
            return True
        self.run = None
        self._set_state(EngineState.WITHOUT_RUN)
        self.problem_raised.emit(
            UserProblem(
                self.tr("The newest model was trained for other keypoints: {0}.").format(
                    ", ".join(keypoints)
                ),
                self.tr("Train again to get one for this project."),
            )
        )
        return False

    def _show(self, predicted: Predicted) -> None:
        if predicted.image_id != self._selection.image_id:
            return
        is_same_image = self.subjects_image_id == predicted.image_id
        if is_same_image and self.subjects_decoder not in (None, predicted.decoder):
            self.previous, self.previous_decoder = self.subjects, self.subjects_decoder
        answers = [PredictedSubject.from_message(each) for each in predicted.subjects]
        if self._order != tuple(range(len(self._keypoints))):
            answers = [each.in_order(self._order) for each in answers]
        self.subjects = tuple(answers)
        self.subjects_image_id = predicted.image_id
        self.subjects_decoder = predicted.decoder
        self.network_passes = predicted.network_passes
        self._set_state(EngineState.READY)
        self.predictions_changed.emit()

    def _fail(self, failed: RequestFailed) -> None:
        if failed.sequence not in (self._wanted, self._loading):
            return
        if failed.sequence == self._loading:
            if self.wanted_execution != AUTOMATIC:
                # It may be the way to run it that failed: say so, and try without a wish.
                self.problem_raised.emit(UserProblem(failed.message, failed.hint))
                self.choose_execution(AUTOMATIC)
                return
            self.run, self.execution = None, ""
            self._set_state(EngineState.WITHOUT_RUN)
        elif self.state is EngineState.PREDICTING:
            self._set_state(EngineState.READY)
        self.problem_raised.emit(UserProblem(failed.message, failed.hint))

    def _note_end(self, reason: str) -> None:
        self.end_reason = reason
        self.device = self.execution = ""
        self._set_state(EngineState.ENDED)
        if reason:
            log.error("the engine ended: %s", reason)
            self.problem_raised.emit(
                UserProblem(
                    self.tr("The engine stopped working: {0}.").format(reason),
                    self.tr("Your labels are safe. Press “Restart engine” below."),
                )
            )
