"""The size of an image from the first bytes of its file, because decoding thousands takes minutes.

It agrees with `kpstudio.imaging.read.read_image`: upright by the EXIF orientation.
"""

import struct
from pathlib import Path
from typing import BinaryIO

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.pillow_image import is_turned_by_its_container, size_with_pillow
from kpstudio.imaging.read import read_image

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_TIFF_SIGNATURES = {b"II*\0": "<", b"MM\0*": ">"}
_WIDTH_TAG, _HEIGHT_TAG = 0x0100, 0x0101
_SHORT, _LONG = 3, 4
_ORIENTATION_TAG = 0x0112
_TURNED = frozenset({5, 6, 7, 8})


def read_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels, upright.

    Whether the rest of the file is whole is not looked at, except where the header does not say
    its size plainly.

    Raises:
        UserProblem: The file is missing, cannot be read, or is not an image.
    """
    try:
        with path.open("rb") as file:
            size = _size_in_header(file)
    except OSError as error:
        raise UserProblem(
            f"{path.name} cannot be opened ({error.strerror}).",
            f"It is expected at {path}. If its folder has moved, relocate the images.",
        ) from error
    except ValueError as error:
        raise UserProblem(
            f"{str(path)!r} cannot be opened: no file has such a name.",
            "Correct the name in the labels file.",
        ) from error
    if size is not None and min(size) > 0:
        return size
    height, width, _ = read_image(path).shape
    return width, height


def written_size(path: Path) -> tuple[int, int] | None:
    """As `read_size` where the header says it plainly; None where not, or it cannot be read."""
    try:
        with path.open("rb") as file:
            size = _size_in_header(file)
    except (OSError, ValueError):
        return None
    return size if size is not None and min(size) > 0 else None


def read_orientation(path: Path) -> int:
    """How a JPEG is to be turned or mirrored to be upright: 1 to 8 as in EXIF.

    1, as it is, also for other files, and for those that cannot be read.
    """
    try:
        with path.open("rb") as file:
            if file.read(2) != b"\xff\xd8":
                return 1
            header = _jpeg_header(file)
    except (OSError, struct.error, EOFError):
        return 1
    return 1 if header is None else header[2]


def _size_in_header(file: BinaryIO) -> tuple[int, int] | None:
    """None where only decoding can tell."""
    head = file.read(8)
    try:
        if head == _PNG_SIGNATURE:
            return _png_size(file)
        if head.startswith(b"\xff\xd8"):
            file.seek(2)
            return _jpeg_size(file)
        if head[:4] in _TIFF_SIGNATURES:
            order = _TIFF_SIGNATURES[head[:4]]
            (first,) = struct.unpack_from(f"{order}I", head, 4)
            return _tiff_size(file, order, first)
        if is_turned_by_its_container(head + file.read(4)):
            file.seek(0)
            return size_with_pillow(file)
    except (struct.error, EOFError):
        return None
    return None


def _png_size(file: BinaryIO) -> tuple[int, int] | None:
    size = None
    while header := file.read(8):
        length, kind = struct.unpack(">I4s", header)
        if kind == b"IHDR":
            width, height = struct.unpack(">II", file.read(8))
            size = (width, height)
            file.seek(length - 8 + 4, 1)
        elif kind == b"eXIf" or size is None:
            return None
        elif kind == b"IEND":
            return size
        else:
            file.seek(length + 4, 1)
    return size


def _tiff_size(file: BinaryIO, order: str, first: int) -> tuple[int, int] | None:
    """Of the first page; None where it is turned."""
    file.seek(first)
    (count,) = struct.unpack(f"{order}H", file.read(2))
    values = {}
    for _ in range(count):
        tag, kind, number, short, rest = struct.unpack(f"{order}HHIHH", file.read(12))
        if number == 1 and kind == _SHORT:
            values[tag] = short
        elif number == 1 and kind == _LONG:
            (values[tag],) = struct.unpack(f"{order}I", struct.pack(f"{order}HH", short, rest))
    if values.get(_ORIENTATION_TAG, 1) != 1 or not {_WIDTH_TAG, _HEIGHT_TAG} <= values.keys():
        return None
    return values[_WIDTH_TAG], values[_HEIGHT_TAG]


def _jpeg_size(file: BinaryIO) -> tuple[int, int] | None:
    header = _jpeg_header(file)
    if header is None:
        return None
    width, height, orientation = header
    return (height, width) if orientation in _TURNED else (width, height)


def _jpeg_header(file: BinaryIO) -> tuple[int, int, int] | None:
    """Width and height as they are stored, and the EXIF orientation."""
    orientation: int | None = None
    while True:
        marker = _next_marker(file)
        if marker in _STANDALONE:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in _START_OF_FRAME:
            _, height, width = struct.unpack(">BHH", file.read(5))
            return width, height, orientation or 1
        if marker == 0xE1:
            body = file.read(length - 2)
            if body.startswith(b"Exif\x00\x00") and orientation is None:
                orientation = _exif_orientation(body[6:])
        elif marker in (0xD9, 0xDA):
            return None
        else:
            file.seek(length - 2, 1)


def _next_marker(file: BinaryIO) -> int:
    if file.read(1) != b"\xff":
        raise EOFError
    byte = b"\xff"
    while byte == b"\xff":
        byte = file.read(1)
    if not byte:
        raise EOFError
    return byte[0]


def _exif_orientation(tiff: bytes) -> int:
    """1 to 8; 1 where it does not say.

    Raises:
        EOFError: The block is not what it should be.
    """
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        raise EOFError
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for entry in range(count):
        at = first + 2 + 12 * entry
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at)
        if tag == _ORIENTATION_TAG:
            if kind != 3 or not 1 <= value <= 8:
                raise EOFError
            return int(value)
    return 1
