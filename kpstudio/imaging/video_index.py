"""Where the frames of a video are in time, read from its packets without decoding any of them.

Frames are numbered from 0 in the order in which they are shown. That is not the order in which they
are stored: frames that are predicted from later ones are stored after these.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.core.shapes import Int64

if TYPE_CHECKING:
    from av.container import InputContainer

VIDEO_SUFFIXES = frozenset(
    {
        ".3gp",
        ".asf",
        ".avi",
        ".flv",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".ogv",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
    }
)


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """The frames of a video by the times in their packets.

    Args:
        times: Of the frames in the order in which they are shown, in units of the stream.
        keyframes: Numbers of the frames at which decoding can begin.
    """

    times: Int64[np.ndarray, " N"]
    keyframes: Int64[np.ndarray, " M"]

    @classmethod
    def read(cls, path: Path) -> "VideoIndex":
        """Of a video file.

        Raises:
            UserProblem: The file is missing, damaged, or holds no pictures.
        """
        import av

        times: list[int] = []
        is_key: list[bool] = []
        first: int | None = None
        with open_video(path) as container:
            try:
                for packet in container.demux(container.streams.video[0]):
                    if not packet.size or packet.is_corrupt:
                        continue
                    time = packet.dts if packet.pts is None else packet.pts
                    # Bare streams have no times, and their frames are counted.
                    time = len(times) if time is None else time
                    if first is None and packet.is_keyframe:
                        first = time
                    # What needs frames before the first keyframe cannot be decoded, and what is
                    # marked to be discarded is decoded and not given.
                    if first is not None and time >= first and not packet.is_discard:
                        times.append(time)
                        is_key.append(packet.is_keyframe)
            except av.error.FFmpegError:
                pass  # The file is cut off here; the frames before it are whole.
        if not times:
            raise UserProblem(
                f"There is not one frame in {path.name}.", f"Replace {path} by a whole copy."
            )
        order = np.argsort(np.array(times, np.int64), kind="stable")
        return cls(np.array(times, np.int64)[order], np.flatnonzero(np.array(is_key)[order]))

    def __len__(self) -> int:
        return len(self.times)

    @cached_property
    def is_distinct(self) -> bool:
        """Whether a time tells its frame."""
        return bool((np.diff(self.times) > 0).all())

    def number_at(self, time: int | None) -> int | None:
        """The number of the frame of exactly this time; None where there is none."""
        if time is None:
            return None
        number = int(np.searchsorted(self.times, time))
        return number if number < len(self.times) and self.times[number] == time else None

    def starts(self, number: int) -> list[int]:
        """Keyframes at or before a frame, the nearest first."""
        last = int(np.searchsorted(self.keyframes, number, side="right"))
        return [int(each) for each in self.keyframes[:last][::-1]]

    def start(self, number: int) -> int:
        """The nearest keyframe at or before a frame; 0 where there is none."""
        last = int(np.searchsorted(self.keyframes, number, side="right"))
        return int(self.keyframes[last - 1]) if last else 0


@contextmanager
def open_video(path: Path) -> "Iterator[InputContainer]":
    """A container with at least one stream of pictures.

    Raises:
        UserProblem: The file is missing, damaged, or holds no pictures.
    """
    container = opened_video(path)
    try:
        yield container
    finally:
        container.close()


def opened_video(path: Path) -> "InputContainer":
    """As `open_video`; to be closed by the caller."""
    import av

    try:
        container = av.open(str(path), metadata_errors="replace")
    except OSError as error:
        # Not by type: a damaged file raises an error of the operating system's kind too.
        if not path.is_file():
            raise UserProblem(
                f"{path.name} cannot be opened: it is not there.",
                f"It is expected at {path}. If its folder has moved, relocate the images.",
            ) from error
        raise _not_a_video(path, error) from error
    except av.error.FFmpegError as error:
        raise _not_a_video(path, error) from error
    if container.streams.video and container.streams.video[0].codec_context is not None:
        return container
    has_pictures = bool(container.streams.video)
    container.close()
    raise UserProblem(
        f"{path.name} is coded in a way that kpstudio cannot decode."
        if has_pictures
        else f"There are no pictures in {path.name}: it holds only sound or data.",
        "Convert it, for example with: ffmpeg -i IN -c:v libx264 -crf 18 OUT.mp4"
        if has_pictures
        else "Choose the video itself.",
    )


def _not_a_video(path: Path, error: Exception) -> UserProblem:
    reason = getattr(error, "strerror", None) or str(error)
    return UserProblem(
        f"{path.name} is not a readable video ({reason}): the file is damaged or cut off.",
        f"Replace {path} by a whole copy; its labels are kept.",
    )
