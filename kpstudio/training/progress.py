"""How far a training is, in the file from which it can go on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
from torch import Tensor

from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import DatasetMessage
from kpstudio.core.run_files import LAST_NAME
from kpstudio.models.checkpoint import (
    Checkpoint,
    CheckpointInfo,
    TrainingPart,
    load_checkpoint,
    load_training_part,
    save_checkpoint,
)
from kpstudio.training.learner import Learner
from kpstudio.training.pacing import PacingState


class Progress(msgspec.Struct, frozen=True):
    """What a training knows beside its weights.

    Args:
        pacing: Steps and time.
        best_px: Smallest median validation error so far; None without validation images.
        is_saved: Whether there is a best to keep.
        since_best: Validations since then.
        validation_images: How many the time allows; None before that was known.
        labels: Fingerprint of what it learns from.
    """

    pacing: PacingState
    best_px: float | None
    is_saved: bool
    since_best: int
    validation_images: int | None
    labels: str


@dataclass(frozen=True, eq=False)
class LastState:
    """Where a training was broken off.

    Args:
        checkpoint: Of the averaged weights.
        tensors: State of the learner.
        progress: The rest.
    """

    checkpoint: Checkpoint
    tensors: dict[str, Tensor]
    progress: Progress


def fingerprint(*datasets: Dataset) -> str:
    """Changes with any label and split, but not with where the images lie."""
    labels = [DatasetMessage.of(each).annotations for each in datasets]
    return hashlib.sha256(msgspec.json.encode(labels)).hexdigest()


def last_path(checkpoint: Path) -> Path:
    """Where the newest state of a training is kept, beside its best checkpoint."""
    return checkpoint.with_name(LAST_NAME)


def save_progress(path: Path, learner: Learner, info: CheckpointInfo, progress: Progress) -> None:
    """Write the averaged weights as a checkpoint, with what a training needs to go on."""
    part = TrainingPart(msgspec.json.encode(progress).decode(), learner.state())
    save_checkpoint(path, learner.averaged, info, training=part)


def load_progress(path: Path) -> LastState:
    """What `save_progress` wrote.

    Raises:
        UserProblem: There is nothing to go on from.
    """
    hint = "Start a new training from its best with --from."
    if not path.is_file():
        raise UserProblem("This run left nothing from which it could go on.", hint)
    checkpoint = load_checkpoint(path)
    part = load_training_part(path)
    if part is None:
        raise UserProblem("This run has finished: there is nothing to go on with.", hint)
    try:
        progress = msgspec.json.decode(part.text, type=Progress)
    except msgspec.DecodeError as error:
        raise UserProblem(f"What this run left cannot be read: {error}.", hint) from error
    return LastState(checkpoint, part.tensors, progress)
