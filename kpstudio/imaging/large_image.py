"""Images of more than a hundred megapixels, which are shown at a fraction of their size.

One is decoded at a time, because some formats can only be decoded whole.
"""

import threading
from pathlib import Path

from kpstudio.core.geometry import Affine
from kpstudio.core.picture import Picture
from kpstudio.imaging.read import Divisor, read_image
from kpstudio.imaging.size import read_orientation, written_size

LARGE = 100_000_000
"""Pixels; images with more of them are read at a fraction of their size."""

_MOST_SHOWN = 32_000_000
_RIGHT_FIRST = frozenset({2, 3, 6, 7})
_BOTTOM_FIRST = frozenset({3, 4, 7, 8})
_ONE_AT_A_TIME = threading.Lock()


def large_size(path: Path) -> tuple[int, int] | None:
    """Width and height of an image file that is large; None of any other."""
    size = written_size(path)
    return size if size is not None and size[0] * size[1] > LARGE else None


def read_large_image(path: Path, size: tuple[int, int]) -> Picture:
    """An image file at a half, a quarter or an eighth of its size.

    Args:
        path: Of the file.
        size: As `large_size` has it.

    Raises:
        UserProblem: As `read_image`.
    """
    divisor = divisor_for(size)
    with _ONE_AT_A_TIME:
        pixels = read_image(path, divisor=divisor)
    height, width = pixels.shape[:2]
    cut_off = tuple(-(-side // divisor) for side in size)
    if (width, height) != cut_off:
        return Picture(pixels, size, Affine.of_blocks(size[0] / width, size[1] / height))
    # The block that is cut off is the last one of the file, and upright it may come first.
    orientation = read_orientation(path)
    left = size[0] - divisor * width if orientation in _RIGHT_FIRST else 0
    top = size[1] - divisor * height if orientation in _BOTTOM_FIRST else 0
    return Picture(pixels, size, Affine.of_blocks(divisor, divisor, left=left, top=top))


def divisor_for(size: tuple[int, int]) -> Divisor:
    """By how much both sides are divided, so that what is shown stays handy."""
    pixels = size[0] * size[1]
    if pixels <= 4 * _MOST_SHOWN:
        return 2
    return 4 if pixels <= 16 * _MOST_SHOWN else 8
