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

from kpstudio.core.augmentation import Augmentation
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    TrainingEnded,
    TrainingEvent,
    TrainingNote,
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
    TrainingPart,
    load_checkpoint,
    save_checkpoint,
)
from kpstudio.models.framing import Framing
from kpstudio.models.heads import HEADS, head_of
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.models.networks import make_network
from kpstudio.models.warm_start import load_by_name
from kpstudio.training.batches import Batches, batch_sizes
from kpstudio.training.learner import Learner
from kpstudio.training.pacing import Pacing
from kpstudio.training.progress import (
    Progress,
    fingerprint,
    last_path,
    load_progress,
    save_progress,
)
from kpstudio.training.samples import Samples, read_samples
from kpstudio.training.subjects import LARGEST_SIDE, FramingChoice
from kpstudio.training.team import Team
from kpstudio.training.threads import ThreadChooser
from kpstudio.training.validation import Validator, best_decoder

_REPORT_EVERY_S = 0.25
_USUAL_STEP_S = 0.17
_LONG_MINUTES, _LONG_STEPS, _LARGEST_SIDE_OF_LONG = 5.0, 1500, 256
_SAVE_EVERY_S = 20.0
# Saving may take one part of this many of the time.
_SAVING_SHARE = 50.0

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
    is_resumed: bool = False,
    started: float | None = None,
    team: Team | None = None,
) -> TrainingEnded:
    """Train on the labelled images of the split "train", and keep the best at `checkpoint`.

    Beside it lies the newest state ("last.safetensors"), a checkpoint from which a training that
    was broken off goes on.

    Args:
        dataset: With splits; those of "val" are never learned from. Without any, the last
            weights are kept.
        settings: How long, from what.
        checkpoint: The file to write, whole at any time.
        report: Gets every event; the last one is always a `TrainingEnded`, which is returned, too.
        should_stop: Asked before every step.
        sequence: Of the request, in every event.
        is_resumed: Go on where a training of this checkpoint was broken off.
        started: When the time began, by `time.monotonic`; now where None.
        team: Of all processes that train together; this one alone where None.

    Raises:
        UserProblem: Before the start: nothing is labelled, or the settings cannot be used.
    """
    pacing = Pacing(steps=settings.steps, minutes=settings.minutes, started=started)
    train = choose_labels(dataset.labelled("train"), settings)
    if not train.images:
        raise UserProblem(
            "There is not one labelled image to learn from.",
            "Label a few images (ten make a good start), and split the project.",
        )
    warm_start = _check(settings, dataset)
    last = load_progress(last_path(checkpoint)) if is_resumed else None
    team = team or Team(choose_device(), precision=settings.precision)
    val = dataset.labelled("val")
    training = _Training(
        train,
        val if team.is_first else replace(val, images=(), annotations=()),
        settings,
        team=team,
        warm_start=warm_start,
        last=last,
        pacing=pacing,
        checkpoint=checkpoint,
        report=report,
        sequence=sequence,
    )
    try:
        how, message = training.run(should_stop)
    except Exception as error:
        if not isinstance(error, UserProblem):
            _LOG.exception("The training failed.")
        how, message = "failed", str(error) or type(error).__name__
    ended = training.ended(how, message)
    training.report(ended)
    return ended


def _check(settings: TrainingSettings, dataset: Dataset) -> Checkpoint | None:
    """The checkpoint to start from, if any, once all settings are known to be usable."""
    if settings.steps is None and not (0 < settings.minutes < math.inf):
        raise UserProblem("A training needs some time.", "Set minutes above 0, or steps.")
    for value, what in (
        (settings.steps, "The number of steps"),
        (settings.batch, "The batch"),
        (settings.patience, "The patience"),
        (settings.input_size, "The size of the input"),
    ):
        if value is not None and value < 1:
            raise UserProblem(f"{what} cannot be {value}.", "Choose 1 or more.")
    if not settings.learning_rate > 0:
        raise UserProblem("The learning rate must be above 0.", "1 is the usual one.")
    if settings.augmentation is not None:
        settings.augmentation.augmentation(if_automatic=Augmentation())
    make_network(settings.network, {})
    head = HEADS[settings.head](settings.loss)
    if settings.warm_start is None:
        return None
    warm_start = load_checkpoint(Path(settings.warm_start))
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
    if not set(warm_start.info.skeleton.keypoints) & set(dataset.skeleton.keypoints):
        raise UserProblem(
            "The checkpoint knows none of this project's keypoints by name "
            f"({', '.join(warm_start.info.skeleton.keypoints)}).",
            "Rename the keypoints of the project, or start from no run.",
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
        *,
        team: Team,
        warm_start: Checkpoint | None,
        last: tuple[Checkpoint, TrainingPart, Progress] | None,
        pacing: Pacing,
        checkpoint: Path,
        report: Callable[[TrainingEvent], None],
        sequence: int,
    ) -> None:
        self._train, self._val = train, val
        self._settings, self._team = settings, team
        self._warm_start, self._last = warm_start, last
        self._pacing, self._checkpoint = pacing, checkpoint
        self._send, self._sequence = report, sequence
        self._head = HEADS[settings.head](settings.loss)
        self._is_saved = False
        self._best: float | None = None
        self._since_best = 0
        self._reported_s = -math.inf
        self._saved_s, self._saving_s = 0.0, 0.0

    def report(self, event: TrainingEvent) -> None:
        """Tell what happens, once for all processes."""
        if self._team.is_first:
            self._send(event)

    def run(self, should_stop: Callable[[], bool]) -> tuple[_How, str]:
        self.report(
            TrainingStarted(
                self._sequence,
                len(self._train.images),
                len(self._val.images),
                self._settings.steps or max(1, round(60 * self._settings.minutes / _USUAL_STEP_S)),
                self._team.device,
            )
        )
        network = self._make_network()
        self._head_training = self._head.training(network.look_stride)
        samples = self._read_samples(network, should_stop)
        try:
            return self._learn(network, samples, should_stop)
        finally:
            samples.crops.close()

    def _learn(
        self, network: KeypointNetwork, samples: Samples, should_stop: Callable[[], bool]
    ) -> tuple[_How, str]:
        pacing = self._pacing
        learner = self._make_learner(network, samples)
        self._framing = samples.framing
        self._validator = Validator(self._val, seed=self._settings.seed)
        pacing.start_steps()
        self._saved_s = pacing.elapsed_s()
        if self._last is not None:
            self._go_on(learner, self._last)
        is_alone = self._team.part.count == 1 and self._team.device == "cpu"
        threads = ThreadChooser(is_active=self._settings.steps is None and is_alone)
        try:
            is_stopped = self._take_steps(learner, threads, should_stop)
        finally:
            threads.close()
        if not self._team.is_first:
            return ("stopped" if is_stopped else "finished"), ""
        if is_stopped and pacing.step:
            self._save_progress(learner)
        if pacing.step and not (is_stopped and self._is_saved):
            self._validate(learner)
        if not is_stopped:
            self._save_last(learner)
        return ("stopped" if is_stopped else "finished"), ""

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
                self._save_progress(learner)

    def _rate_factor(self) -> float:
        return self._settings.learning_rate * self._pacing.learning_rate_factor()

    def _is_patience_over(self) -> bool:
        patience = self._settings.patience
        return patience is not None and self._since_best >= patience

    def _note(self, text: str) -> None:
        self.report(TrainingNote(self._sequence, self._pacing.step, text))

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
        settings, warm_start = self._settings, self._warm_start
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            network = make_network(settings.network, {}).build(
                len(self._train.skeleton),
                head=self._head,
                look_format=warm_start.info.look_format if warm_start is not None else None,
                is_pretrained=warm_start is None or not warm_start.info.can_find,
                can_find=settings.view == "subject",
            )
        if warm_start is not None:
            load_by_name(network, warm_start, self._train.skeleton, head=self._head)
        return network

    def _read_samples(self, network: KeypointNetwork, should_stop: Callable[[], bool]) -> Samples:
        settings = self._settings
        is_whole = settings.view == "image"
        return read_samples(
            self._train,
            framing=self._former_framing(),
            choice=FramingChoice(
                network.size_multiple,
                is_whole,
                settings.input_size,
                LARGEST_SIDE if self._is_short() else _LARGEST_SIDE_OF_LONG,
            ),
            augmentation=settings.augmentation,
            budget=round(settings.memory_gb * (1 << 30)),
            should_stop=should_stop,
        )

    def _is_short(self) -> bool:
        """Larger inputs are more exact in the end, but learn less in the first minutes."""
        settings = self._settings
        if self._team.device != "cpu":
            return False
        if settings.steps is not None:
            return settings.steps < _LONG_STEPS
        return settings.minutes < _LONG_MINUTES

    def _former_framing(self) -> Framing | None:
        """The framing of what this goes on from, where it is right for these labels, too."""
        if self._last is not None:
            return self._last[0].info.framing
        settings = self._settings
        if self._warm_start is None or settings.input_size is not None:
            return None
        former = self._warm_start.info
        # Of other keypoints it does not know how large these subjects are.
        if former.skeleton.keypoints != self._train.skeleton.keypoints:
            return None
        # A model from elsewhere has not learned at the size that these labels need.
        is_ours = former.can_find or former.framing.is_whole_image
        is_same_view = former.framing.is_whole_image == (settings.view == "image")
        return former.framing if is_ours and is_same_view else None

    def _make_learner(self, network: KeypointNetwork, samples: Samples) -> Learner:
        settings, team = self._settings, self._team
        look, find = batch_sizes(settings.batch, device=team.device, processes=team.part.count)
        batches = Batches(
            samples,
            self._train.skeleton,
            network,
            look_size=look,
            find_size=find,
            sigma=self._head_training.sigma,
            occluded_weight=settings.occluded_weight,
            seed=settings.seed,
            device=team.device,
            part=team.part,
        )
        return Learner(network, batches, head=self._head, team=team, optimizer=settings.optimizer)

    def _go_on(self, learner: Learner, last: tuple[Checkpoint, TrainingPart, Progress]) -> None:
        checkpoint, part, progress = last
        try:
            learner.load_state(part.tensors, checkpoint.weights)
        except (RuntimeError, KeyError) as error:
            raise UserProblem(
                "What the training left does not fit its settings.",
                "Start a new training from its best with --from.",
            ) from error
        self._pacing.resume(progress.pacing)
        self._best, self._is_saved = progress.best_px, progress.is_saved
        self._since_best = progress.since_best
        self._validator.keep(progress.validation_images)
        if progress.labels != fingerprint(self._train):
            self._note("The labels have changed since: it goes on with those of now.")

    def _is_saving_due(self) -> bool:
        since = self._pacing.elapsed_s() - self._saved_s
        return since > max(_SAVE_EVERY_S, _SAVING_SHARE * self._saving_s)

    def _save_progress(self, learner: Learner) -> None:
        started = time.monotonic()
        progress = Progress(
            pacing=self._pacing.state(),
            best_px=self._best,
            is_saved=self._is_saved,
            since_best=self._since_best,
            validation_images=len(self._validator),
            labels=fingerprint(self._train),
        )
        save_progress(last_path(self._checkpoint), learner, self._info(learner), progress)
        self._saving_s = time.monotonic() - started
        self._saved_s = self._pacing.elapsed_s()

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
            skeleton=self._train.skeleton,
            framing=self._framing,
            head_training=self._head_training,
            look_format=learner.averaged.look_format,
            cell_mapping=learner.averaged.cell_mapping,
        )

    def _validate(self, learner: Learner) -> None:
        """Measure, and keep the weights if none were better."""
        started = time.monotonic()
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
