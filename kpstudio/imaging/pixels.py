"""Pixels of an image, be it a file or a frame of a video: the one way to them for every reader."""

from pathlib import Path

import numpy as np

from kpstudio.core.picture import Picture
from kpstudio.core.shapes import UInt8
from kpstudio.imaging.frame_pixels import frame_pixels
from kpstudio.imaging.large_image import large_size, read_large_image
from kpstudio.imaging.open_videos import VIDEOS
from kpstudio.imaging.read import read_image


def read_pixels(
    path: Path, frame: int | None = None, *, reduced: bool = False
) -> UInt8[np.ndarray, "H W 3"]:
    """The pixels of an image, upright.

    Args:
        path: Of the image file, or of the video.
        frame: Number of the frame of a video, from 0; None for an image file.
        reduced: At an eighth of the size where the file allows it (JPEG, video), or as a large
            image is shown: for thumbnails.

    Returns:
        (H, W, 3) RGB, contiguous, and the caller's own.

    Raises:
        UserProblem: The file is missing or damaged, or there is no such frame.
    """
    if frame is not None:
        return frame_pixels(VIDEOS.video(path).frame(frame), reduced=reduced)
    if reduced and (size := large_size(path)) is not None:
        return read_large_image(path, size).pixels
    return read_image(path, reduced=reduced)


def read_picture(path: Path, frame: int | None = None) -> Picture:
    """The pixels of an image, upright, with their place in it: of a large one not all of them.

    Args:
        path: Of the image file, or of the video.
        frame: Number of the frame of a video, from 0; None for an image file.

    Raises:
        UserProblem: As `read_pixels`.
    """
    if frame is None and (size := large_size(path)) is not None:
        return read_large_image(path, size)
    return Picture.of(read_pixels(path, frame))
