"""Pixels of an image, be it a file or a frame of a video: the one way to them for every reader."""

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from kpstudio.imaging.frame_pixels import frame_pixels
from kpstudio.imaging.open_videos import VIDEOS
from kpstudio.imaging.read import read_image


def read_pixels(
    path: Path, frame: int | None = None, *, reduced: bool = False
) -> UInt8[np.ndarray, "H W 3"]:
    """The pixels of an image, upright.

    Args:
        path: Of the image file, or of the video.
        frame: Number of the frame of a video, from 0; None for an image file.
        reduced: At an eighth of the size where the file allows it (JPEG, video): for thumbnails.

    Returns:
        (H, W, 3) RGB, contiguous, and the caller's own.

    Raises:
        UserProblem: The file is missing or damaged, or there is no such frame.
    """
    if frame is None:
        return read_image(path, reduced=reduced)
    return frame_pixels(VIDEOS.video(path).frame(frame), reduced=reduced)
