"""Small pictures of images."""

from pathlib import Path

import cv2
import numpy as np

from kpstudio.core.shapes import UInt8
from kpstudio.imaging.pixels import read_pixels


def read_thumbnail(
    path: Path, size: tuple[int, int], frame: int | None = None
) -> UInt8[np.ndarray, "H W 3"]:
    """An image made small enough to fit into a size, its aspect kept.

    Args:
        path: Of the image file, or of the video.
        size: (width, height) in pixels that the thumbnail must not exceed.
        frame: Of the video; None of an image file.

    Returns:
        (H, W, 3) RGB.

    Raises:
        UserProblem: As `read_pixels`.
    """
    pixels = read_pixels(path, frame, reduced=True)
    if pixels.shape[1] < size[0] and pixels.shape[0] < size[1]:
        pixels = read_pixels(path, frame)
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    target = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, target, interpolation=cv2.INTER_AREA), dtype=np.uint8)
