"""Videos that stay open, because opening one takes as long as decoding many frames."""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.recent_frames import RecentFrames
from kpstudio.imaging.video import Video
from kpstudio.imaging.video_proxy import VideoProxy

_MOST_OPEN = 6


class _FileState(NamedTuple):
    """Another content under the same name is another video."""

    path: str
    modified_ns: int
    size: int
    proxy_modified_ns: int
    proxy_size: int


class OpenVideos:
    """The videos that were used last. For any thread.

    Args:
        most: How many stay open; the least recently used are closed first.
        recent: Keeps frames of all of them.
    """

    def __init__(self, *, most: int = _MOST_OPEN, recent: RecentFrames | None = None) -> None:
        self._most = most
        self._recent = RecentFrames() if recent is None else recent
        self._videos: OrderedDict[_FileState, Video] = OrderedDict()
        self._lock = threading.Lock()

    def video(self, path: Path) -> Video:
        """The video of a file as it is now.

        Raises:
            UserProblem: The file is missing.
        """
        try:
            status = path.stat()
        except OSError as error:
            reason = "it is not there" if isinstance(error, FileNotFoundError) else error.strerror
            raise UserProblem(
                f"{path.name} cannot be opened: {reason}.",
                f"It is expected at {path}. If its folder has moved, relocate the images.",
            ) from error
        key = _FileState(str(path), status.st_mtime_ns, status.st_size, *_proxy_state(path))
        with self._lock:
            video = self._videos.get(key)
            if video is None:
                proxy = VideoProxy.of(path) if key.proxy_size else None
                video = self._videos[key] = Video(path, key, self._recent, proxy)
            self._videos.move_to_end(key)
            while len(self._videos) > self._most:
                # A thread that still reads it keeps it open for as long.
                self._videos.popitem(last=False)
            return video


def _proxy_state(path: Path) -> tuple[int, int]:
    """When it was made, and its size; zeros where there is none."""
    try:
        status = VideoProxy.place(path).stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


VIDEOS = OpenVideos()
"""Of this process."""
