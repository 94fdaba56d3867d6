"""A training from labels to a checkpoint file: prepared, timed, validated, and always ended."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import torch

from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    TrainingEnded,
    TrainingEvent,
    TrainingSettings,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.decoders import fitting_decoder
from kpstudio.inference.predictor import Predictor, choose_device
from kpstudio.models.checkpoint import (
    Checkpoint,
    CheckpointInfo,
    load_checkpoint,
    save_checkpoint,
)
from kpstudio.models.framing import Framing
from kpstudio.models.heads import HEADS, head_of
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.models.networks import make_network
from kpstudio.training.learner import Learner
from kpstudio.training.pacing import Pacing
from kpstudio.training.samples import Samples, read_samples
from kpstudio.training.threads import ThreadChooser
from kpstudio.training.validation import Validator, best_decoder

_REPORT_EVERY_S = 0.25
_USUAL_STEP_S = 0.17

_LOG = logging.getLogger(__name__)

_How = Literal["finished", "stopped", "failed"]


def fit(
    dataset: Dataset,
    settings: TrainingSettings,
    *,
    checkpoint: Path,
    report: Callable[[TrainingEvent], None],
    should_stop: Callable[[], bool],
    sequence: int = 0,
) -> TrainingEnded:
    """Train on the labelled images of the split "train", and keep the best at `checkpoint`.

    Args:
        dataset: With splits; those of "val" are never learned from. Without any, the last
            weights are kept.
        settings: How long, from what.
        checkpoint: The file to write, whole at any time.
        report: Gets every event; the last one is always a `TrainingEnded`, which is returned, too.
        should_stop: Asked before every step.
        sequence: Of the request, in every event.

    Raises:
        UserProblem: Before the start: nothing is labelled, or the settings cannot be used.
    """
    pacing = Pacing(steps=settings.steps, minutes=settings.minutes)
    train = choose_labels(dataset.labelled("train"), settings)
    if not train.images:
        raise UserProblem(
            "There is not one labelled image to learn from.",
            "Label a few images (ten make a good start), and split the project.",
        )
    warm_start = _check(settings, dataset)
    training = _Training(
        train, dataset.labelled("val"), settings, warm_start, pacing, checkpoint, report, sequence
    )
    try:
        how, message = training.run(should_stop)
    except Exception as error:
        if not isinstance(error, UserProblem):
            _LOG.exception("The training failed.")
        how, message = "failed", str(error) or type(error).__name__
    ended = training.ended(how, message)
    report(ended)
    return ended


def _check(settings: TrainingSettings, dataset: Dataset) -> Checkpoint | None:
    """The checkpoint to start from, if any, once all settings are known to be usable."""
    if settings.steps is None and not (0 < settings.minutes < math.inf):
        raise UserProblem("A training needs some time.", "Set minutes above 0, or steps.")
    if settings.steps is not None and settings.steps < 1:
        raise UserProblem("A training needs at least one step.", "Set steps to 1 or more.")
    make_network(settings.network, {})
    head = HEADS[settings.head](settings.loss)
    if settings.warm_start is None:
        return None
    warm_start = load_checkpoint(Path(settings.warm_start), skeleton=dataset.skeleton)
    if warm_start.info.network != settings.network:
        raise UserProblem(
            f"The checkpoint is of {warm_start.info.network}, not of {settings.network}.",
            "Choose the network of the checkpoint.",
        )
    if type(head_of(warm_start.info.head_training)) is not type(head):
        raise UserProblem(
            f"The checkpoint has another head than {settings.head}.",
            "Choose the head of the checkpoint, or start from none.",
        )
    if head.training(1).has_spread != warm_start.info.head_training.has_spread:
        raise UserProblem(
            "The checkpoint's head differs in whether it tells standard deviations.",
            "Choose the loss that it was trained with: likelihood, or one of the others.",
        )
    return warm_start


def choose_labels(train: Dataset, settings: TrainingSettings) -> Dataset:
    """The labelled images to learn from: all, or as many as the settings say, by the seed.

    A larger number with the same seed includes the smaller ones, as a learning curve needs it.
    """
    if settings.max_labels is None:
        return train
    if settings.max_labels < 1:
        raise UserProblem("A training needs at least one label.", "Set max labels to 1 or more.")
    order = np.random.default_rng(settings.seed).permutation(len(train.images))
    kept = sorted(order[: settings.max_labels])
    return replace(train, images=tuple(train.images[index] for index in kept)).labelled()


class _Training:
    def __init__(
        self,
        train: Dataset,
        val: Dataset,
        settings: TrainingSettings,
        warm_start: Checkpoint | None,
        pacing: Pacing,
        checkpoint: Path,
        report: Callable[[TrainingEvent], None],
        sequence: int,
    ) -> None:
        self._train, self._val = train, val
        self._settings, self._warm_start = settings, warm_start
        self._pacing, self._checkpoint = pacing, checkpoint
        self._report, self._sequence = report, sequence
        self._head = HEADS[settings.head](settings.loss)
        self._device = choose_device()
        self._is_saved = False
        self._best: float | None = None
        self._reported_s = -math.inf

    def run(self, should_stop: Callable[[], bool]) -> tuple[_How, str]:
        pacing = self._pacing
        self._report(
            TrainingStarted(
                self._sequence,
                len(self._train.images),
                len(self._val.images),
                self._settings.steps or max(1, round(60 * self._settings.minutes / _USUAL_STEP_S)),
                self._device,
            )
        )
        former = self._warm_start.info if self._warm_start is not None else None
        # A model from elsewhere has not learned at the size that these labels need.
        framing = former.framing if former is not None and former.can_find else None
        network = self._make_network()
        self._head_training = self._head.training(network.look_stride)
        samples = read_samples(
            self._train,
            framing=framing,
            size_multiple=network.size_multiple,
            should_stop=should_stop,
        )
        learner = self._make_learner(network, samples)
        self._validator = Validator(self._val, seed=self._settings.seed)
        pacing.start_steps()
        is_stopped = should_stop()
        threads = ThreadChooser(is_active=self._settings.steps is None and self._device == "cpu")
        try:
            while not is_stopped and not pacing.is_over():
                with threads.step():
                    loss = learner.step(pacing.learning_rate_factor())
                pacing.step += 1
                self._report_step(loss)
                if pacing.is_validation_due():
                    self._validate(learner, samples.framing)
                is_stopped = should_stop()
        finally:
            threads.close()
        if pacing.step and not (is_stopped and self._is_saved):
            self._validate(learner, samples.framing)
        return ("stopped" if is_stopped else "finished"), ""

    def ended(self, how: _How, message: str) -> TrainingEnded:
        return TrainingEnded(
            self._sequence,
            how,
            str(self._checkpoint) if self._is_saved else None,
            self._pacing.step,
            self._best,
            self._pacing.elapsed_s(),
            message,
        )

    def _make_network(self) -> KeypointNetwork:
        warm_start = self._warm_start
        if warm_start is not None and warm_start.info.can_find:
            return warm_start.build()
        # The caller's random numbers stay as they are.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._settings.seed)
            network = make_network(self._settings.network, {}).build(
                len(self._train.skeleton),
                head=self._head,
                look_format=warm_start.info.look_format if warm_start is not None else None,
                is_pretrained=True,
            )
        if warm_start is not None:
            # It goes on from published weights, and learns to find subjects beside that.
            network.load_state_dict({**network.state_dict(), **warm_start.weights})
        return network

    def _make_learner(self, network: KeypointNetwork, samples: Samples) -> Learner:
        return Learner(
            network,
            samples,
            self._train.skeleton,
            head=self._head,
            device=self._device,
            seed=self._settings.seed,
        )

    def _report_step(self, loss: float | None) -> None:
        pacing = self._pacing
        elapsed_s = pacing.elapsed_s()
        is_due = elapsed_s - self._reported_s >= _REPORT_EVERY_S or pacing.is_over()
        if loss is None or not is_due:
            return
        self._reported_s = elapsed_s
        self._report(
            TrainingStep(
                self._sequence,
                pacing.step,
                loss,
                pacing.fraction(),
                elapsed_s,
                pacing.remaining_s(),
            )
        )

    def _validate(self, learner: Learner, framing: Framing) -> None:
        """Measure, and keep the weights if none were better."""
        started = time.monotonic()
        info = CheckpointInfo(
            network=self._settings.network,
            skeleton=self._train.skeleton,
            framing=framing,
            head_training=self._head_training,
            look_format=learner.averaged.look_format,
            cell_mapping=learner.averaged.cell_mapping,
        )
        predictor = Predictor(learner.averaged, info, self._device)
        budget_s = self._pacing.validation_budget_s()
        measured = self._validator.measure(predictor, budget_s=budget_s)
        reports = {name: errors.report() for name, errors in measured.items()}
        fitting_name = fitting_decoder(self._head_training)
        fitting = reports[fitting_name]
        median = fitting.median_px
        error = math.inf if median is None else median
        is_best = not self._is_saved or self._best is None or error <= self._best
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
        self._report(
            TrainingValidated(
                self._sequence,
                self._pacing.step,
                median,
                fitting.mean_px,
                is_best,
                self._pacing.elapsed_s(),
            )
        )
