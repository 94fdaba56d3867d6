"""Frames of videos that were decoded last, so that stepping back need not decode them again."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame

BUDGET_BYTES = 192 << 20


class RecentFrames:
    """Decoded frames by key; the least recently used go first. For any thread.

    Args:
        budget: Bytes that may be kept; the newest frame is kept in any case.
    """

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self._frames: OrderedDict[Hashable, VideoFrame] = OrderedDict()
        self._budget = budget
        self._used = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._frames)

    def get(self, key: Hashable) -> "VideoFrame | None":
        with self._lock:
            frame = self._frames.get(key)
            if frame is not None:
                self._frames.move_to_end(key)
            return frame

    def put(self, key: Hashable, frame: "VideoFrame") -> None:
        with self._lock:
            former = self._frames.pop(key, None)
            self._used += _bytes(frame) - (_bytes(former) if former is not None else 0)
            self._frames[key] = frame
            while len(self._frames) > 1 and self._used > self._budget:
                _, dropped = self._frames.popitem(last=False)
                self._used -= _bytes(dropped)


def _bytes(frame: "VideoFrame") -> int:
    return sum(plane.buffer_size for plane in frame.planes)
