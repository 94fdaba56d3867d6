"""How an image is shown other than it is: brightness and the like, never in the data."""

import math
from typing import Literal

import msgspec
import numpy as np

from kpstudio.core.shapes import UInt8

Channel = Literal["colour", "red", "green", "blue", "grey"]


class Adjustment(msgspec.Struct, frozen=True):
    """What is done to the pixels that are shown, in this order from the last field to the first.

    Args:
        is_inverted: Dark is bright.
        brightness: Added to values of 0 to 1, -1 to 1.
        contrast: -1 for none at all, 0 as it is, below 1 for ever more.
        gamma: Above 1 shows what is dark brighter, 0.1 to 10.
        local_contrast: The clip limit of CLAHE; 0 does without it.
        channel: Only this one, in grey; "grey" is the brightness of all.
    """

    is_inverted: bool = False
    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 1.0
    local_contrast: float = 0.0
    channel: Channel = "colour"

    @property
    def is_nothing(self) -> bool:
        return self == Adjustment()

    def table(self) -> UInt8[np.ndarray, " 256"]:
        """What each of the 256 values of a channel becomes, but for the local contrast."""
        values = np.linspace(0, 1, 256) ** (1 / min(max(self.gamma, 0.1), 10))
        slope = math.tan((min(max(self.contrast, -1), 0.99) + 1) * math.pi / 4)
        values = (values - 0.5) * slope + 0.5 + self.brightness
        values = np.clip(values, 0, 1)
        return np.round(255 * (1 - values if self.is_inverted else values)).astype(np.uint8)
