"""Whether files and folders can be what a new project begins with."""

from collections.abc import Sequence
from pathlib import Path

from kpstudio import formats
from kpstudio.imaging.open_videos import VIDEOS
from kpstudio.imaging.video_index import VIDEO_SUFFIXES


def check_sources(sources: Sequence[Path]) -> None:
    """Look at files and folders before a project is made of them.

    Raises:
        UserProblem: One is not there, holds nothing that can be read, or is a damaged video.
    """
    for source in sources:
        formats.detect_format(source)
        if source.suffix.lower() in VIDEO_SUFFIXES:
            VIDEOS.video(source).frame(0)
