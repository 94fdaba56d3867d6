"""How a network expects its pixels."""

from typing import Literal

import msgspec
import torch
from jaxtyping import Float
from torch import Tensor

Channels = Literal["rgb", "bgr", "grey"]

_LUMINANCE = (0.299, 0.587, 0.114)


class InputFormat(msgspec.Struct, frozen=True):
    """Order of channels and scale of values of a network's input.

    Args:
        channels: "rgb", "bgr" or "grey".
        mean: Of each channel where white is 1; subtracted.
        deviation: Of each channel where white is 1; divided by. 1/255 gives values of 0 to 255.
    """

    channels: Channels = "rgb"
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    deviation: tuple[float, ...] = (0.5, 0.5, 0.5)

    @classmethod
    def grey(cls, mean: float = 0.0, deviation: float = 1.0) -> "InputFormat":
        return cls("grey", (mean,), (deviation,))

    def __len__(self) -> int:
        """Number of channels."""
        return 1 if self.channels == "grey" else 3

    def of_normalised(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B C H W"]:
        """This format from RGB values of -1 to 1 (`preprocessing.normalise`)."""
        if self == InputFormat():
            return images
        images = (images + 1) / 2
        if self.channels == "bgr":
            images = images.flip(1)
        elif self.channels == "grey":
            weights = torch.tensor(_LUMINANCE, device=images.device, dtype=images.dtype)
            images = (images * weights[:, None, None]).sum(dim=1, keepdim=True)
        mean, deviation = (
            torch.tensor(values, device=images.device, dtype=images.dtype)[:, None, None]
            for values in (self.mean, self.deviation)
        )
        return (images - mean) / deviation


IMAGENET = InputFormat("rgb", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
