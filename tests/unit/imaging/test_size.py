import struct
import zlib

import cv2
import numpy as np
import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.imaging.read import read_image
from kpstudio.imaging.size import read_size

PIXELS = np.random.default_rng(3).integers(0, 255, (13, 29, 3), dtype=np.uint8)


def exif(orientation: int, order: str) -> bytes:
    """A TIFF block with another tag first, as cameras write it."""
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8)
    make = struct.pack(f"{order}HHI4s", 0x010F, 2, 4, b"abc\0")
    turn = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return head + struct.pack(f"{order}H", 2) + make + turn + struct.pack(f"{order}I", 0)


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    whole = cv2.imencode(".jpg", PIXELS)[1].tobytes()
    inserted = b"".join(
        b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body
        for marker, body in segments
    )
    return whole[:2] + inserted + whole[2:]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_agree_with_the_decoder(tmp_path, orientation, order):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg((0xE1, b"Exif\0\0" + exif(orientation, order))))
    height, width, _ = read_image(path).shape
    assert read_size(path) == (width, height)
    assert (width, height) == ((13, 29) if orientation >= 5 else (29, 13))


@pytest.mark.parametrize(
    "block", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\0\0", b"Exif\0\0" + exif(77, "<"), b"http://x"]
)
def test_odd_exif_blocks_agree_with_the_decoder(tmp_path, block):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg((0xE1, block)))
    height, width, _ = read_image(path).shape
    assert read_size(path) == (width, height)


def test_a_preview_inside_a_jpeg_is_not_mistaken_for_it(tmp_path):
    preview = cv2.imencode(".jpg", PIXELS[:7, :5])[1].tobytes()
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg((0xE2, preview), (0xE1, b"Exif\0\0" + exif(6, ">"))))
    assert read_size(path) == (13, 29)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp"])
def test_every_format_agrees_with_the_decoder(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(cv2.imencode(suffix, PIXELS)[1].tobytes())
    assert read_size(path) == (29, 13)


def test_a_turned_png_agrees_with_the_decoder(tmp_path):
    whole = cv2.imencode(".png", PIXELS)[1].tobytes()
    body = b"eXIf" + exif(8, ">")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path = tmp_path / "a.png"
    path.write_bytes(whole[:33] + chunk + whole[33:])
    height, width, _ = read_image(path).shape
    assert read_size(path) == (width, height)


def test_a_header_is_enough(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(cv2.imencode(".png", PIXELS)[1].tobytes()[:60])
    assert read_size(path) == (29, 13)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0", b"x"]
)
def test_what_is_no_image_is_a_problem_of_the_user(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(UserProblem, match=r"a\.jpg"):
        read_size(path)


def test_a_missing_file_says_where_it_was_expected(tmp_path):
    with pytest.raises(UserProblem) as caught:
        read_size(tmp_path / "gone.png")
    assert str(tmp_path) in caught.value.hint


def test_real_files_agree_with_the_decoder(shared):
    some = sorted((shared / "data" / "coco_mini" / "val2017").glob("*.jpg"))[:5]
    some += sorted((shared / "data" / "lp_mirror_mouse").rglob("*.png"))[:3]
    assert some
    for path in some:
        height, width, _ = read_image(path).shape
        assert read_size(path) == (width, height)
