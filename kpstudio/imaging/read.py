"""Pixels from image files: always upright, RGB, 8 bits."""

from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.core.shapes import UInt8
from kpstudio.imaging.pillow_image import is_turned_by_its_container, read_with_pillow

_JPEG = b"\xff\xd8"
_MOST_MEGAPIXELS = (1 << 30) // 1_000_000
_REDUCED = {
    1: cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
Divisor = Literal[1, 2, 4, 8]
_RAREST = 0.1  # per cent at each end

IMAGE_SUFFIXES = frozenset(
    {
        ".avif",
        ".bmp",
        ".gif",
        ".heic",
        ".heif",
        ".jp2",
        ".jpeg",
        ".jpg",
        ".pgm",
        ".png",
        ".ppm",
        ".tif",
        ".tiff",
        ".webp",
    }
)


def read_image(
    path: Path, *, reduced: bool = False, divisor: Divisor = 1
) -> UInt8[np.ndarray, "H W 3"]:
    """The pixels of an image file, upright by its EXIF orientation.

    Args:
        path: Of the file.
        reduced: Decode at an eighth of the size where the format can (JPEG): for thumbnails.
        divisor: Of width and height: a JPEG is decoded at that fraction of its size, so that its
            blocks count from the corner that the file begins with and the last may be cut off; of
            others as many equal blocks as there are whole ones are averaged.

    Returns:
        (H, W, 3) RGB, contiguous. What is transparent has the colours that the file gives it; of
        several pages or of an animation it is the first. Of images with more than 8 bits (depth,
        thermal, microscopy) the values that occur are stretched to the whole range; 0, which means
        "nothing measured" in most of them, stays black.

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
    except ValueError as error:
        raise UserProblem(
            f"{str(path)!r} cannot be opened: no file has such a name.",
            "Remove the image from the project, or correct its name where it came from.",
        ) from error
    if is_turned_by_its_container(data[:12].tobytes()):
        return np.asarray(_averaged(_by_pillow(path, data), divisor), np.uint8)
    is_jpeg = data[:2].tobytes() == _JPEG
    flags = _REDUCED[8 if reduced else divisor] if is_jpeg else _REDUCED[1]
    pixels = _decode(path, data, flags)
    if pixels is None:
        # Single floats are decoded only as they are.
        pixels = _decode(path, data, cv2.IMREAD_ANYDEPTH)
        pixels = None if pixels is None else np.repeat(pixels[:, :, None], 3, axis=2)
    if pixels is not None and not is_jpeg:
        # Before anything else, which would need as much memory again.
        pixels = _averaged(pixels, divisor)
    if _is_truncated(data):
        raise _damaged(path)
    if pixels is None:
        return np.asarray(_averaged(_by_pillow(path, data), divisor), np.uint8)
    if pixels.dtype != np.uint8:
        pixels = _stretched(pixels)
    rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return np.ascontiguousarray(rgb, dtype=np.uint8)


def _averaged(pixels: np.ndarray, divisor: int) -> np.ndarray:
    if divisor == 1:
        return pixels
    size = max(1, pixels.shape[1] // divisor), max(1, pixels.shape[0] // divisor)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _decode(path: Path, data: UInt8[np.ndarray, " N"], flags: int) -> np.ndarray | None:
    try:
        return cv2.imdecode(data, flags) if data.size else None
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" not in str(error):
            return None
        raise UserProblem(
            f"{path.name} has too many pixels: kpstudio reads up to {_MOST_MEGAPIXELS} megapixels.",
            "Cut it into several images.",
        ) from error


def _by_pillow(path: Path, data: UInt8[np.ndarray, " N"]) -> UInt8[np.ndarray, "H W 3"]:
    pixels = read_with_pillow(path, data.tobytes())
    if pixels is None:
        raise _damaged(path)
    return pixels


def _damaged(path: Path) -> UserProblem:
    return UserProblem(
        f"{path.name} is not a readable image: the file is damaged or cut off.",
        f"Replace {path} by a whole copy; its labels are kept.",
    )


def _stretched(pixels: np.ndarray) -> UInt8[np.ndarray, "H W 3"]:
    """The values that occur, but for the rarest, from black to white."""
    is_measured = np.isfinite(pixels) & (pixels != 0)
    if not is_measured.any():
        return np.zeros(pixels.shape, np.uint8)
    low, high = np.percentile(pixels[is_measured], (_RAREST, 100 - _RAREST))
    scaled = (pixels.astype(np.float64) - low) * (255 / max(high - low, 1e-12))
    return np.where(is_measured, np.clip(scaled, 0, 255), 0).astype(np.uint8)


def _is_truncated(data: UInt8[np.ndarray, " N"]) -> bool:
    """OpenCV fills what a cut-off JPEG or PNG lacks with grey and only prints a warning."""
    head, tail = bytes(data[:8]), bytes(data[-65536:])
    if head.startswith(_JPEG):
        return b"\xff\xd9" not in tail
    if head.startswith(b"\x89PNG"):
        return b"IEND" not in tail
    return False
