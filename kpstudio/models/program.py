"""Networks that come as a TorchScript program: images in, maps out, and no more is known."""

import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import CellMapping
from kpstudio.models.archive import safe_script
from kpstudio.models.heads import CoordinateHead, Head
from kpstudio.models.input_format import InputFormat
from kpstudio.models.keypoint_network import KeypointNetwork, LearningParts, Task

WEIGHTS_NAME = "program"


class ProgramInfo(msgspec.Struct, frozen=True):
    """What must be said of a program, since it does not say it itself.

    Args:
        is_logits: Its maps are logits: a sigmoid makes them heights of 0 to 1.
        output: Which of its outputs is decoded, where it has several; None takes the last one
            with four dimensions, or three if they are coordinates.
        batch: So many images it takes at once; None for any number.
        stride: Input pixels per cell, for programs that give coordinates in cells.
    """

    is_logits: bool = False
    output: int | None = None
    batch: int | None = None
    stride: int = 1


class ProgramNetwork(KeypointNetwork):
    """A TorchScript program for the second pass. It cannot be trained.

    Args:
        program: The bytes of its file. Such a program holds tensor operations only.
        info: What must be said of it.
        keypoints: K.
        head: What it gives; of its maps the first that belong to K keypoints are used.
        look_format: That it expects.
        cell_mapping: Of its heatmaps.

    Raises:
        UserProblem: The bytes are no program.
    """

    can_find = False
    size_multiple = 1

    def __init__(
        self,
        program: bytes,
        info: ProgramInfo,
        *,
        keypoints: int,
        head: Head,
        look_format: InputFormat,
        cell_mapping: CellMapping,
    ) -> None:
        super().__init__()
        program = safe_script(program, "The program")
        try:
            with warnings.catch_warnings():
                # Old programs are to be opened; that no new ones should be made is not news.
                warnings.simplefilter("ignore", DeprecationWarning)
                loaded = torch.jit.load(io.BytesIO(program), map_location="cpu")  # type: ignore[no-untyped-call]
        except RuntimeError as error:
            raise UserProblem(
                "This is not a TorchScript program.",
                "Save the network with torch.jit.trace(...).save(...), or import its weights.",
            ) from error
        self.program = loaded.eval()
        self.info = info
        self.look_stride = info.stride
        self.keypoints = keypoints
        self.gives_coordinates = isinstance(head, CoordinateHead)
        self.channels = keypoints if self.gives_coordinates else head.maps(keypoints)
        self.look_format = look_format
        self.cell_mapping = cell_mapping

    def stages(self, images: Float[Tensor, "B C H W"], task: Task = "look") -> tuple[Tensor, ...]:
        if task == "find":
            raise UserProblem(
                "This model cannot find subjects by itself.",
                "Label or import boxes, or train a model of this project.",
            )
        size = self.info.batch or len(images)
        parts = [self._run(images[start : start + size]) for start in range(0, len(images), size)]
        answer = torch.cat(parts)
        return (answer.sigmoid() if self.info.is_logits else answer,)

    def _run(self, images: Float[Tensor, "B C H W"]) -> Tensor:
        count, size = len(images), self.info.batch or len(images)
        if count < size:
            images = torch.cat([images, images[-1:].expand(size - count, -1, -1, -1)])
        try:
            outputs = self.program(images)
        except (RuntimeError, AttributeError, torch.jit.Error) as error:
            raise UserProblem(
                f"The program cannot take images of shape {tuple(images.shape[1:])}.",
                "Check the size and the channels in its description.",
            ) from error
        return self._answer(outputs)[:count, : self.channels]

    def learning_parts(self) -> LearningParts:
        raise UserProblem(
            "A program cannot be trained.", "Train another network, and use this one to predict."
        )

    def _answer(self, given: object) -> Tensor:
        outputs = [given]
        if isinstance(given, Mapping):
            outputs = list(given.values())
        elif isinstance(given, Sequence):
            outputs = list(given)
        if self.info.output is not None:
            outputs = outputs[self.info.output : self.info.output + 1]
        dimensions = 3 if self.gives_coordinates else 4
        fitting = [each for each in outputs if isinstance(each, Tensor) and each.ndim == dimensions]
        if not fitting or fitting[-1].shape[1] < self.channels:
            shapes = [tuple(each.shape) for each in outputs if isinstance(each, Tensor)]
            raise UserProblem(
                f"The program gives no {'coordinates' if self.gives_coordinates else 'maps'}"
                f" of {self.keypoints} keypoints, but {shapes}.",
                "Say in its description which output they are, or how many keypoints there are.",
            )
        return fitting[-1]


def read_program(path: Path) -> Tensor:
    """The bytes of a program as (L,) uint8, which is how a checkpoint keeps them.

    Raises:
        UserProblem: The file cannot be read, or is empty.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserProblem(
            f"{path} cannot be read ({error.strerror}).", "Check the path."
        ) from error
    if not data:
        raise UserProblem(f"{path.name} is empty.", "Export the network again.")
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)
