import struct

import cv2
import numpy as np
import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.read import read_image
from kpstudio.imaging.thumbnail import read_thumbnail


def picture(width=31, height=23):
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[:, : width // 3] = (250, 20, 10)
    pixels[: height // 3] = (20, 240, 30)
    return pixels


def save(path, pixels):
    assert cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return path


def with_orientation(jpeg, orientation):
    """The JPEG with an EXIF header that says how it is to be turned."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + b"\x00" * 4
    exif = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


# What must be done to the stored pixels to see them upright, by EXIF orientation.
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_images_are_upright_whatever_their_orientation(tmp_path, orientation):
    path = save(tmp_path / "plain.jpg", picture())
    stored = read_image(path)
    turned = tmp_path / "turned.jpg"
    turned.write_bytes(with_orientation(path.read_bytes(), orientation))
    assert np.array_equal(read_image(turned), UPRIGHT[orientation](stored))


def test_a_png_is_read_exactly_as_rgb(tmp_path):
    pixels = picture()
    assert np.array_equal(read_image(save(tmp_path / "ä ü.png", pixels)), pixels)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_a_truncated_image_is_said_to_be_damaged(tmp_path, suffix, kept):
    noise = np.random.default_rng(0).integers(0, 255, (120, 170, 3), dtype=np.uint8)
    path = save(tmp_path / f"cut{suffix}", noise)
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(UserProblem, match="damaged or cut off"):
        read_image(path)


def test_what_is_no_image_and_what_is_not_there_are_told_apart(tmp_path):
    (tmp_path / "text.png").write_text("hello")
    with pytest.raises(UserProblem, match="not a readable image"):
        read_image(tmp_path / "text.png")
    with pytest.raises(UserProblem, match=r"not there.*relocate"):
        read_image(tmp_path / "gone.png")


@pytest.mark.parametrize(("width", "height"), [(640, 480), (37, 900), (20, 10)])
def test_a_thumbnail_fits_and_keeps_the_aspect(tmp_path, width, height):
    path = save(tmp_path / "i.jpg", picture(width, height))
    thumbnail = read_thumbnail(path, (96, 72))
    assert thumbnail.shape[1] <= 96
    assert thumbnail.shape[0] <= 72
    assert thumbnail.shape[1] == 96 or thumbnail.shape[0] == 72
    assert thumbnail.shape[1] / thumbnail.shape[0] == pytest.approx(width / height, rel=0.15)
