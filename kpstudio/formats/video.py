"""Videos without labels: every frame is an image."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import Format
from kpstudio.formats.images import image_files, natural_key
from kpstudio.imaging.open_videos import VIDEOS
from kpstudio.imaging.video_index import VIDEO_SUFFIXES

log = logging.getLogger(__name__)


class VideoFormat(Format):
    """A video file, an animated GIF, or a folder with all its subfolders that has only videos."""

    title: ClassVar[str] = "videos"

    def recognises(self, path: Path) -> bool:
        if path.is_dir():
            return any(_video_files(path)) and not any(image_files(path))
        return any(_video_files(path)) or _is_animation(path)

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        paths = sorted(_video_files(path), key=natural_key)
        if not path.is_dir() and not paths and _is_animation(path):
            paths = [path]
        if not paths:
            raise UserProblem(
                f"There is no video in {path}.",
                f"kpstudio reads {', '.join(sorted(VIDEO_SUFFIXES))} and animated .gif.",
            )
        return Dataset(skeleton, tuple(_frames(paths)), ())


def _frames(paths: list[Path]) -> Iterator[Image]:
    image_id = 0
    for path in paths:
        video = VIDEOS.video(path)
        width, height = video.size
        if not video.can_jump:
            log.warning(
                "%s gives wrong frames when it is read from its middle, so that every frame is"
                " counted from the beginning: slow, but right. A copy is faster:"
                " kpstudio proxy %s",
                path.name,
                path,
            )
        for number in range(video.count):
            image_id += 1
            yield Image(image_id, path, width, height, frame=number)


def _video_files(path: Path) -> Iterator[Path]:
    for each in path.rglob("*") if path.is_dir() else (path,):
        is_video = each.suffix.lower() in VIDEO_SUFFIXES and not each.name.startswith(".")
        if is_video and each.is_file():
            yield each


def _is_animation(path: Path) -> bool:
    try:
        return path.suffix.lower() == ".gif" and len(VIDEOS.video(path).index) > 1
    except UserProblem:
        return False
