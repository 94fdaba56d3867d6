"""Pixels of a decoded frame: upright, RGB, 8 bits."""

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from kpstudio.core.shapes import UInt8

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.reformatter import VideoReformatter

_REDUCTION = 8


class _Converters(threading.local):
    """One for each thread: it keeps state of its own."""

    converter: "VideoReformatter | None" = None


_CONVERTERS = _Converters()


def frame_pixels(frame: "VideoFrame", *, reduced: bool = False) -> UInt8[np.ndarray, "H W 3"]:
    """The pixels of a frame, upright by the display matrix of its video.

    Args:
        frame: As decoded.
        reduced: At an eighth of the size.

    Returns:
        (H, W, 3) RGB, contiguous.
    """
    from av.video.reformatter import Interpolation, VideoReformatter

    converter = _CONVERTERS.converter
    if converter is None:
        converter = _CONVERTERS.converter = VideoReformatter()
    width, height = frame.width, frame.height
    if reduced:
        width, height = (max(1, round(side / _REDUCTION)) for side in (width, height))
    way = Interpolation.AREA if reduced else Interpolation.BILINEAR
    converted = converter.reformat(frame, width, height, "rgb24", interpolation=way)
    assert converted is not None
    return np.ascontiguousarray(_upright(converted.to_ndarray(), frame), dtype=np.uint8)


def frame_size(frame: "VideoFrame") -> tuple[int, int]:
    """(width, height) in pixels, upright."""
    matrix = _display_matrix(frame)
    is_turned = matrix is not None and matrix[0] == 0
    return (frame.height, frame.width) if is_turned else (frame.width, frame.height)


def _upright(pixels: np.ndarray, frame: "VideoFrame") -> np.ndarray:
    matrix = _display_matrix(frame)
    if matrix is None:
        return pixels
    across, across_to_down, down_to_across, down = matrix
    if across == 0:
        pixels = pixels.transpose(1, 0, 2)
        across, down = down_to_across, across_to_down
    return pixels[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1]


def _display_matrix(frame: "VideoFrame") -> tuple[int, int, int, int] | None:
    """a, b, c, d of x' = a x + c y and y' = b x + d y; None where it only moves or scales."""
    side_data: Any = frame.side_data.get("DISPLAYMATRIX")
    if side_data is None:
        return None
    matrix = np.frombuffer(side_data, np.int32)
    # Phones write quarters of a turn; of anything between there is no upright pixel grid.
    a, b, c, d = (round(int(matrix[at]) / 65536) for at in (0, 1, 3, 4))
    is_quarter = (a == 0) == (d == 0) != (b == 0) == (c == 0)
    return (a, b, c, d) if is_quarter else None
