"""Colours, size and orientation of every kind of image file; written by Pillow."""

import struct
import sys
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.read import IMAGE_SUFFIXES, read_image
from kpstudio.imaging.size import read_size

pillow_heif.register_heif_opener()

WIDTH, HEIGHT = 61, 47
TIGHT, LOOSE = 0, 40
"""How far levels may be off: exact, or as lossy chroma leaves them away from edges."""


def picture():
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:] = (10, 30, 220)
    pixels[:, :20] = (250, 20, 10)
    pixels[:16] = (20, 240, 30)
    return pixels


def grey_levels():
    levels = np.array(Image.fromarray(picture()).convert("L"))
    return np.repeat(levels[..., None], 3, axis=2)


def off(pixels, expected):
    """The largest difference in the middle of each of the three areas."""
    assert pixels.dtype == np.uint8
    assert pixels.shape == expected.shape
    assert pixels.flags.c_contiguous
    spots = [(8, 8), (8, 50), (30, 10), (30, 45), (44, 3)]
    return max(int(np.abs(pixels[y, x].astype(int) - expected[y, x]).max()) for y, x in spots)


COLOUR = {
    "opaque.png": ("RGB", {}, TIGHT),
    "transparent.png": ("RGBA", {}, TIGHT),
    "palette.png": ("P", {}, TIGHT),
    "hole.png": ("P", {"transparency": 0}, TIGHT),
    "plain.bmp": ("RGB", {}, TIGHT),
    "palette.bmp": ("P", {}, TIGHT),
    "plain.ppm": ("RGB", {}, TIGHT),
    "still.gif": ("P", {}, TIGHT),
    "exact.webp": ("RGB", {"lossless": True}, TIGHT),
    "transparent.webp": ("RGBA", {"lossless": True}, TIGHT),
    "usual.webp": ("RGB", {"quality": 90}, LOOSE),
    "usual.jpg": ("RGB", {"quality": 95}, LOOSE),
    "print.jpg": ("CMYK", {"quality": 100}, LOOSE),
    "plain.tif": ("RGB", {}, TIGHT),
    "lzw.tiff": ("RGB", {"compression": "tiff_lzw"}, TIGHT),
    "transparent.tif": ("RGBA", {}, TIGHT),
    "palette.tif": ("P", {}, TIGHT),
    "print.tif": ("CMYK", {}, TIGHT),
    "exact.jp2": ("RGB", {}, TIGHT),
    "usual.avif": ("RGB", {"quality": 95}, LOOSE),
    "usual.heic": ("RGB", {"quality": 95}, LOOSE),
    "usual.heif": ("RGBA", {"quality": 95}, LOOSE),
}


@pytest.mark.parametrize("name", COLOUR)
def test_colours_and_size_are_those_of_the_file(tmp_path, name):
    mode, options, tolerance = COLOUR[name]
    path = tmp_path / name
    Image.fromarray(picture()).convert(mode, palette=Image.Palette.ADAPTIVE).save(path, **options)
    assert path.suffix in IMAGE_SUFFIXES
    assert off(read_image(path), picture()) <= tolerance
    assert read_size(path) == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.png", "L"), ("alpha.png", "LA"), ("a.tif", "L"), ("a.pgm", "L"), ("a.bmp", "L")],
)
def test_grey_images_are_grey(tmp_path, name, mode):
    Image.fromarray(picture()).convert(mode).save(tmp_path / name)
    assert off(read_image(tmp_path / name), grey_levels()) == 0


@pytest.mark.parametrize("name", ["a.png", "a.tif", "fax.tif"])
def test_black_and_white_images_are_black_and_white(tmp_path, name):
    squares = np.kron(np.indices((6, 8)).sum(axis=0) % 2, np.ones((8, 8))) > 0
    options = {"compression": "group4"} if name == "fax.tif" else {}
    Image.fromarray(squares).save(tmp_path / name, **options)
    assert np.array_equal(read_image(tmp_path / name)[..., 1] == 255, squares)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.tif", "a.png"])
def test_of_several_pictures_in_a_file_the_first_is_read(tmp_path, name):
    first, second = picture(), picture()[::-1]
    options = {"lossless": True} if name == "a.webp" else {}
    pages = [
        Image.fromarray(each).quantize(8) if name == "a.gif" else Image.fromarray(each)
        for each in (first, second)
    ]
    pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:], **options)
    assert off(read_image(tmp_path / name), first) <= 3


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bits_of_colour_keep_their_order(tmp_path, name):
    import cv2

    deep = picture().astype(np.uint16)[..., ::-1] * 257
    assert cv2.imwrite(str(tmp_path / name), deep)
    assert off(read_image(tmp_path / name), picture()) <= 12


ORIENTATIONS = {
    1: lambda a: a,
    3: lambda a: a[::-1, ::-1],
    6: lambda a: np.rot90(a, -1),
    8: lambda a: np.rot90(a),
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif", ".avif", ".heic"])
def test_every_kind_is_upright(tmp_path, suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a{suffix}"
    Image.fromarray(picture()).save(path, exif=exif.tobytes(), quality=95)
    expected = np.ascontiguousarray(ORIENTATIONS[orientation](picture()))
    pixels = read_image(path)
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected).mean() < 8
    assert read_size(path) == (expected.shape[1], expected.shape[0])


@pytest.mark.parametrize("suffix", [".avif", ".heic", ".jpg", ".png"])
def test_the_size_of_a_photo_is_told_without_decoding_it(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"a{suffix}"
    Image.fromarray(picture()).save(path)
    monkeypatch.setattr("kpstudio.imaging.size.read_image", None)
    assert read_size(path) == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("name", "package"), [("a.heic", "pillow_heif"), ("a.heic", "PIL"), ("a.avif", "PIL")]
)
def test_a_missing_package_is_named(tmp_path, monkeypatch, name, package):
    Image.fromarray(picture()).save(tmp_path / name)
    monkeypatch.setattr(Image, "ID", [each for each in Image.ID if each != "HEIF"])
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UserProblem, match=r"only be read with [Pp]illow") as caught:
        read_image(tmp_path / name)
    assert "kpstudio[formats]" in caught.value.hint


@pytest.mark.parametrize("name", ["a.heic", "a.avif", "a.gif", "a.webp", "a.tif"])
def test_a_cut_off_file_of_any_kind_is_said_to_be_damaged(tmp_path, name):
    noise = np.random.default_rng(0).integers(0, 255, (120, 170, 3), dtype=np.uint8)
    path = tmp_path / name
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(UserProblem, match=r"damaged or cut off"):
        read_image(path)


def test_more_pixels_than_can_be_decoded_are_refused_in_plain_words(tmp_path):
    path = tmp_path / "huge.png"
    Image.fromarray(picture()).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", 60_000, 59_999)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    with pytest.raises(UserProblem, match="too many pixels"):
        read_image(path)
