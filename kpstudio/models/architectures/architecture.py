"""What all published architectures have in common: images in, the maps of each stage out."""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import CellMapping


class Architecture(nn.Module, ABC):
    """A network whose state dict has the names and shapes of its published weights.

    Args:
        channels: Of the input: 1 for grey or depth, 3 for RGB, more where images have more.

    Attributes:
        cell_mapping: From heatmap cells to input pixels, as in the published training.
        stride: Input pixels per cell.
        size_multiple: Both sides of the input are multiples of this.
    """

    cell_mapping: ClassVar[CellMapping]
    stride: int
    size_multiple: int

    def __init__(self, *, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, images: Float[Tensor, "B C H W"]) -> tuple[Float[Tensor, "B M h w"], ...]:
        """M maps of h = H / stride rows and w = W / stride columns from each stage, the best last.

        Args:
            images: Normalised as the weights expect it.

        Raises:
            UserProblem: The images have another number of channels, or a size that the strides
                do not allow.
        """
        # A traced size is a tensor: to compare it would only warn, and not be part of the trace.
        if not torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
            self._check(images)
        return self._stages(images)

    @abstractmethod
    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        """The maps of each stage for images that fit."""

    def _check(self, images: Tensor) -> None:
        name, multiple = type(self).__name__, self.size_multiple
        channels, height, width = images.shape[1:]
        if channels != self.channels:
            raise UserProblem(
                f"This {name} expects {self.channels} channels, and the image has {channels}.",
                "Choose a model for this kind of image, or convert the image.",
            )
        if height % multiple or width % multiple or not (height and width):
            raise UserProblem(
                f"{name} cannot take an input of {width} x {height} pixels.",
                f"Choose a width and a height that are multiples of {multiple}.",
            )
