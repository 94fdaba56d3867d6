"""A training from labels to a checkpoint file: prepared, timed, validated, and always ended."""

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from kpstudio.core.augmentation import Augmentation
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import TrainingEnded, TrainingEvent, TrainingSettings
from kpstudio.inference.predictor import choose_device
from kpstudio.models.checkpoint import Checkpoint, load_checkpoint
from kpstudio.models.heads import HEADS, head_of
from kpstudio.models.networks import make_network
from kpstudio.training.course import Course, How
from kpstudio.training.pacing import Pacing
from kpstudio.training.preparation import Preparation
from kpstudio.training.progress import last_path, load_progress
from kpstudio.training.team import Team

_INPUT_SIZES = (32, 2048)

_LOG = logging.getLogger(__name__)


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
    check_settings(settings)
    last = load_progress(last_path(checkpoint)) if is_resumed else None
    if last is not None and len(last.checkpoint.info.skeleton) != len(dataset.skeleton):
        raise UserProblem(
            "The keypoints have changed since this training was broken off.",
            "Start a new one from its best with --from: it takes over what both know.",
        )
    # What goes on has all weights already.
    warm_start = None if is_resumed else _load_warm_start(settings, dataset)
    team = team or Team(choose_device(), precision=settings.precision)
    val = dataset.labelled("val")
    course = Course(
        Preparation(train, settings, team, warm_start, last),
        val if team.is_first else replace(val, images=(), annotations=()),
        pacing=pacing,
        checkpoint=checkpoint,
        report=report,
        sequence=sequence,
    )
    message = ""
    try:
        how: How = course.run(should_stop)
    except Exception as error:
        if not isinstance(error, UserProblem):
            _LOG.exception("The training failed.")
        how, message = "failed", str(error) or type(error).__name__
    ended = course.ended(how, message)
    course.report(ended)
    return ended


def check_settings(settings: TrainingSettings) -> None:
    """Refuse what no training can be made with.

    Raises:
        UserProblem: Which setting it is, and what it may be.
    """
    if settings.steps is None and not (0 < settings.minutes < math.inf):
        raise UserProblem("A training needs some time.", "Set minutes above 0, or steps.")
    for value, what in (
        (settings.steps, "The number of steps"),
        (settings.batch, "The batch"),
        (settings.patience, "The patience"),
    ):
        if value is not None and value < 1:
            raise UserProblem(f"{what} cannot be {value}.", "Choose 1 or more.")
    for number, what in (
        (settings.learning_rate, "The learning rate"),
        (settings.occluded_weight, "The weight of occluded keypoints"),
        (settings.memory_gb, "The memory"),
        (settings.seed, "The seed"),
    ):
        if not 0 <= number < math.inf:
            raise UserProblem(
                f"{what} cannot be {number}.", "Choose a number that is not negative."
            )
    if settings.learning_rate == 0:
        raise UserProblem("At a learning rate of 0 nothing is learned.", "1 is the usual one.")
    low, high = _INPUT_SIZES
    if settings.input_size is not None and not low <= settings.input_size <= high:
        raise UserProblem(
            f"The size of the input cannot be {settings.input_size}.",
            f"Choose {low} to {high} pixels.",
        )
    if settings.augmentation is not None:
        settings.augmentation.augmentation(if_automatic=Augmentation())
    make_network(settings.network, {})
    HEADS[settings.head](settings.loss)


def _load_warm_start(settings: TrainingSettings, dataset: Dataset) -> Checkpoint | None:
    """The checkpoint to begin with, if any."""
    if settings.warm_start is None:
        return None
    head = HEADS[settings.head](settings.loss)
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
