"""The image while it is being drawn, and which thing lies on top at each pixel."""

from dataclasses import dataclass

import cv2
import numpy as np

from kpstudio.core.shapes import Float, UInt8

Origin = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Light:
    """Where the light comes from.

    Args:
        xyz: Unit vector toward the light: x right, y down, z toward the camera.
        tint: RGB gains.
    """

    xyz: Float[np.ndarray, " 3"]
    tint: Float[np.ndarray, " 3"]


def in_colour(field: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w 3"]:
    """The same value in three channels; numpy is slow where the last axis is broadcast."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(field), cv2.COLOR_GRAY2RGB))


class Picture:
    """Colour, and the order in which things were painted.

    Args:
        pixels: (H, W, 3) RGB, 0 to 1; painted on in place.
        light: The same for everything in the picture.
        unit: Size of a detail that is one pixel large in an image of 640 x 480.
    """

    def __init__(self, pixels: Float[np.ndarray, "H W 3"], light: Light, unit: float) -> None:
        self.pixels = pixels
        self.light = light
        self.unit = unit
        self.order: UInt8[np.ndarray, "H W"] = np.zeros(pixels.shape[:2], np.uint8)
        self.things = 0

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.order.shape
        return width, height

    def next_thing(self) -> int:
        """The order number of a new thing, which lies above all earlier ones."""
        self.things += 1
        return self.things

    def paint(
        self,
        origin: Origin,
        colour: Float[np.ndarray, "h w 3"],
        alpha: Float[np.ndarray, "h w"],
        *,
        thing: int | None,
    ) -> None:
        """Lay a patch over the picture.

        Args:
            origin: (x, y) of the top-left pixel of the patch.
            colour: RGB, 0 to 1.
            alpha: Opacity, 0 to 1.
            thing: Its order number; None for what is too thin to hide anything.
        """
        here, there = self._overlap(origin, alpha.shape)
        opacity = alpha[there]
        if opacity.size:
            target = self.pixels[here]
            target += (colour[there] - target) * in_colour(opacity)
        if thing is not None:
            self.order[here][opacity > 0.5] = thing

    def shade(self, origin: Origin, factor: Float[np.ndarray, "h w"]) -> None:
        """Multiply a patch of the picture: shadows."""
        here, there = self._overlap(origin, factor.shape)
        if factor[there].size:
            self.pixels[here] *= in_colour(factor[there])

    def _overlap(
        self, origin: Origin, shape: tuple[int, ...]
    ) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        here, there = [], []
        for start, length, limit in zip(origin[::-1], shape, self.order.shape, strict=True):
            low, high = min(max(start, 0), limit), max(min(start + length, limit), 0)
            high = max(low, high)
            here.append(slice(low, high))
            there.append(slice(low - start, high - start))
        return (here[0], here[1]), (there[0], there[1])
