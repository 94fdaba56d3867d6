"""How fast a video runs and how long it is, as its header says."""

from dataclasses import dataclass
from pathlib import Path

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.video_index import open_video

_USUAL = 30.0


@dataclass(frozen=True)
class FrameRate:
    """Of a video.

    Args:
        per_second: Frames, on average.
        frames: In all; about, where the header only says how long it lasts.
    """

    per_second: float
    frames: int

    @classmethod
    def guessed(cls, frames: int) -> "FrameRate":
        """Where nothing is known but that there are so many frames."""
        return cls(_USUAL, frames)


def read_frame_rate(path: Path) -> FrameRate | None:
    """Of a video file; None where it cannot be opened, or does not say."""
    try:
        with open_video(path) as container:
            stream = container.streams.video[0]
            rate, frames = stream.average_rate, stream.frames
            if not rate:
                return None
            if not frames and container.duration:
                frames = round(container.duration / 1e6 * rate)
    except UserProblem:
        return None
    return FrameRate(float(rate), frames) if frames else None
