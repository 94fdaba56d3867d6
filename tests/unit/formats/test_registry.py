import cv2
import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

PAIR = Skeleton("pair", ("snout", "tail"))


def draw(path, width=7, height=5):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((height, width, 3), np.uint8))


def test_a_folder_of_images_is_read_with_its_subfolders_in_natural_order(tmp_path):
    for name in ("b/img10.png", "b/img2.jpg", "a/x.PNG", "c.bmp", "b/.hidden.png"):
        draw(tmp_path / name, width=31, height=17)
    (tmp_path / "notes.txt").touch()
    assert formats.detect_format(tmp_path) == "images"
    dataset = formats.read(tmp_path, PAIR)
    names = [image.path.relative_to(tmp_path).as_posix() for image in dataset.images]
    assert names == ["a/x.PNG", "b/img2.jpg", "b/img10.png", "c.bmp"]
    assert {(image.width, image.height) for image in dataset.images} == {(31, 17)}
    assert [image.id for image in dataset.images] == [1, 2, 3, 4]
    assert dataset.annotations == ()


def test_a_single_image_is_read(tmp_path):
    draw(tmp_path / "a.jpg")
    assert len(formats.read(tmp_path / "a.jpg", PAIR).images) == 1


@pytest.mark.parametrize("format", ["auto", "dlc", "images", "coco"])
def test_what_is_not_there_is_said_to_be_not_there(tmp_path, format):
    with pytest.raises(UserProblem, match="nothing at"):
        formats.read(tmp_path / "gone", PAIR, format=format)


def test_an_empty_folder_says_what_to_choose(tmp_path):
    with pytest.raises(UserProblem, match="neither labels nor images nor videos") as caught:
        formats.read(tmp_path, PAIR)
    assert "DeepLabCut" in caught.value.hint


@pytest.mark.parametrize("format", ["dlc", "images"])
def test_a_folder_without_what_was_asked_for_says_so(tmp_path, format):
    with pytest.raises(UserProblem, match=r"There (is|are) no"):
        formats.read(tmp_path, PAIR, format=format)


@pytest.mark.parametrize("name", ["a.mp5", "a.csv", "a"])
def test_a_file_in_no_known_format_is_refused(tmp_path, name):
    (tmp_path / name).write_text("hello")
    with pytest.raises(UserProblem, match="in no format"):
        formats.read(tmp_path / name, PAIR)


def test_an_unknown_format_suggests_a_known_one(tmp_path):
    with pytest.raises(UserProblem, match="no format called “cocoa”") as caught:
        formats.read(tmp_path, PAIR, format="cocoa")
    assert "coco" in caught.value.hint


def test_a_format_that_is_only_read_refuses_to_write(tmp_path):
    draw(tmp_path / "a.png")
    dataset = formats.read(tmp_path, PAIR)
    with pytest.raises(UserProblem, match="not exported"):
        formats.write(dataset, tmp_path / "out", format="images")
