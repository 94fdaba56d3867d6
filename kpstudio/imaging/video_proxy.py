"""A copy of a video that is quick to jump in: every frame of it stands for itself.

It lies beside its video as NAME.kpsproxy, which no import takes for a video: Matroska with motion
JPEG. Frames are upright and keep their numbers, because frame k lies k twenty-fifths of a second
from the beginning, so that one that is missing in the video is missing in its place. The video
remains what images refer to; a copy of another content is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.fingerprint import fingerprint
from kpstudio.imaging.video_index import VideoIndex, open_video

if TYPE_CHECKING:
    from av.container import InputContainer

PROXY_SUFFIX = ".kpsproxy"
FRAMES_A_SECOND = 25
_SOURCE, _LAYOUT = "KPSTUDIO_SOURCE", "KPSTUDIO_LAYOUT"
_THIS_LAYOUT = "1"
_MICROSECOND = 1e-6


@dataclass(frozen=True, eq=False)
class VideoProxy:
    """A copy that can be read in place of its video.

    Args:
        path: Of the copy.
        index: Of its frames, without a look at each of them.
    """

    path: Path
    index: VideoIndex

    @staticmethod
    def place(video: Path) -> Path:
        """Where the copy of a video lies, if there is one."""
        return video.with_name(video.name + PROXY_SUFFIX)

    @classmethod
    def of(cls, video: Path) -> "VideoProxy | None":
        """The copy of what a video file holds now; None where there is none."""
        path = cls.place(video)
        if not path.is_file():
            return None
        try:
            with open_video(path) as container:
                is_its_own = _is_of(container.metadata, video)
                return cls(path, _index(container)) if is_its_own else None
        except UserProblem:
            return None


def proxy_tags(video: Path) -> dict[str, str]:
    """What a copy says of the video that it is of."""
    return {_SOURCE: fingerprint(video), _LAYOUT: _THIS_LAYOUT}


def _is_of(tags: Mapping[str, str], video: Path) -> bool:
    return all(tags.get(name) == value for name, value in proxy_tags(video).items())


def _index(container: "InputContainer") -> VideoIndex:
    tick = container.streams.video[0].time_base
    duration = container.duration
    if tick is None or duration is None:
        raise UserProblem("The copy of a video says nothing of its length.", "Make it anew.")
    count = round(duration * _MICROSECOND * FRAMES_A_SECOND)
    numbers = np.arange(count)
    return VideoIndex(np.rint(numbers / (FRAMES_A_SECOND * float(tick))).astype(np.int64), numbers)
