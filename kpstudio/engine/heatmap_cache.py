"""Heatmaps of the images that were looked at last, so that decoding again is all that it costs."""

from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path
from typing import NamedTuple

from kpstudio.inference.predictor import SubjectHeatmaps

IMAGES = 64
BYTES = 512 << 20


class FileState(NamedTuple):
    """A file as it is now: another content under the same name is another state."""

    path: str
    modified_ns: int
    size: int

    @classmethod
    def of(cls, path: Path) -> "FileState":
        status = path.stat()
        return cls(str(path), status.st_mtime_ns, status.st_size)


class HeatmapCache:
    """The heatmaps of recent images; the least recently used go first.

    Args:
        images: At most so many.
        size: At most so many bytes of heatmaps; a single larger entry is not kept.
    """

    def __init__(self, *, images: int = IMAGES, size: int = BYTES) -> None:
        self._entries: OrderedDict[Hashable, tuple[SubjectHeatmaps, ...]] = OrderedDict()
        self._images = images
        self._size = size
        self._used = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> tuple[SubjectHeatmaps, ...] | None:
        subjects = self._entries.get(key)
        if subjects is not None:
            self._entries.move_to_end(key)
        return subjects

    def put(self, key: Hashable, subjects: tuple[SubjectHeatmaps, ...]) -> None:
        self._used -= _bytes(self._entries.pop(key, ()))
        self._entries[key] = subjects
        self._used += _bytes(subjects)
        while len(self._entries) > self._images or self._used > self._size:
            _, dropped = self._entries.popitem(last=False)
            self._used -= _bytes(dropped)


def _bytes(subjects: tuple[SubjectHeatmaps, ...]) -> int:
    total = 0
    for each in subjects:
        # What is shown is mostly what is decoded, and lies there once.
        both = {tensor.data_ptr(): tensor for tensor in (each.answer, each.heatmaps)}
        total += sum(tensor.numel() * tensor.element_size() for tensor in both.values())
    return total
