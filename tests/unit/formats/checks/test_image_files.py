from dataclasses import replace

import cv2
import numpy as np
import pytest
from newts import COUNT, HEIGHT, NEWT, WIDTH, found

from kpstudio.core.dataset import Dataset, Image
from kpstudio.imaging.read import read_image


def test_images_that_are_not_there_are_named(newts):
    newts.images[4].path.unlink()
    finding = found(newts)["missing_images"]
    assert (finding.severity, finding.count) == ("warning", 1)
    assert finding.examples == (str(newts.images[4].path),)
    assert "1 of 13 images is not there; 1 of them have labels" in finding.message


def test_a_missing_image_without_labels_is_only_a_note(newts):
    newts.images[4].path.unlink()
    rest = tuple(each for each in newts.annotations if each.image_id != newts.images[4].id)
    assert found(replace(newts, annotations=rest))["missing_images"].severity == "note"


def test_a_dataset_of_which_every_image_is_missing_is_an_error(newts):
    for image in newts.images:
        image.path.unlink()
    finding = found(newts)["missing_images"]
    assert (finding.severity, finding.count, len(finding.examples)) == ("error", COUNT, 5)


def test_a_file_that_is_no_image_is_named(newts):
    newts.images[2].path.write_bytes(b"hello")
    finding = found(newts)["damaged_images"]
    assert (finding.severity, finding.count, finding.examples) == ("warning", 1, ("newt3.png",))


def test_damage_behind_the_header_is_seen_only_in_the_pixels(newts):
    path = newts.images[2].path
    path.write_bytes(path.read_bytes()[:3000])
    assert "damaged_images" not in found(newts)
    assert found(newts, reads_pixels=True)["damaged_images"].examples == ("newt3.png",)


def test_a_size_that_is_not_that_of_the_file_is_an_error_where_there_are_labels(newts):
    images = (replace(newts.images[0], width=2 * WIDTH, height=2 * HEIGHT), *newts.images[1:])
    finding = found(replace(newts, images=images))["image_sizes"]
    assert (finding.severity, finding.count) == ("error", 1)
    assert finding.examples == ("newt1.png: 142 × 106 in the labels, 71 × 53 shown",)
    without = replace(newts, images=images, annotations=newts.annotations[1:])
    assert found(without)["image_sizes"].severity == "warning"


def with_orientation(path, value):
    """A black JPEG that is to be turned when it is shown."""
    plain = cv2.imencode(".jpg", np.zeros((HEIGHT, WIDTH, 3), np.uint8))[1].tobytes()
    tag = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00" + bytes([value]) + b"\x00\x00"
    exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01" + tag + b"\x00\x00\x00\x00"
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path.write_bytes(plain[:2] + segment + plain[2:])
    return path


def test_an_image_that_fits_only_before_it_is_turned_upright_is_an_error(newts, tmp_path):
    path = with_orientation(tmp_path / "turned.jpg", 6)
    assert read_image(path).shape[:2] == (WIDTH, HEIGHT)
    images = (replace(newts.images[0], path=path), *newts.images[1:])
    findings = found(replace(newts, images=images))
    finding = findings.pop("turned_images")
    assert (finding.severity, finding.count) == ("error", 1)
    assert "EXIF" in finding.message
    assert not findings


def test_an_image_that_stands_on_its_head_in_the_file_is_noted(newts, tmp_path):
    """Its size does not tell on which of the two its labels were made."""
    path = with_orientation(tmp_path / "turned.jpg", 3)
    images = (replace(newts.images[0], path=path), *newts.images[1:])
    finding = found(replace(newts, images=images))["orientation"]
    assert (finding.severity, finding.examples) == ("note", ("turned.jpg",))
    path = with_orientation(tmp_path / "turned.jpg", 1)
    assert not found(replace(newts, images=images))


def test_an_image_that_is_listed_twice_is_named(newts):
    images = (*newts.images, replace(newts.images[3], id=99))
    finding = found(replace(newts, images=images))["image_listed_twice"]
    assert (finding.count, finding.examples) == (1, ("newt4.png",))


def test_the_same_path_or_the_same_bytes_in_two_parts_are_leaks(newts):
    train = [replace(image, split="train") for image in newts.images[:-1]]
    val = replace(newts.images[-1], split="val")
    val.path.write_bytes(train[5].path.read_bytes())
    twice = replace(train[7], id=99, split="test")
    finding = found(replace(newts, images=(*train, val, twice)))["leak"]
    assert finding.severity == "warning"
    assert finding.examples == (
        "newt8.png (train) = newt8.png (test)",
        "newt6.png (train) = newt13.png (val)",
    )


def test_copies_within_one_part_are_no_leak(newts):
    images = tuple(replace(image, split="train") for image in newts.images)
    images[1].path.write_bytes(images[0].path.read_bytes())
    assert not found(replace(newts, images=images))


def test_images_that_are_nearly_the_same_are_found_in_their_pixels(newts, tmp_path):
    scene = np.zeros((97, 131, 3), np.uint8)
    cv2.rectangle(scene, (20, 30), (70, 80), (200, 90, 40), -1)
    images = []
    for number, (quality, split) in enumerate(((95, "train"), (60, "val")), start=1):
        path = tmp_path / f"scene{number}.jpg"
        cv2.imwrite(str(path), scene, [cv2.IMWRITE_JPEG_QUALITY, quality])
        images.append(Image(number, path, 131, 97, split))
    dataset = Dataset(NEWT, tuple(images), ())
    assert not found(dataset)
    finding = found(dataset, reads_pixels=True)["near_duplicates"]
    assert (finding.count, finding.examples) == (
        1,
        ("scene2.jpg (val) is like scene1.jpg (train)",),
    )


def test_a_frame_of_a_video_is_there_if_its_video_is(newts, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"not looked at")
    frames = tuple(Image(n, tmp_path / "a.mp4", WIDTH, HEIGHT, frame=n) for n in (1, 2))
    assert not found(Dataset(NEWT, frames, ()))
    gone = tuple(replace(frame, path=tmp_path / "b.mp4") for frame in frames)
    assert found(Dataset(NEWT, gone, ()))["missing_images"].count == 2


def test_what_the_listener_raises_ends_the_check(newts):
    def stop(done: int, total: int) -> None:
        assert (done <= total, total) == (True, COUNT)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        found(newts, report=stop)
