"""What studio and engine say to each other: typed, versioned, length-prefixed MessagePack frames.

A frame is four bytes (length of the body, big endian) and the body. The studio sends a `Request`,
the engine answers with a `Reply`; the engine's first reply is always its `Hello`. Arrays travel as
little-endian bytes beside their shape. Closing the engine's standard input asks it to stop, save
and exit.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import msgspec
import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.augmentation import AugmentationChoice
from kpstudio.core.dataset import Dataset, Image, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Affine, Box
from kpstudio.core.parameters import ParameterDescription
from kpstudio.core.skeleton import Skeleton

PROTOCOL_VERSION = 5
AUTOMATIC = "auto"
LARGEST_FRAME = 1 << 30

Fit = str  # "fits", "usable" or "misleading"
Optimizer = Literal["adamw", "adam"]
View = Literal["subject", "image"]


class Message(msgspec.Struct, frozen=True, tag=True):
    """Base of everything that travels."""


class ArrayMessage(msgspec.Struct, frozen=True):
    """An array on its way: little-endian bytes, shape, and numpy's name of the type."""

    shape: tuple[int, ...]
    dtype: str
    data: bytes

    @classmethod
    def of(cls, array: np.ndarray) -> "ArrayMessage":
        contiguous = np.ascontiguousarray(array)
        little = contiguous.astype(contiguous.dtype.newbyteorder("<"), copy=False)
        return cls(array.shape, contiguous.dtype.name, little.tobytes())

    def array(self) -> np.ndarray:
        """A read-only array that shares the bytes."""
        dtype = np.dtype(self.dtype).newbyteorder("<")
        return np.frombuffer(self.data, dtype=dtype).reshape(self.shape)


class Advice(msgspec.Struct, frozen=True):
    """Whether a decoder suits the way in which a head was trained, and why in one sentence."""

    fit: Fit
    reason: str


class DecoderDescription(msgspec.Struct, frozen=True):
    """One decoder, as the studio's panel shows it."""

    name: str
    title: str
    help: str
    source: str
    parameters: tuple[ParameterDescription, ...]


class NetworkDescription(msgspec.Struct, frozen=True):
    """One network, as the studio's panel shows it."""

    name: str
    title: str
    help: str
    source: str


class HeadDescription(msgspec.Struct, frozen=True):
    """One head, as the studio's panel shows it; the first of its losses is the usual one."""

    name: str
    title: str
    help: str
    source: str
    losses: tuple[str, ...]


class DecoderChoice(msgspec.Struct, frozen=True):
    """A decoder with the parameters that the user set; the others have their defaults."""

    name: str
    parameters: dict[str, float] = {}


# Requests: studio -> engine


class LoadCheckpoint(Message, frozen=True):
    """Make this checkpoint the one that predicts.

    Args:
        execution: How to run it: `AUTOMATIC`, or one of the hello's `executions`.
    """

    sequence: int
    path: str
    run_id: int
    execution: str = AUTOMATIC


class Predict(Message, frozen=True):
    """Predict one image. Its heatmaps are cached, so another decoder costs no network pass.

    Of the `Predict`s that wait, only the newest is answered.

    Args:
        known: Boxes (x, y, width, height) of labelled subjects in image pixels, for models that
            cannot find any.
        frame: Where the path is that of a video.
    """

    sequence: int
    image_id: int
    path: str
    decoder: DecoderChoice
    known: tuple[tuple[float, float, float, float], ...] = ()
    frame: int | None = None


class AnnotationMessage(msgspec.Struct, frozen=True):
    """An annotation on its way to a training."""

    id: str
    image_id: int
    xy: list[tuple[float | None, float | None]]
    visibility: list[int]
    box: tuple[float, float, float, float] | None = None


class ImageMessage(msgspec.Struct, frozen=True):
    """An image reference on its way to a training."""

    id: int
    path: str
    width: int
    height: int
    split: Split | None = None
    group: str = ""
    frame: int | None = None
    tags: tuple[str, ...] = ()


class DatasetMessage(msgspec.Struct, frozen=True):
    """A dataset on its way to a training."""

    skeleton: Skeleton
    images: list[ImageMessage]
    annotations: list[AnnotationMessage]

    @classmethod
    def of(cls, dataset: Dataset) -> "DatasetMessage":
        return cls(
            dataset.skeleton,
            [
                ImageMessage(
                    each.id,
                    str(each.path),
                    each.width,
                    each.height,
                    each.split,
                    each.group,
                    each.frame,
                    each.tags,
                )
                for each in dataset.images
            ],
            [
                AnnotationMessage(
                    each.id,
                    each.image_id,
                    [
                        (float(x), float(y)) if np.isfinite(x) and np.isfinite(y) else (None, None)
                        for x, y in each.xy
                    ],
                    [int(v) for v in each.visibility],
                    (each.box.x, each.box.y, each.box.width, each.box.height) if each.box else None,
                )
                for each in dataset.annotations
            ],
        )

    def dataset(self) -> Dataset:
        return Dataset(
            self.skeleton,
            tuple(
                Image(
                    each.id,
                    Path(each.path),
                    each.width,
                    each.height,
                    each.split,
                    each.group,
                    each.frame,
                    each.tags,
                )
                for each in self.images
            ),
            tuple(
                Annotation(
                    id=each.id,
                    image_id=each.image_id,
                    xy=np.array(
                        [(np.nan, np.nan) if x is None or y is None else (x, y) for x, y in each.xy]
                    ),
                    visibility=np.array(each.visibility),
                    box=Box(*each.box) if each.box else None,
                )
                for each in self.annotations
            ),
        )


class TrainingSettings(msgspec.Struct, frozen=True):
    """What the user may choose about a training.

    Args:
        minutes: Time for the whole training; used where `steps` is None.
        steps: Optimiser steps, instead of a time.
        network: Name in the registry of networks.
        head: Name in the registry of heads.
        loss: One of the head's; its usual one where it is empty.
        seed: Of everything random: choice of labels, weights, order, augmentation.
        max_labels: Learn from this many labelled training images, chosen by the seed.
        warm_start: Checkpoint file to start from; None starts from ImageNet weights.
        augmentation: How far training samples may differ from what was labelled; None leaves it to
            the project, and to the labels where there is none.
        view: The network looks at each subject, which it learns to find, or at whole images.
        input_size: Longer side of what it looks at, in pixels; None leaves it to the labels.
        batch: Samples of a step; None leaves it to the device.
        optimizer: "adamw" or "adam".
        learning_rate: Factor on the usual rates.
        precision: "auto", "float32", "bfloat16" or "float16".
        patience: Stop after this many validations without a better one; None never does.
        occluded_weight: Of occluded keypoints in the loss; visible ones have 1.
        memory_gb: For the pixels of training images; what does not fit is read again.
    """

    minutes: float = 3.0
    steps: int | None = None
    network: str = "efficientnet_lite0"
    head: str = "heatmap"
    loss: str = ""
    seed: int = 0
    max_labels: int | None = None
    warm_start: str | None = None
    augmentation: AugmentationChoice | None = None
    view: View = "subject"
    input_size: int | None = None
    batch: int | None = None
    optimizer: Optimizer = "adamw"
    learning_rate: float = 1.0
    precision: str = AUTOMATIC
    patience: int | None = None
    occluded_weight: float = 1.0
    memory_gb: float = 2.0


class Train(Message, frozen=True):
    """Train, and keep the best so far at `checkpoint` from the first validation on.

    Args:
        is_resumed: Go on where a training of this checkpoint was broken off.
    """

    sequence: int
    dataset: DatasetMessage
    settings: TrainingSettings
    checkpoint: str
    is_resumed: bool = False


class StopTraining(Message, frozen=True):
    """Stop at the next step, and keep the best so far."""

    sequence: int


Request = LoadCheckpoint | Predict | Train | StopTraining


# Replies: engine -> studio


class Hello(Message, frozen=True):
    """Who answers: always the first frame of an engine.

    Args:
        executions: The ways in which networks can run on the device.
    """

    protocol: int
    version: str
    device: str
    executions: tuple[str, ...]
    decoders: tuple[DecoderDescription, ...]
    networks: tuple[NetworkDescription, ...]
    heads: tuple[HeadDescription, ...]


class CheckpointLoaded(Message, frozen=True):
    """A checkpoint is ready to predict.

    Args:
        advice: By decoder name.
        suited: By decoder name, the parameters that follow from the head's training and hold
            unless the user sets others.
        execution: How it runs, in words: precision, memory layout, time.
        can_find: Whether it finds subjects by itself; if not it looks at known boxes.
    """

    sequence: int
    run_id: int
    network: str
    keypoints: tuple[str, ...]
    best_decoder: str
    advice: dict[str, Advice]
    suited: dict[str, dict[str, float]] = {}
    execution: str = ""
    can_find: bool = True


class SubjectMessage(msgspec.Struct, frozen=True):
    """One predicted subject with its heatmaps, placed in the image.

    Args:
        xy: (K, 2) float64 image pixels, NaN where there is no answer.
        scores: (K,) float64, 0 to 1.
        covariance: (K, 2, 2) float64 square image pixels, calibrated where the checkpoint has a
            calibration; NaN where unknown.
        other_peaks: (K, P, 3) float64 x and y in image pixels, and height; NaN where there is none.
        box: x, y, width, height in image pixels: where the heatmaps look.
        score: That there is a subject, 0 to 1.
        heatmaps: (K, H, W) float16.
        cell_to_image: (2, 3) float64, heatmap cells to image pixels.
    """

    xy: ArrayMessage
    scores: ArrayMessage
    covariance: ArrayMessage
    other_peaks: ArrayMessage
    box: tuple[float, float, float, float]
    score: float
    heatmaps: ArrayMessage
    cell_to_image: ArrayMessage

    def placement(self) -> Affine:
        return Affine(self.cell_to_image.array())


class Predicted(Message, frozen=True):
    """The answer to `Predict`. `network_passes` counts since the engine started."""

    sequence: int
    image_id: int
    run_id: int
    decoder: DecoderChoice
    subjects: tuple[SubjectMessage, ...]
    network_passes: int


class TrainingStarted(Message, frozen=True):
    """`steps` is an estimate while the training goes by time."""

    sequence: int
    train_images: int
    val_images: int
    steps: int
    device: str


class TrainingStep(Message, frozen=True):
    """Sent a few times a second at most. `fraction` of the whole training is done."""

    sequence: int
    step: int
    loss: float
    fraction: float
    elapsed_s: float
    remaining_s: float


class TrainingValidated(Message, frozen=True):
    """Errors on validation images, of the decoder that fits the head."""

    sequence: int
    step: int
    median_px: float | None
    mean_px: float | None
    is_best: bool
    elapsed_s: float


class TrainingNote(Message, frozen=True):
    """Something about a training that goes on."""

    sequence: int
    step: int
    text: str


class TrainingEnded(Message, frozen=True):
    """Always the last event of a training.

    Args:
        how: "finished", "stopped" or "failed".
        checkpoint: The file with the best so far; None where there is none.
        median_px: On the validation images, of the best.
        message: Why, for a failure.
    """

    sequence: int
    how: Literal["finished", "stopped", "failed"]
    checkpoint: str | None
    steps: int
    median_px: float | None
    elapsed_s: float
    message: str = ""


class RequestFailed(Message, frozen=True):
    """A request that could not be done. `is_problem`: the user can mend it."""

    sequence: int
    message: str
    hint: str
    is_problem: bool
    image_id: int | None = None


TrainingEvent = TrainingStarted | TrainingStep | TrainingValidated | TrainingNote | TrainingEnded
Reply = Hello | CheckpointLoaded | Predicted | TrainingEvent | RequestFailed

Received = TypeVar("Received")


def to_frame(message: Message) -> bytes:
    body = msgspec.msgpack.encode(message)
    return struct.pack(">I", len(body)) + body


class FrameReader(Generic[Received]):
    """Turns a stream of bytes, however it is cut, into messages.

    Args:
        union: The union of messages that may come, `Request` or `Reply`.
    """

    def __init__(self, union: Any) -> None:
        self._decoder = msgspec.msgpack.Decoder(union)
        self._buffer = bytearray()

    @property
    def is_between_frames(self) -> bool:
        """Whether no message has begun that is not complete."""
        return not self._buffer

    def feed(self, data: bytes) -> Iterator[Received]:
        """The messages that are complete now.

        Raises:
            UserProblem: The bytes are not of this protocol.
        """
        self._buffer += data
        while len(self._buffer) >= 4:
            (length,) = struct.unpack_from(">I", self._buffer)
            if length > LARGEST_FRAME:
                raise UserProblem(
                    "The engine sent something that is not a message.",
                    "Something may be printing into its output; restart the engine.",
                )
            if len(self._buffer) < 4 + length:
                return
            body = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            try:
                yield self._decoder.decode(body)
            except msgspec.DecodeError as error:
                raise UserProblem(
                    f"The engine and the studio do not understand each other ({error}).",
                    "Install the same version of kpstudio on both sides.",
                ) from error
