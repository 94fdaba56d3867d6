"""Text files as formats read them: UTF-8, with the place of what is wrong."""

import csv
import io
from pathlib import Path
from typing import Any

import msgspec

from kpstudio.core.errors import UserProblem

_HEAD_BYTES = 65536
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_head(path: Path, size: int = _HEAD_BYTES) -> bytes:
    """The first bytes of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size).removeprefix(_BYTE_ORDER_MARK)
    except OSError:
        return b""


def read_bytes(path: Path) -> bytes:
    """A whole file, without a mark of byte order.

    Raises:
        UserProblem: It cannot be read.
    """
    try:
        return path.read_bytes().removeprefix(_BYTE_ORDER_MARK)
    except OSError as error:
        raise UserProblem(
            f"{path} cannot be read ({error.strerror}).", "Check the path."
        ) from error


def read_text(path: Path) -> str:
    """A whole file of UTF-8 text.

    Raises:
        UserProblem: It cannot be read, or is not UTF-8.
    """
    data = read_bytes(path)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        column = data.count(b",", start, error.start) + 1
        raise UserProblem(
            f"{path.name}, line {line}, column {column}: this is not UTF-8 text.",
            "Save the file again with the encoding UTF-8.",
        ) from error


def read_json(path: Path) -> Any:
    """A whole JSON file.

    Raises:
        UserProblem: It cannot be read, or is not JSON.
    """
    try:
        return msgspec.json.decode(read_bytes(path))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserProblem(
            f"{path.name} is not JSON: {error}.", "Export the file again: it may be cut short."
        ) from error


def read_csv(path: Path, delimiter: str = ",") -> list[tuple[int, list[str]]]:
    """The lines of a table that are not empty, with their numbers from 1.

    Raises:
        UserProblem: It cannot be read, or is not a table.
    """
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True, delimiter=delimiter)
    lines = []
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                lines.append((reader.line_num, cells))
    except csv.Error as error:
        raise UserProblem(
            f"{path.name}, line {reader.line_num}: this is not a table ({error}).",
            "Look for a quotation mark that is not closed.",
        ) from error
    return lines
