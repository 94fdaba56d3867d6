"""Image files that OpenCV cannot read, or reads without turning them upright: by Pillow.

Pillow and its plug-in for HEIC are optional.
"""

import io
from pathlib import Path
from typing import BinaryIO

import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.core.shapes import UInt8

_ORIENTATION_TAG = 0x0112
# As many as OpenCV reads; Pillow takes what has a tenth of them for an attack.
_MOST_PIXELS = 1 << 30
_TURNED = (5, 6, 7, 8)
_PACKAGES = "Install it with: pip install 'kpstudio[formats]'"


def read_with_pillow(path: Path, data: bytes) -> UInt8[np.ndarray, "H W 3"] | None:
    """The pixels, upright, RGB; None where Pillow cannot read them either.

    Args:
        path: Of the file, for messages.
        data: Its content.

    Raises:
        UserProblem: It is of a kind for which an optional package is missing.
    """
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        if is_turned_by_its_container(data):
            raise _missing(path, "Pillow") from error
        return None
    is_known = _register_heif()
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    try:
        with Image.open(io.BytesIO(data)) as image:
            upright = ImageOps.exif_transpose(image)
            return np.array(upright.convert("RGB"))
    except UnidentifiedImageError as error:
        if is_turned_by_its_container(data) and not is_known:
            raise _missing(path, "pillow-heif") from error
        return None
    except Image.DecompressionBombError as error:
        raise UserProblem(
            f"{path.name} has too many pixels: {error}.", "Cut it into several images."
        ) from error
    except (OSError, ValueError, SyntaxError):
        return None


def size_with_pillow(file: BinaryIO) -> tuple[int, int] | None:
    """Width and height, upright, without decoding; None where Pillow cannot tell."""
    try:
        from PIL import Image
    except ImportError:
        return None
    _register_heif()
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    try:
        with Image.open(file) as image:
            width, height = image.size
            is_turned = image.getexif().get(_ORIENTATION_TAG) in _TURNED
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (height, width) if is_turned else (width, height)


def is_turned_by_its_container(data: bytes) -> bool:
    """Whether a file is HEIC or AVIF: how these are turned OpenCV does not heed."""
    brands = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
    return data[4:8] == b"ftyp" and data[8:12] in brands


def _register_heif() -> bool:
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _missing(path: Path, package: str) -> UserProblem:
    return UserProblem(f"{path.name} can only be read with {package}.", _PACKAGES)
