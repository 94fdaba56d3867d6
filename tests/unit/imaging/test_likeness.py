from pathlib import Path

import cv2
import numpy as np
import pytest
from video_files import write_video

from kpstudio.core.dataset import Image
from kpstudio.imaging.likeness import SmallPictures, find_alike
from kpstudio.imaging.near_duplicates import find_near_duplicates
from kpstudio.imaging.read import read_image

ANIMAL = (37, 23)


def scene(seed: int, animal: tuple[int, int] | None = None, floor: int = 0) -> np.ndarray:
    """A structured arena of 331 x 257 pixels with a dark animal of 37 x 23, and noise."""
    draw = np.random.default_rng(seed)
    small = draw.integers(110, 220, (7, 9, 3), dtype=np.uint8)
    pixels = cv2.resize(small, (331, 257), interpolation=cv2.INTER_CUBIC).astype(np.float64)
    if floor:
        pixels[:] = floor
    if animal is not None:
        x, y = animal
        pixels[y : y + ANIMAL[1], x : x + ANIMAL[0]] = 40
    noise = np.random.default_rng((seed, *(animal or ()))).normal(0, 3, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def halved(pixels: np.ndarray) -> np.ndarray:
    size = pixels.shape[1] // 2, pixels.shape[0] // 2
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


COPIES = {
    "itself": lambda pixels: pixels,
    "JPEG": lambda pixels: jpeg(pixels, 60),
    "halved": halved,
    "brighter": lambda pixels: cv2.convertScaleAbs(pixels, beta=10),
    "more contrast": lambda pixels: cv2.convertScaleAbs(pixels, alpha=1.06),
    "all of it": lambda pixels: jpeg(cv2.convertScaleAbs(halved(pixels), alpha=1.04), 60),
}


def are_alike(one: np.ndarray, other: np.ndarray) -> bool:
    pictures = SmallPictures.of([one, other])
    return bool(find_alike(pictures, np.array([0]), np.array([1])))


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("seed", range(5))
def test_a_copy_is_found_however_it_was_stored(seed, copy):
    pixels = scene(seed, (90 + 11 * seed, 70))
    assert are_alike(pixels, COPIES[copy](pixels))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("by", [ANIMAL[0], -ANIMAL[0], 3 * ANIMAL[0]])
@pytest.mark.parametrize("floor", [0, 60, 235])
def test_the_same_scene_with_the_animal_elsewhere_is_another_image(seed, by, floor):
    assert not are_alike(scene(seed, (140, 70), floor), scene(seed, (140 + by, 70), floor))
    assert not are_alike(scene(seed, (140, 70), floor), scene(seed, None, floor))


def test_noise_makes_no_other_image():
    assert are_alike(scene(3, (140, 70)), np.roll(scene(3, (140, 70)), 1, axis=1))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ((0, 0, 0), (0, 0, 0), True),
        ((120, 120, 120), (123, 123, 123), True),
        ((0, 0, 0), (255, 255, 255), False),
        ((200, 0, 0), (0, 102, 0), False),
    ],
)
def test_flat_images_differ_by_their_colour(one, other, alike):
    pixels = [np.full((70, 90, 3), colour, np.uint8) for colour in (one, other)]
    assert are_alike(*pixels) is alike
    assert not are_alike(pixels[0], scene(1))


def test_the_shape_of_an_image_counts():
    pixels = scene(2)
    assert not are_alike(pixels, cv2.resize(pixels, (257, 257)))


def test_many_copies_of_one_image_are_found_without_comparing_all_with_all():
    pictures = SmallPictures.of([scene(1, (90, 70)), scene(2, (90, 70))] * 53)
    found = find_alike(pictures, np.arange(7), np.arange(7, 106))
    assert [each.index for each in found] == list(range(7))
    assert all(each.other % 2 == each.index % 2 for each in found)
    assert find_alike(pictures, np.arange(7), np.array([], int)) == []


def write(path: Path, pixels: np.ndarray, split: str | None) -> Image:
    cv2.imwrite(str(path), pixels)
    return Image(0, path, split=split)


def test_images_of_different_parts_are_compared_and_what_cannot_be_read_is_counted(tmp_path):
    spots = [(40, 30), (140, 70), (240, 130), (30, 190)]
    pixels = [scene(1, spot) for spot in spots]
    images = [
        write(tmp_path / "train.png", pixels[0], "train"),
        write(tmp_path / "again.png", pixels[0], "train"),
        write(tmp_path / "val0.jpg", jpeg(pixels[0], 60), "val"),
        write(tmp_path / "val1.png", pixels[1], "val"),
        write(tmp_path / "test1.jpg", pixels[1], "test"),
        write(tmp_path / "test2.png", pixels[2], "test"),
        write(tmp_path / "none.png", pixels[2], None),
        Image(0, tmp_path / "missing.png", split="val"),
        write(tmp_path / "cut.png", pixels[0], "val"),
    ]
    cut = tmp_path / "cut.png"
    cut.write_bytes(cut.read_bytes()[:5000])
    counted = []
    near = find_near_duplicates(images, report=counted.append)
    assert (near.checked, near.unreadable) == (6, 2)
    assert counted == list(range(1, 9))
    assert {each.image.path.name: each.other.path.name for each in near.found} in (
        {"val0.jpg": "train.png", "test1.jpg": "val1.png"},
        {"val0.jpg": "again.png", "test1.jpg": "val1.png"},
    )
    assert find_near_duplicates([]).found == ()


def test_frames_of_a_video_are_compared_each_by_itself(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=20, size=(336, 240))
    of_val, of_train = (3, 12), (12, 19)
    images = [Image(n, path, split="val", frame=n) for n in of_val]
    # The same number at the other frame would be a likeness of the file and not of the frame.
    copy = write_video(tmp_path / "copy.mp4", frames=20, size=(336, 240))
    images += [Image(100 + n, copy, split="train", frame=n) for n in of_train]
    near = find_near_duplicates(images)
    assert (near.checked, near.unreadable) == (4, 0)
    assert min(near.found, key=lambda each: each.difference).image.frame == 12


def real_near(paths: list[Path], part_of) -> set[tuple[str, str]]:
    images = [Image(number, path, split=part_of(path)) for number, path in enumerate(paths)]
    found = find_near_duplicates(images).found
    return {(each.image.path.name, each.other.path.name) for each in found}


def test_frames_of_a_fixed_camera_with_the_mouse_elsewhere_are_not_the_same(shared):
    paths = sorted((shared / "data/dlc_openfield/labeled-data/m4s1").glob("*.png"))[::2]
    assert len(paths) == 58
    assert real_near(paths, lambda path: "val" if int(path.stem[3:]) % 3 else "train") == set()
    pixels = read_image(paths[0])
    for copy in COPIES.values():
        assert are_alike(pixels, copy(pixels))


def test_photographs_of_different_things_are_not_the_same(shared):
    paths = sorted((shared / "data/coco_mini").glob("*2017/*.jpg"))
    assert real_near(paths, lambda path: path.parent.name.removesuffix("2017")) == set()


def test_faces_are_alike_within_a_person_only(shared):
    paths = sorted((shared / "data/faces68/images").glob("[E-L]*.jpg"))
    assert len(paths) > 300
    near = real_near(paths, lambda path: "val" if path.stem.endswith("2") else "train")
    assert ("Ed_Smart_52.jpg", "Ed_Smart_50.jpg") in near or (
        "Ed_Smart_52.jpg",
        "Ed_Smart_51.jpg",
    ) in near
    assert len(near) >= 3
    assert all(one[:-7] == other[:-7] for one, other in near)
