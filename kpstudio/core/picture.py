"""The pixels of an image with their place in it: of a large one there are fewer than it has."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kpstudio.core.geometry import Affine
from kpstudio.core.shapes import UInt8


@dataclass(frozen=True, eq=False)
class Picture:
    """What is shown of an image, and predicted on.

    Args:
        pixels: (h, w, 3) RGB, upright.
        size: (width, height) of the image, in its own pixels.
        to_image: From these pixels to those of the image.
        levels: (h, w, 4) each, made for the screen, the largest first; empty where nobody has.
    """

    pixels: UInt8[np.ndarray, "h w 3"]
    size: tuple[int, int]
    to_image: Affine
    levels: Sequence[UInt8[np.ndarray, "_h _w 4"]] = ()

    @classmethod
    def of(cls, image: "Picture | UInt8[np.ndarray, 'h w 3']") -> "Picture":
        """All pixels of an image as its picture; a picture is itself."""
        if isinstance(image, Picture):
            return image
        return cls(image, (image.shape[1], image.shape[0]), Affine.identity())

    @property
    def is_reduced(self) -> bool:
        """Whether the image has more pixels."""
        return self.size != (self.pixels.shape[1], self.pixels.shape[0])

    @property
    def reduction(self) -> float:
        """How many pixels of the image one of these stands for, on each axis."""
        return self.to_image.scale()
