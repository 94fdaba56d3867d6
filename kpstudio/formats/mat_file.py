"""MATLAB's binary files, layouts 5 to 7, as plain lists, dictionaries, texts and numbers.

scipy's reader ends the whole process at some damaged files, so this one is ours.

Source: MathWorks, "MAT-File Format", level 5.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_TYPES = {
    **{1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4"},
    **{9: "f8", 12: "i8", 13: "u8", 16: "u1", 17: "u2", 18: "u4"},
}
_CELL, _STRUCT, _TEXT, _FIRST_NUMBER, _LAST_NUMBER = 1, 2, 4, 6, 15
_LARGEST = 2 << 30


class DamagedMatFile(Exception):
    """What is written is not what the layout allows."""


class NewerMatFile(Exception):
    """It has the layout 7.3, which is HDF5."""


@dataclass(frozen=True)
class _Element:
    kind: int
    data: memoryview


def read_variable(data: bytes, name: str) -> Any:
    """One variable of a file; None where it has none of that name.

    A structure is a dictionary, one of many elements a list of them; a cell array is a list; a
    text a str; a single number is that, other numbers are an array without axes of length 1.

    Raises:
        DamagedMatFile: It is cut off or makes no sense.
        NewerMatFile: It has the layout 7.3.
    """
    if len(data) < _HEADER_BYTES:
        raise DamagedMatFile("it ends in its header")
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        raise DamagedMatFile("its header has no order of bytes")
    if struct.unpack_from(f"{order}H", data, 124)[0] >> 8 == 2:
        raise NewerMatFile
    file = _MatFile(order)
    try:
        for element in file.elements(memoryview(data)[_HEADER_BYTES:]):
            found = file.inflated(element) if element.kind == _COMPRESSED else element
            if found.kind == _MATRIX and file.name_of(found.data) == name:
                return file.value(found.data)
    except (struct.error, zlib.error, ValueError, OverflowError) as error:
        raise DamagedMatFile(str(error)) from error
    except (StopIteration, IndexError, RecursionError) as error:
        raise DamagedMatFile("its parts do not fit together") from error
    return None


class _MatFile:
    def __init__(self, order: str) -> None:
        self._order = order
        self._tag = struct.Struct(f"{order}II")

    def elements(self, data: memoryview) -> Iterator[_Element]:
        at = 0
        while at < len(data):
            word, size = self._tag.unpack_from(data, at)
            if word >> 16:
                # Up to four bytes are in the tag itself.
                kind, size, start, step = word & 0xFFFF, word >> 16, at + 4, 8
            else:
                kind, start = word, at + 8
                step = 8 + (size if kind == _COMPRESSED else -(-size // 8) * 8)
            if start + size > len(data):
                raise DamagedMatFile("it is cut off")
            yield _Element(kind, data[start : start + size])
            at += step

    def inflated(self, element: _Element) -> _Element:
        data = zlib.decompressobj().decompress(element.data, _LARGEST)
        return next(self.elements(memoryview(data)))

    def name_of(self, matrix: memoryview) -> str:
        parts = self.elements(matrix)
        next(parts), next(parts)
        return _text(next(parts).data)

    def value(self, matrix: memoryview) -> Any:
        if not len(matrix):
            return np.zeros(0)
        parts = self.elements(matrix)
        kind = int(self._numbers(next(parts))[0]) & 0xFF
        shape = [int(each) for each in self._numbers(next(parts))]
        next(parts)
        count = math.prod(shape)
        if min(shape, default=-1) < 0 or count > len(matrix):
            raise DamagedMatFile(f"an array has the shape {shape}")
        if kind == _CELL:
            return [self.value(self._matrix(parts)) for _ in range(count)]
        if kind == _STRUCT:
            return self._structures(parts, count)
        if kind == _TEXT:
            return self._characters(next(parts))
        if _FIRST_NUMBER <= kind <= _LAST_NUMBER:
            values = self._numbers(next(parts)).reshape(shape, order="F").squeeze()
            return values if values.ndim else values.item()
        raise DamagedMatFile(f"it has an array of the unknown kind {kind}")

    def _structures(self, parts: Iterator[_Element], count: int) -> Any:
        length = int(self._numbers(next(parts))[0])
        joined = bytes(next(parts).data)
        if length < 1:
            raise DamagedMatFile("the names of a structure have no length")
        names = [_text(joined[at : at + length]) for at in range(0, len(joined), length)]
        found = [{name: self.value(self._matrix(parts)) for name in names} for _ in range(count)]
        return found[0] if count == 1 else found

    def _matrix(self, parts: Iterator[_Element]) -> memoryview:
        part = next(parts)
        if part.kind != _MATRIX:
            raise DamagedMatFile(f"a part of an array is of the kind {part.kind}")
        return part.data

    def _numbers(self, element: _Element) -> np.ndarray:
        code = _TYPES.get(element.kind)
        if code is None:
            raise DamagedMatFile(f"numbers are of the unknown kind {element.kind}")
        return np.frombuffer(element.data, f"{self._order}{code}")

    def _characters(self, element: _Element) -> str:
        if element.kind in (1, 2, 16):
            return bytes(element.data).decode("utf-8", errors="replace")
        if not len(element.data):
            return ""
        return "".join(chr(each) for each in self._numbers(element).tolist())


def _text(data: bytes | memoryview) -> str:
    return bytes(data).split(b"\x00")[0].decode("latin-1")
