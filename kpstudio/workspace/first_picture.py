"""The picture on which the keypoints of a new project may be named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.errors import UserProblem
from kpstudio.formats import image_files, natural_key
from kpstudio.imaging.frame_pixels import frame_pixels
from kpstudio.imaging.open_videos import VIDEOS
from kpstudio.imaging.read import read_image
from kpstudio.imaging.video_index import VIDEO_SUFFIXES


@dataclass(frozen=True, eq=False)
class FirstPicture:
    """The image that an import puts first.

    Args:
        path: Of its file.
        pixels: (H, W, 3) RGB.
    """

    path: Path
    pixels: NDArray[np.uint8]


def first_picture(sources: Sequence[Path]) -> FirstPicture:
    """The first image of the first of these files and folders that has one.

    Raises:
        UserProblem: There is none, or it cannot be read.
    """
    for source in sources:
        images = sorted(image_files(source), key=natural_key)
        if images:
            return FirstPicture(images[0], read_image(images[0]))
        videos = sorted(_videos(source), key=natural_key)
        if videos:
            return FirstPicture(videos[0], frame_pixels(VIDEOS.video(videos[0]).frame(0)))
    names = ", ".join(source.name for source in sources)
    raise UserProblem(
        f"There is no image in {names}.",
        "Choose a folder of images or a video, or name the keypoints without a picture.",
    )


def _videos(source: Path) -> Iterable[Path]:
    candidates = source.rglob("*") if source.is_dir() else (source,)
    return (each for each in candidates if each.suffix.lower() in VIDEO_SUFFIXES)
