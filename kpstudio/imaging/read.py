"""Pixels from image files: always upright, RGB, 8 bits."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from kpstudio.core.errors import UserProblem

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})


def read_image(path: Path, *, reduced: bool = False) -> UInt8[np.ndarray, "H W 3"]:
    """The pixels of an image file, upright by its EXIF orientation.

    Args:
        path: Of the file.
        reduced: Decode at an eighth of the size where the format can (JPEG): for thumbnails.

    Returns:
        (H, W, 3) RGB, contiguous.

    Raises:
        UserProblem: The file is missing, cannot be read, or is not a whole image.
    """
    try:
        data = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        reason = "it is not there" if isinstance(error, FileNotFoundError) else error.strerror
        raise UserProblem(
            f"{path.name} cannot be opened: {reason}.",
            f"It is expected at {path}. If its folder has moved, relocate the images.",
        ) from error
    flags = cv2.IMREAD_REDUCED_COLOR_8 if reduced else cv2.IMREAD_COLOR
    try:
        pixels = cv2.imdecode(data, flags) if data.size else None
    except cv2.error:
        pixels = None
    if pixels is None or _is_truncated(data):
        raise UserProblem(
            f"{path.name} is not a readable image: the file is damaged or cut off.",
            f"Replace {path} by a whole copy; its labels are kept.",
        )
    rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return np.ascontiguousarray(rgb, dtype=np.uint8)


def _is_truncated(data: UInt8[np.ndarray, " N"]) -> bool:
    """OpenCV fills what a cut-off JPEG or PNG lacks with grey and only prints a warning."""
    head, tail = bytes(data[:8]), bytes(data[-65536:])
    if head.startswith(b"\xff\xd8"):
        return b"\xff\xd9" not in tail
    if head.startswith(b"\x89PNG"):
        return b"IEND" not in tail
    return False
