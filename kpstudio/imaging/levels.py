"""An image at a half, a quarter and so on of its size: drawn small, it is drawn from these.

That is faster, because fewer pixels are read, and it does not flicker while one zooms, because no
pixel is left out.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from kpstudio.core.shapes import UInt8

# A smaller one is drawn fast enough.
_LEAST_SIDE = 600
# A larger one takes the memory of several images and is needed only by who looks closely.
_MOST_PIXELS = 4_000_000


def screen_pixels(pixels: UInt8[np.ndarray, "H W 3"]) -> UInt8[np.ndarray, "H W 4"]:
    """RGB as screens have it: blue, green, red, and a byte that is 255."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA), dtype=np.uint8)


def screen_levels(pixels: UInt8[np.ndarray, "H W 3"]) -> Sequence[UInt8[np.ndarray, "h w 4"]]:
    """The levels of an image as screens have them, the largest first.

    Of a large image the first one is a half of its size: see `screen_pixels`.

    Args:
        pixels: RGB.
    """
    height, width = pixels.shape[:2]
    levels = []
    if height * width <= _MOST_PIXELS:
        level = screen_pixels(pixels)
        levels.append(level)
    else:
        level = screen_pixels(_half(pixels))
        levels.append(level)
    while max(level.shape[:2]) >= 2 * _LEAST_SIDE:
        level = _half(level)
        levels.append(level)
    return tuple(levels)


def _half(pixels: UInt8[np.ndarray, "H W C"]) -> UInt8[np.ndarray, "h w C"]:
    """Each pixel the mean of four; where a side is odd its last pixel counts with the others."""
    height, width = pixels.shape[:2]
    size = (width + 1) // 2, (height + 1) // 2
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
