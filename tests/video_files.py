"""Small videos whose frames tell their number."""

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np

SIZE = (112, 80)
_BITS = 7
_SIDE = 16


def numbered(number: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """(H, W, 3): the number as black and white squares in the top row, on orange and blue."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:, : size[0] // 2] = (230, 130, 20)
    pixels[:, size[0] // 2 :] = (20, 60, 220)
    for bit in range(_BITS):
        pixels[:_SIDE, bit * _SIDE : (bit + 1) * _SIDE] = 255 if number >> bit & 1 else 0
    return pixels


def number_of(pixels: np.ndarray) -> int:
    """What `numbered` wrote."""
    middle = [pixels[_SIDE // 2, bit * _SIDE + _SIDE // 2].mean() > 128 for bit in range(_BITS)]
    return sum(1 << bit for bit, is_white in enumerate(middle) if is_white)


def write_video(
    path: Path,
    *,
    frames: int = 60,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    times: list[int] | None = None,
    container_options: dict[str, str] | None = None,
) -> Path:
    """A video of numbered frames, at 25 a second or at the given times in hundredths."""
    import av

    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=25 if times is None else 100)
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.options = options or {"g": "12", "bf": "3", "preset": "ultrafast"}
        stream.codec_context.max_b_frames = int(stream.options.get("bf", 0))
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(numbered(number, size), format="rgb24")
            frame.time_base = Fraction(1, 25 if times is None else 100)
            frame.pts = number if times is None else times[number]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def turn(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Write a display matrix into the header of the track of an MP4."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 8 + 4 + 4 + 4 + 8 + 8
    old = struct.unpack_from(">9i", data, at)
    assert old[:2] == (65536, 0)
    struct.pack_into(">9i", data, at, a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def write_sound(path: Path) -> Path:
    """A file with sound and no pictures."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
