"""The steps of a training: timed, validated, kept."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    TrainingEnded,
    TrainingEvent,
    TrainingNote,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.decoders import fitting_decoder
from kpstudio.inference.predictor import Predictor
from kpstudio.models.checkpoint import CheckpointInfo, save_checkpoint
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.training.learner import Learner
from kpstudio.training.pacing import Pacing
from kpstudio.training.preparation import Preparation
from kpstudio.training.progress import (
    LastState,
    Progress,
    fingerprint,
    last_path,
    save_progress,
)
from kpstudio.training.samples import Samples
from kpstudio.training.threads import ThreadChooser
from kpstudio.training.validation import Validator, best_decoder

_REPORT_EVERY_S = 0.25
_USUAL_STEP_S = 0.17
_SAVE_EVERY_S = 20.0
# Saving may take one part of this many of the time.
_SAVING_SHARE = 50.0

How = Literal["finished", "stopped", "failed"]


class Course:
    """A training from its first step to its last.

    Args:
        prepared: What is settled before.
        val: What it is measured on; empty in all processes but the first.
        pacing: Of its steps.
        checkpoint: Where the best is kept.
        report: Gets every event.
        sequence: Of the request, in every event.
    """

    def __init__(
        self,
        prepared: Preparation,
        val: Dataset,
        *,
        pacing: Pacing,
        checkpoint: Path,
        report: Callable[[TrainingEvent], None],
        sequence: int,
    ) -> None:
        self._prepared, self._val = prepared, val
        self._settings, self._team = prepared.settings, prepared.team
        self._pacing, self._checkpoint = pacing, checkpoint
        self._send, self._sequence = report, sequence
        last = prepared.last.progress if prepared.last is not None else None
        self._is_saved = last is not None and last.is_saved
        self._best = last.best_px if last is not None else None
        self._since_best = last.since_best if last is not None else 0
        pacing.step = last.pacing.step if last is not None else 0
        self._validated_step = 0
        self._reported_s = -math.inf
        self._saved_s, self._saving_s = 0.0, 0.0

    def report(self, event: TrainingEvent) -> None:
        """Tell what happens, once for all processes."""
        if self._team.is_first:
            self._send(event)

    def run(self, should_stop: Callable[[], bool]) -> How:
        """Learn to the end, or until `should_stop`; which of both it was.

        Raises:
            UserProblem: The images cannot be read, the disk is full, or the loss diverges.
        """
        self.report(
            TrainingStarted(
                self._sequence,
                len(self._prepared.train.images),
                len(self._val.images),
                self._settings.steps or max(1, round(60 * self._settings.minutes / _USUAL_STEP_S)),
                self._team.device,
            )
        )
        network = self._prepared.network()
        self._head_training = self._prepared.head.training(network.look_stride)
        samples = self._prepared.samples(network, should_stop)
        try:
            return self._learn(network, samples, should_stop)
        finally:
            samples.crops.close()

    def _learn(
        self, network: KeypointNetwork, samples: Samples, should_stop: Callable[[], bool]
    ) -> How:
        pacing = self._pacing
        learner = self._prepared.learner(network, samples)
        self._framing = samples.framing
        self._validator = Validator(self._val, seed=self._settings.seed)
        pacing.start_steps()
        if self._prepared.last is not None:
            self._go_on(learner, self._prepared.last)
        self._saved_s = pacing.elapsed_s()
        is_alone = self._team.part.count == 1 and self._team.device == "cpu"
        threads = ThreadChooser(is_active=self._settings.steps is None and is_alone)
        try:
            is_stopped = self._take_steps(learner, threads, should_stop)
        finally:
            threads.close()
        if not self._team.is_first:
            return "stopped" if is_stopped else "finished"
        if is_stopped and pacing.step:
            self._try_to_save_progress(learner)
        is_new = pacing.step > self._validated_step
        if is_new and not (is_stopped and self._is_saved):
            self._validate(learner)
        if not is_stopped:
            self._save_last(learner)
        return "stopped" if is_stopped else "finished"

    def _take_steps(
        self, learner: Learner, threads: ThreadChooser, should_stop: Callable[[], bool]
    ) -> bool:
        """All steps; whether somebody stopped them."""
        pacing, rescues = self._pacing, learner.rescues
        while True:
            is_stopped = should_stop()
            is_over = pacing.is_over() or self._is_patience_over()
            factor = self._team.share(None if is_stopped or is_over else self._rate_factor())
            if factor is None:
                return is_stopped
            with threads.step():
                loss = learner.step(pacing.step, factor)
            pacing.step += 1
            if learner.rescues > rescues:
                rescues = learner.rescues
                self._note("The loss was not a number: went back a little, at half the rate.")
            if not self._team.is_first:
                continue
            self._report_step(loss)
            if pacing.is_validation_due():
                self._validate(learner)
            if self._is_saving_due():
                self._try_to_save_progress(learner)

    def _rate_factor(self) -> float:
        return self._settings.learning_rate * self._pacing.learning_rate_factor()

    def _is_patience_over(self) -> bool:
        patience = self._settings.patience
        return patience is not None and self._since_best >= patience

    def _note(self, text: str) -> None:
        self.report(TrainingNote(self._sequence, self._pacing.step, text))

    def ended(self, how: How, message: str) -> TrainingEnded:
        """The last event."""
        return TrainingEnded(
            self._sequence,
            how,
            str(self._checkpoint) if self._is_saved else None,
            self._pacing.step,
            self._best,
            self._pacing.elapsed_s(),
            message,
        )

    def _go_on(self, learner: Learner, last: LastState) -> None:
        progress = last.progress
        try:
            learner.load_state(last.tensors, last.checkpoint.weights)
        except (RuntimeError, KeyError) as error:
            raise UserProblem(
                "What the training left does not fit its settings.",
                "Start a new training from its best with --from.",
            ) from error
        self._pacing.resume(progress.pacing)
        if progress.validation_images is not None:
            self._validator.keep(progress.validation_images)
        if progress.labels != self._fingerprint():
            self._note("The labels have changed since: it goes on with those of now.")

    def _is_saving_due(self) -> bool:
        since = self._pacing.elapsed_s() - self._saved_s
        return since > max(_SAVE_EVERY_S, _SAVING_SHARE * self._saving_s)

    def _try_to_save_progress(self, learner: Learner) -> None:
        try:
            self._save_progress(learner)
        except UserProblem as problem:
            # Without it the training cannot be continued, but it can be ended.
            self._saved_s = self._pacing.elapsed_s()
            self._note(f"{problem.message} The training goes on. {problem.hint}")

    def _save_progress(self, learner: Learner) -> None:
        started = time.monotonic()
        progress = Progress(
            pacing=self._pacing.state(),
            best_px=self._best,
            is_saved=self._is_saved,
            since_best=self._since_best,
            validation_images=self._validator.chosen,
            labels=self._fingerprint(),
        )
        save_progress(last_path(self._checkpoint), learner, self._info(learner), progress)
        self._saving_s = time.monotonic() - started
        self._saved_s = self._pacing.elapsed_s()

    def _fingerprint(self) -> str:
        return fingerprint(self._prepared.train, self._val)

    def _save_last(self, learner: Learner) -> None:
        """The weights of the last step, with nothing to go on with: it is over."""
        save_checkpoint(last_path(self._checkpoint), learner.averaged, self._info(learner))

    def _report_step(self, loss: float | None) -> None:
        pacing = self._pacing
        elapsed_s = pacing.elapsed_s()
        is_due = elapsed_s - self._reported_s >= _REPORT_EVERY_S or pacing.is_over()
        if loss is None or not is_due:
            return
        self._reported_s = elapsed_s
        self.report(
            TrainingStep(
                self._sequence,
                pacing.step,
                loss,
                pacing.fraction(),
                elapsed_s,
                pacing.remaining_s(),
            )
        )

    def _info(self, learner: Learner) -> CheckpointInfo:
        return CheckpointInfo(
            network=self._settings.network,
            can_find=learner.averaged.can_find and not self._framing.is_whole_image,
            skeleton=self._prepared.train.skeleton,
            framing=self._framing,
            head_training=self._head_training,
            look_format=learner.averaged.look_format,
            cell_mapping=learner.averaged.cell_mapping,
        )

    def _validate(self, learner: Learner) -> None:
        """Measure, and keep the weights if none were better."""
        started = time.monotonic()
        self._validated_step = self._pacing.step
        info = self._info(learner)
        predictor = Predictor(learner.averaged, info, self._team.device)
        budget_s = self._pacing.validation_budget_s()
        measured = self._validator.measure(predictor, budget_s=budget_s)
        reports = {name: errors.report() for name, errors in measured.items()}
        fitting_name = fitting_decoder(self._head_training)
        fitting = reports[fitting_name]
        median = fitting.median_px
        error = math.inf if median is None else median
        is_best = not self._is_saved or self._best is None or error <= self._best
        is_better = not self._is_saved or error < (math.inf if self._best is None else self._best)
        self._since_best = 0 if is_better or not len(self._validator) else self._since_best + 1
        if is_best:
            info = msgspec.structs.replace(
                info,
                best_decoder=best_decoder(reports, fitting=fitting_name),
                calibrations={name: errors.calibration() for name, errors in measured.items()},
                metrics={"median_px": median, "mean_px": fitting.mean_px},
            )
            save_checkpoint(self._checkpoint, learner.averaged, info)
            self._is_saved, self._best = True, median
        self._pacing.allow_for(time.monotonic() - started)
        self.report(
            TrainingValidated(
                self._sequence,
                self._pacing.step,
                median,
                fitting.mean_px,
                is_best,
                self._pacing.elapsed_s(),
            )
        )
