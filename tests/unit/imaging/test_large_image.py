"""Large images, made small by moving the border to what is large."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kpstudio.imaging import large_image
from kpstudio.imaging.pixels import read_picture, read_pixels
from kpstudio.imaging.read import read_image
from kpstudio.imaging.size import read_size
from kpstudio.imaging.thumbnail import read_thumbnail

WIDTH, HEIGHT = 211, 149
ORIENTATION_TAG = 0x0112

# A megabyte of code and libraries more or less is not what is measured.
READING = """
import resource, sys
from pathlib import Path
import numpy as np
from kpstudio.imaging.pixels import read_picture

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

before = peak()
picture = read_picture(Path(sys.argv[1]))
ys, xs = np.nonzero(picture.pixels[..., 0] > 127)
x, y = picture.to_image.apply([xs.mean(), ys.mean()])
print(peak() - before, *picture.size, picture.reduction, x, y)
"""


@pytest.fixture(params=[2, 4, 8])
def divisor(request, monkeypatch) -> int:
    """By which images of some thousand pixels are reduced."""
    shown = WIDTH * HEIGHT // request.param**2
    monkeypatch.setattr(large_image, "LARGE", 1000)
    monkeypatch.setattr(large_image, "_MOST_SHOWN", shown + 100)
    return request.param


def drawn(dtype: type = np.uint8) -> np.ndarray:
    """Black with a white square, not where blocks of eight begin or end."""
    # 0 would mean in a deep image that nothing was measured.
    pixels = np.full((HEIGHT, WIDTH, 3), np.iinfo(dtype).max // 256, dtype)
    pixels[41:60, 117:147] = np.iinfo(dtype).max
    return pixels


def centre(pixels: np.ndarray) -> np.ndarray:
    """Of what is bright, weighed by how bright it is."""
    weights = pixels[..., 0].astype(float)
    ys, xs = np.mgrid[: weights.shape[0], : weights.shape[1]]
    return np.array([(weights * xs).sum(), (weights * ys).sum()]) / weights.sum()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_reduced_jpeg_lies_where_the_whole_one_does(tmp_path, divisor, orientation):
    path = tmp_path / "large.jpg"
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    Image.fromarray(drawn()).save(path, quality=95, exif=exif)
    picture, whole = read_picture(path), read_image(path)
    assert picture.is_reduced
    assert picture.reduction == pytest.approx(divisor)
    assert picture.size == (whole.shape[1], whole.shape[0]) == read_size(path)
    assert picture.to_image.apply(centre(picture.pixels)) == pytest.approx(
        centre(whole), abs=0.04 * divisor
    )


@pytest.mark.parametrize("name", ["large.png", "large.tif", "deep.png", "deep.tif"])
def test_other_files_are_averaged_in_their_place(tmp_path, divisor, name):
    path = tmp_path / name
    cv2.imwrite(str(path), drawn(np.uint16 if name.startswith("deep") else np.uint8))
    picture, whole = read_picture(path), read_image(path)
    assert picture.pixels.shape == (HEIGHT // divisor, WIDTH // divisor, 3)
    assert picture.size == (WIDTH, HEIGHT) == read_size(path)
    assert picture.to_image.apply(centre(picture.pixels)) == pytest.approx(
        centre(whole), abs=0.04 * divisor
    )


def test_the_corners_of_a_picture_are_those_of_its_image(tmp_path, divisor):
    path = tmp_path / "large.png"
    cv2.imwrite(str(path), drawn())
    picture = read_picture(path)
    height, width, _ = picture.pixels.shape
    corners = picture.to_image.apply([[-0.5, -0.5], [width - 0.5, height - 0.5]])
    assert corners == pytest.approx(np.array([[-0.5, -0.5], [WIDTH - 0.5, HEIGHT - 0.5]]))


def test_what_is_not_large_is_read_whole(tmp_path, monkeypatch):
    path = tmp_path / "small.png"
    cv2.imwrite(str(path), drawn())
    monkeypatch.setattr(large_image, "LARGE", WIDTH * HEIGHT)
    picture = read_picture(path)
    assert not picture.is_reduced
    assert np.array_equal(picture.pixels, read_pixels(path))


def test_a_large_image_has_a_thumbnail_of_its_aspect(tmp_path, divisor):
    path = tmp_path / "large.tif"
    cv2.imwrite(str(path), drawn())
    assert read_thumbnail(path, (20, 20)).shape == (14, 20, 3)


@pytest.mark.parametrize(("compression", "order"), [("raw", "<"), ("tiff_lzw", "<"), ("raw", ">")])
def test_the_size_of_a_tiff_is_in_its_header(tmp_path, compression, order):
    path = tmp_path / "a.tif"
    kind = {"<": "I;16", ">": "I;16B"}[order]
    Image.new(kind, (WIDTH, HEIGHT)).save(path, compression=compression)
    assert path.read_bytes()[:2] == {"<": b"II", ">": b"MM"}[order]
    assert large_image.written_size(path) == (WIDTH, HEIGHT)


def test_a_broken_header_says_no_size(tmp_path):
    for name, data in {"a.tif": b"II*\0\xff\xff\xff\0", "b.tif": b"MM\0*\0", "c.tif": b""}.items():
        (tmp_path / name).write_bytes(data)
        assert large_image.written_size(tmp_path / name) is None
    assert large_image.written_size(tmp_path / "none.tif") is None


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "most_mb"), [("a.jpg", 250), ("a.png", 750), ("a.tif", 1100), ("lzw.tif", 750)]
)
def test_a_hundred_megapixels_are_opened_in_little_memory(tmp_path, name, most_mb):
    path: Path = tmp_path / name
    pixels = np.zeros((9_000, 12_000, 3), np.uint8)
    pixels[6101:6162, 7303:7404] = 255
    compression = 5 if name == "lzw.tif" else 1
    options = [cv2.IMWRITE_TIFF_COMPRESSION, compression] if path.suffix == ".tif" else []
    cv2.imwrite(str(path), pixels, options)
    del pixels
    answer = subprocess.run(
        [sys.executable, "-c", READING, str(path)], capture_output=True, text=True, check=True
    )
    peak, width, height, reduction, x, y = map(float, answer.stdout.split())
    assert (width, height, reduction) == (12_000, 9_000, 2)
    assert (x, y) == pytest.approx((7353, 6131), abs=1)
    assert peak < most_mb
