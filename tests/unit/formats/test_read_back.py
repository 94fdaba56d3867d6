from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.read_back import compare

TRIPLE = Skeleton("triple", ("snout", "neck", "tail"))


@pytest.fixture
def data(tmp_path):
    images = tuple(Image(n, tmp_path / f"{n}.png", 31, 17) for n in (3, 5, 7))
    annotations = (
        Annotation("a", 3, np.array([[1.5, 2], [9, 0], [7, 5]]), np.array([2, 1, 2])),
        Annotation("b", 3, np.array([[1, 2.0], [4, 4], [8, 9]]), np.array([1, 0, 2])),
        Annotation("c", 5, np.array([[1.0, 2], [4, 2], [3, 2]]), np.array([2, 2, 2])),
    )
    return Dataset(TRIPLE, images, annotations)


def test_a_file_that_was_written_well_reads_back_equal(data, tmp_path):
    receipt = formats.write(data, tmp_path / "out.json")
    back = receipt.read_back
    assert (back.images, back.annotations) == (2, 3)
    assert (back.visible, back.occluded, back.not_labelled) == (6, 2, 1)
    assert (back.largest_difference_px, back.differences) == (0, ())
    assert receipt.lines() == [
        "2 images, 3 annotations, 8 keypoints: 6 visible, 2 occluded, 1 not labelled",
        "1 image has no labels, and is left out.",
        "checked: read back equal",
    ]


def test_predictions_read_back_equal(data, tmp_path):
    xy = np.array([[1.5, 2.5], [np.nan, np.nan], [3, 4]])
    predictions = [
        Prediction(7, 1, xy, np.array([0.5, 0, 1]), Box(0, 0, 9, 9), 0.7),
        Prediction(7, 1, xy * np.nan, np.zeros(3), Box(0, 0, 9, 9), 0.1),
    ]
    receipt = formats.write(data, tmp_path / "out.json", predictions=predictions)
    assert str(receipt.read_back) == "read back equal"
    assert (receipt.read_back.images, receipt.read_back.visible) == (1, 2)


def test_the_order_of_subjects_and_links_in_paths_do_not_matter(data, tmp_path):
    turned = replace(data, annotations=data.annotations[::-1])
    assert not compare(data, turned).differences
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    images = tuple(replace(i, path=tmp_path / "link" / i.path.name) for i in data.images)
    assert not compare(data, replace(data, images=images)).differences


def test_labels_of_copies_of_the_images_are_found_by_name_or_by_order(data, tmp_path):
    for name in ("{}", "renamed_{}"):
        images = tuple(
            replace(i, path=tmp_path / "copies" / name.format(i.path.name)) for i in data.images
        )
        assert not compare(data, replace(data, images=images)).differences
    one = replace(data, images=images[:1], annotations=data.annotations[:2])
    assert compare(data, one).differences == (
        "2 images with labels are missing.",
        "1 image too many.",
    )


def test_each_kind_of_loss_is_told(data):
    first, second, third = data.annotations

    def differences(*annotations):
        return compare(data, replace(data, annotations=annotations)).differences

    assert differences(first, second) == ("1 image with labels is missing.",)
    assert differences(first, third) == ("1 annotation is missing.",)
    twice = replace(first, id="d")
    assert differences(first, second, third, twice) == ("1 annotation too many.",)
    other = replace(third, id="e", image_id=7)
    assert differences(first, second, third, other) == ("1 image too many.",)
    seen = replace(first, visibility=np.array([2, 2, 0]))
    assert differences(seen, second, third) == (
        "1 keypoint is visible, but not labelled in the file.",
        "1 keypoint is occluded, but visible in the file.",
    )


def test_rounded_positions_are_told_with_the_largest_difference(data):
    rounded = tuple(replace(each, xy=np.floor(each.xy)) for each in data.annotations)
    back = compare(data, replace(data, annotations=rounded))
    assert back.largest_difference_px == 0.5
    assert str(back) == (
        "read back, and not the same: Keypoints lie up to 0.5 px from where they should."
    )


class Forgetful(Format):
    """Writes, and cannot read it."""

    title: ClassVar[str] = "forgotten files"
    can_write: ClassVar[bool] = True

    def recognises(self, path):
        return False

    def read(self, path, skeleton):
        raise UserProblem("It is all gone.", "Write it again.")

    def write(self, dataset, path, *, predictions=None):
        return WriteReceipt(path, 3, 3, 8, notes=("Boxes were left out.",))


class Unreadable(Forgetful):
    can_read_back: ClassVar[bool] = False


def test_what_cannot_be_read_again_is_said_to_be_unchecked(data, tmp_path, monkeypatch):
    for entry, why in (
        (Forgetful(), "It is all gone."),
        (Unreadable(), "it cannot be read again"),
    ):
        monkeypatch.setitem(formats.FORMATS._entries, "test", entry)
        receipt = formats.write(data, tmp_path / "out", format="test")
        assert receipt.read_back is None
        assert receipt.lines() == [
            "3 images, 3 annotations, 8 keypoints",
            "Boxes were left out.",
            f"not checked: {why}",
        ]
