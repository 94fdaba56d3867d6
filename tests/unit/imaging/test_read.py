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


@pytest.mark.parametrize("reduced", [False, True])
@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_depth_in_millimetres_is_seen_and_nothing_measured_stays_black(tmp_path, suffix, reduced):
    depth = np.linspace(600, 1400, 80 * 60).reshape(60, 80).astype(np.uint16)
    depth[:10] = 0
    depth[50, 70] = 65535
    path = tmp_path / f"depth{suffix}"
    assert cv2.imwrite(str(path), depth)
    pixels = read_image(path, reduced=reduced)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (60, 80, 3)
    assert (pixels[:10] == 0).all()
    grey = pixels[..., 0].astype(int)
    assert grey[11, 0] < 5
    assert grey[59, -1] > 250
    assert (np.diff(grey[30]) >= 0).all()
    assert len(np.unique(grey)) > 200


def test_values_that_are_no_numbers_stay_black(tmp_path):
    heat = np.full((20, 30), 36.5, np.float32)
    heat[:5], heat[5], heat[6:10] = np.nan, np.inf, 41.5
    path = tmp_path / "heat.tiff"
    assert cv2.imwrite(str(path), heat)
    grey = read_image(path)[..., 0]
    assert (grey[:6] == 0).all()
    assert (grey[6:10] == 255).all()
    cv2.imwrite(str(path), np.zeros((4, 4), np.uint16))
    assert (read_image(path) == 0).all()
