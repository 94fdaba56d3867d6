"""One pass through a video file that can jump.

A jump goes to a keyframe and decodes forward from there; frames are told apart by their times.
Frame 0 is decoded first in any case: what its packet says of the encoder changes how some files
are decoded, and without it every frame after a jump would be garbage.
"""

import os
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.video_index import VideoIndex, opened_video

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer

_THREADS = 4
Keep = Callable[[int, "VideoFrame"], None]


class VideoDecoder:
    """Decodes frames of one file, in one thread at a time.

    Args:
        path: Of the file.
        index: Of its frames.
        can_jump: Whether the file gives the right frames after a jump; otherwise frames are
            counted from its beginning.

    Raises:
        UserProblem: The file cannot be opened.
    """

    def __init__(self, path: Path, index: VideoIndex, *, can_jump: bool) -> None:
        self._path, self._index, self._can_jump = path, index, can_jump
        self._position = 0
        self._container: InputContainer | None = None
        self._frames: Iterator[VideoFrame] = iter(())
        self._begin()

    @property
    def position(self) -> int:
        """The number of the frame that comes next."""
        return self._position

    def close(self) -> None:
        if self._container is not None:
            self._container.close()

    def start(self, number: int) -> int:
        """The frame at which decoding begins when a frame is jumped to."""
        return self._index.start(number) if self._can_jump else 0

    def frame(self, number: int, keep: Keep) -> "VideoFrame":
        """A frame by its number.

        Args:
            number: From 0.
            keep: Called with every frame on the way and its number, the wanted one included.

        Raises:
            UserProblem: There is no such frame, or it cannot be decoded.
        """
        if not self.start(number) <= self._position <= number:
            self._jump(number)
        for frame in self._frames:
            at = self._number(frame)
            if at is None:
                continue
            self._position = at + 1
            keep(at, frame)
            if at == number:
                return frame
            if at > number:
                break
        raise UserProblem(
            f"Frame {number} of {self._path.name} cannot be decoded: the video is damaged there, "
            "or ends before it.",
            "Leave this frame out, or replace the file by a whole copy; its labels are kept.",
        )

    def frames(self) -> "Iterator[VideoFrame]":
        """All frames from the beginning on."""
        self._begin()
        for frame in self._frames:
            self._position += 1
            yield frame

    def _number(self, frame: "VideoFrame") -> int | None:
        if not self._can_jump:
            return self._position
        return self._index.number_at(frame_time(frame))

    def _begin(self) -> None:
        self.close()
        # Where it cannot be opened again, the next frame that is asked for tries once more.
        self._container, self._frames, self._position = None, iter(()), -1
        container = self._container = opened_video(self._path)
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = min(_THREADS, os.cpu_count() or 1)
        self._position = 0
        decoded = _decoded(container)
        first = next(decoded, None)
        self._frames = decoded if first is None else chain((first,), decoded)

    def _jump(self, number: int) -> None:
        """Such that the frames from a keyframe before a frame on come next."""
        from av.error import FFmpegError

        keyframes = self._index.starts(number) if self._can_jump else []
        container = self._container
        # A wanted time may lead to a later keyframe: the times in containers are not exact.
        for keyframe in keyframes[:3]:
            if container is None or keyframe == 0:
                break
            stream = container.streams.video[0]
            try:
                container.seek(int(self._index.times[keyframe]), stream=stream)
            except (FFmpegError, OSError):
                break
            decoded = _decoded(container)
            for frame in decoded:
                at = self._number(frame)
                if at is None or self._index.start(at) != at:
                    continue  # It refers to frames before the keyframe, which were not decoded.
                if at <= number:
                    self._position = at
                    self._frames = chain((frame,), decoded)
                    return
                break
        self._begin()


def _decoded(container: "InputContainer") -> "Iterator[VideoFrame]":
    """The frames from where the container is now."""
    # By name: when the program ends, the module may be gone before what is open.
    from av.error import FFmpegError, InvalidDataError

    stream = container.streams.video[0]
    try:
        for packet in container.demux(stream):
            try:
                yield from stream.decode(packet)
            except InvalidDataError:
                continue  # The frames after a damaged packet may be whole.
    except (FFmpegError, OSError):
        return


def frame_time(frame: "VideoFrame") -> int | None:
    """As `VideoIndex` has it."""
    return frame.dts if frame.pts is None else frame.pts
