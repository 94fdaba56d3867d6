"""One video file: any of its frames, asked for from any thread.

Whether the file gives the right frames after a jump is tried before the first one. The frames up
to the second keyframe and a few more are decoded from the beginning; those around the keyframe are
decoded again after a jump. Where they differ, frames are always counted from the beginning: slow,
but right.
"""

import threading
import zlib
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.frame_pixels import frame_pixels, frame_size
from kpstudio.imaging.recent_frames import RecentFrames
from kpstudio.imaging.video_decoder import VideoDecoder, frame_time
from kpstudio.imaging.video_index import VideoIndex
from kpstudio.imaging.video_proxy import VideoProxy

if TYPE_CHECKING:
    from av import VideoFrame

LONG_WAY = 300
"""Frames: from so many on a jump takes a second or more."""
_PASSES = 3
_TRIED_BESIDE = 3
# Of a video with one keyframe only the times of its first frames are looked at.
_FIRST_TRIED = 30
# 300 frames of 1080p: about two seconds.
_MOST_TRIED_PIXELS = 300 * 1920 * 1080


@dataclass
class _Pass:
    """A decoder; while it is busy, it decodes from `start` to `aim`."""

    decoder: VideoDecoder
    start: int
    aim: int
    is_busy: bool

    def reaches(self, number: int) -> bool:
        """Whether reading on is how it gets there, or whether it is on the way there."""
        if self.is_busy and self.start <= number <= self.aim:
            return True
        begun = self.aim + 1 if self.is_busy else self.start
        return self.decoder.start(number) <= begun <= number


class Video:
    """A video file that does not change.

    Args:
        path: Of the file.
        key: Of this state of the file, for `recent`.
        recent: Takes the frames that are decoded.
        proxy: A copy of it, which is read in its place.
    """

    def __init__(
        self, path: Path, key: Hashable, recent: RecentFrames, proxy: VideoProxy | None = None
    ) -> None:
        self.path = path
        self.proxy = proxy
        self._file = path if proxy is None else proxy.path
        self._key, self._recent = key, recent
        self._passes: list[_Pass] = []
        self._changed = threading.Condition()
        self._examining = threading.Lock()

    @cached_property
    def index(self) -> VideoIndex:
        """Of its frames.

        Raises:
            UserProblem: The file is missing, damaged, or holds no pictures.
        """
        return VideoIndex.read(self.path) if self.proxy is None else self.proxy.index

    @cached_property
    def can_jump(self) -> bool:
        """Whether the file gives the right frames after a jump.

        Raises:
            UserProblem: As `index`.
        """
        if self.proxy is not None:
            return True
        return self.index.is_distinct and self._jumps_rightly()

    @property
    def longest_way(self) -> int:
        """How many frames are decoded for the one that is farthest from where decoding can begin.

        Raises:
            UserProblem: As `index`.
        """
        self._examine()
        if not self.can_jump:
            return len(self.index)
        return int(np.diff(np.append(self.index.keyframes, len(self.index))).max())

    @property
    def is_slow(self) -> bool:
        """Whether a copy would be much quicker to look through.

        Raises:
            UserProblem: As `index`.
        """
        return self.longest_way > LONG_WAY or not self.can_jump

    @cached_property
    def count(self) -> int:
        """How many frames there are.

        Raises:
            UserProblem: As `index`.
        """
        self._examine()
        if self.can_jump:
            return len(self.index)
        decoder = VideoDecoder(self._file, self.index, can_jump=False)
        try:
            return sum(1 for _ in decoder.frames())
        finally:
            decoder.close()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, upright.

        Raises:
            UserProblem: As `index`, or its first frame cannot be decoded.
        """
        return frame_size(self.frame(0))

    def frame(self, number: int) -> "VideoFrame":
        """A frame by its number, from 0, in the order in which they are shown.

        Raises:
            UserProblem: As `index`, or there is no such frame, or it cannot be decoded.
        """
        kept = self._recent.get((self._key, number))
        if kept is not None:
            return kept
        self._examine()
        if number < 0 or (self.can_jump and number >= len(self.index)):
            raise UserProblem(
                f"{self.path.name} has no frame {number}: its last one is {len(self.index) - 1}.",
                "The file may be another one than the one that was imported.",
            )
        taken = self._take(number)
        if not isinstance(taken, _Pass):
            return taken
        try:
            return taken.decoder.frame(
                number, lambda at, frame: self._recent.put((self._key, at), frame)
            )
        except UserProblem as problem:
            if self.proxy is None:
                raise
            raise UserProblem(
                f"Frame {number} of {self.path.name} cannot be read from {self.proxy.path.name},"
                " which is its copy.",
                "Delete the copy: the video itself is read then.",
            ) from problem
        finally:
            with self._changed:
                taken.start = taken.decoder.position
                taken.is_busy = False
                # The least recently used come first.
                self._passes.remove(taken)
                self._passes.append(taken)
                self._changed.notify_all()

    def frames(self) -> "Iterator[tuple[int, VideoFrame]]":
        """All frames that can be decoded with their numbers, from the beginning on.

        Raises:
            UserProblem: As `index`.
        """
        self._examine()
        decoder = VideoDecoder(self._file, self.index, can_jump=self.can_jump)
        try:
            for position, frame in enumerate(decoder.frames()):
                number = self.index.number_at(frame_time(frame)) if self.can_jump else position
                if number is not None:
                    yield number, frame
        finally:
            decoder.close()

    def _take(self, number: int) -> "_Pass | VideoFrame":
        """A decoder for this thread alone, or the frame, where another thread decoded it."""
        with self._changed:
            while True:
                kept = self._recent.get((self._key, number))
                if kept is not None:
                    return kept
                chosen = self._choose(number)
                if chosen is not None and not chosen.is_busy:
                    is_near = chosen.reaches(number)
                    begun = chosen.start if is_near else chosen.decoder.start(number)
                    chosen.start, chosen.aim, chosen.is_busy = begun, number, True
                    return chosen
                self._changed.wait()

    def _choose(self, number: int) -> _Pass | None:
        """What is nearest, though it may be busy now; None where all are, elsewhere."""
        near = [each for each in self._passes if each.reaches(number)]
        if near:
            return min(near, key=lambda each: abs(number - each.aim))
        # One that reads on for the canvas is not taken away for a thumbnail.
        if len(self._passes) < _PASSES:
            decoder = VideoDecoder(self._file, self.index, can_jump=self.can_jump)
            self._passes.append(_Pass(decoder, 0, 0, False))
            return self._passes[-1]
        return next((each for each in self._passes if not each.is_busy), None)

    def _examine(self) -> None:
        with self._examining:
            _ = self.can_jump

    def _jumps_rightly(self) -> bool:
        try:
            digests = self._counted_digests()
            if digests is None:
                return False
            decoder = VideoDecoder(self._file, self.index, can_jump=True)
            try:
                # Backwards, so that each of them is jumped to.
                return all(
                    _digest(decoder.frame(number, lambda _at, _frame: None)) == digests[number]
                    for number in sorted(digests, reverse=True)
                )
            finally:
                decoder.close()
        except UserProblem:
            return False

    def _counted_digests(self) -> dict[int, int] | None:
        """Of frames from the second keyframe on; None where frames are not those of the index."""
        later = self.index.keyframes[self.index.keyframes > 0]
        second = int(later[0]) if len(later) else len(self.index)
        last = min(second, _FIRST_TRIED) if second == len(self.index) else second
        last = min(last + _TRIED_BESIDE, len(self.index) - 1)
        digests: dict[int, int] = {}
        pixels = 0
        decoder = VideoDecoder(self._file, self.index, can_jump=False)
        try:
            for number, frame in enumerate(decoder.frames()):
                if self.index.number_at(frame_time(frame)) != number:
                    return None
                if number >= second:
                    digests[number] = _digest(frame)
                pixels += frame.width * frame.height
                if number == last or pixels > _MOST_TRIED_PIXELS:
                    return digests
        finally:
            decoder.close()
        return None


def _digest(frame: "VideoFrame") -> int:
    # Not of its planes: their rows are padded with what happens to be there.
    return zlib.crc32(frame_pixels(frame).data)
