from dataclasses import replace

import numpy as np
import pytest
import yaml
from labelled_data import TRIPLE, assert_same_labels, draw, draw_dataset, predictions_of, with_track

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

ANTS = """
path: ../datasets/ants  # somewhere else on the author's computer
train: images/train
val: images/val
kpt_shape: [2, 3]
flip_idx: [1, 0]
names:
  0: ant
"""
PAIR = Skeleton("pair", ("right antenna", "left antenna"))


def ants(folder, line="0 0.5 0.5 0.4 0.2 0.5 0.25 2 0.3 0.75 1\n", settings=ANTS):
    """As an annotation tool exports it."""
    draw(folder / "images" / "train" / "1.jpg", 30, 20)
    (folder / "labels" / "train").mkdir(parents=True)
    (folder / "labels" / "train" / "1.txt").write_text(line)
    draw(folder / "images" / "val" / "2.jpg", 31, 17)
    (folder / "data.yaml").write_text(settings)
    return folder


@pytest.mark.parametrize("name", ["", "data.yaml"])
def test_fractions_count_from_the_corner_of_the_image(tmp_path, name):
    path = ants(tmp_path) / name
    assert formats.detect_format(path) == "yolo"
    dataset = formats.read(path, PAIR)
    assert [(each.path.name, each.split) for each in dataset.images] == [
        ("1.jpg", "train"),
        ("2.jpg", "val"),
    ]
    (ant,) = dataset.annotations
    np.testing.assert_allclose(ant.xy, [[14.5, 4.5], [8.5, 14.5]])
    assert ant.visibility.tolist() == [2, 1]
    assert ant.box == Box(8.5, 7.5, 12, 4)


def test_two_columns_say_only_where_a_keypoint_is(tmp_path):
    line = "0 0.5 0.5 0.4 0.2 0.5 0.25 0 0"
    dataset = formats.read(ants(tmp_path, line, ANTS.replace("[2, 3]", "[2, 2]")), PAIR)
    assert dataset.annotations[0].visibility.tolist() == [2, 0]


def test_names_of_keypoints_make_a_skeleton(tmp_path):
    path = ants(tmp_path)
    with pytest.raises(UserProblem, match="does not say what its keypoints are called"):
        formats.read_skeleton_of(path)
    named = ANTS + "kpt_names: {0: [right antenna, left antenna]}\n"
    (path / "data.yaml").write_text(named)
    skeleton = formats.read_skeleton_of(path)
    assert (skeleton.keypoints, skeleton.flip_pairs) == (PAIR.keypoints, ((1, 0),))
    turned = formats.read(path, Skeleton("s", ("left antenna", "right antenna")))
    np.testing.assert_allclose(turned.annotations[0].xy[0], [8.5, 14.5])


def test_folders_of_other_programs_are_found(tmp_path):
    draw(tmp_path / "train" / "images" / "1.jpg", 30, 20)
    (tmp_path / "train" / "labels").mkdir()
    (tmp_path / "train" / "labels" / "1.txt").write_text("0 .5 .5 .1 .1 .5 .5 2 .5 .5 0")
    settings = (
        "train: ../train/images\nval: lists/val.txt\ntest: ../test/images\nkpt_shape: [2, 3]\n"
    )
    (tmp_path / "data.yaml").write_text(settings)
    draw(tmp_path / "lists" / "images" / "2.jpg", 31, 17)
    (tmp_path / "lists" / "val.txt").write_text("./images/2.jpg\n\n")
    dataset = formats.read(tmp_path, PAIR)
    assert [(each.path.name, each.split) for each in dataset.images] == [
        ("1.jpg", "train"),
        ("2.jpg", "val"),
    ]
    assert len(dataset.annotations) == 1


def test_what_is_written_is_read_back(tmp_path):
    dataset = draw_dataset(tmp_path / "frames")
    receipt = formats.write(dataset, tmp_path / "out", format="yolo")
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 3, 8)
    assert (receipt.occluded, receipt.notes) == (2, ())
    back = formats.read(tmp_path / "out", TRIPLE)
    assert_same_labels(dataset, back, tolerance_px=1e-9)
    assert [image.split for image in back.images] == ["train", "val"]
    skeleton = formats.read_skeleton_of(tmp_path / "out")
    assert (skeleton.keypoints, skeleton.flip_pairs) == (TRIPLE.keypoints, TRIPLE.flip_pairs)


def test_images_without_a_split_train_and_stay_without_one(tmp_path):
    dataset = draw_dataset(tmp_path / "frames")
    whole = replace(dataset, images=tuple(replace(each, split=None) for each in dataset.images))
    receipt = formats.write(whole, tmp_path / "out", format="yolo")
    assert "no validation images" in receipt.notes[0]
    settings = yaml.safe_load((tmp_path / "out" / "data.yaml").read_text())
    assert settings["train"] == settings["val"] == "images/unsplit"
    back = formats.read(tmp_path / "out", TRIPLE)
    assert [image.split for image in back.images] == [None, None]


def test_nothing_lies_outside_of_the_image(tmp_path):
    dataset = draw_dataset(tmp_path / "frames")
    outside = Annotation("x", 3, np.array([[-9.0, 3], [5, 99], [1, 2]]), np.array([2, 1, 2]))
    receipt = formats.write(
        replace(dataset, annotations=(outside,)), tmp_path / "out", format="yolo"
    )
    assert receipt.notes[0] == "2 keypoints outside of their image were moved to its border."
    numbers = (tmp_path / "out" / "labels" / "train" / "a.txt").read_text().split()
    fractions = np.array([float(each) for each in numbers[1:]])
    assert fractions[:4].min() >= 0
    assert fractions[[4, 5, 7, 8, 10, 11]].min() >= 0
    assert fractions[[4, 5, 7, 8, 10, 11]].max() <= 1
    back = formats.read(tmp_path / "out", TRIPLE)
    np.testing.assert_allclose(back.annotations[0].xy[:2], [[-0.5, 3], [5, 16.5]])


def test_predictions_and_what_is_lost(tmp_path):
    dataset = with_track(draw_dataset(tmp_path / "frames"), "7")
    receipt = formats.write(dataset, tmp_path / "out", format="yolo")
    assert receipt.notes == ("1 tracks are not written.",)
    found = predictions_of(dataset)
    receipt = formats.write(dataset, tmp_path / "p", format="yolo", predictions=found)
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (3, 1, 2)
    assert "1 predicted subjects are written without their scores." in receipt.notes
    assert len(formats.read(tmp_path / "p", TRIPLE).annotations) == 1


def test_a_folder_of_somebody_else_is_not_overwritten(tmp_path):
    dataset = draw_dataset(tmp_path / "frames")
    out = tmp_path / "out"
    formats.write(dataset, out, format="yolo")
    formats.write(replace(dataset, annotations=dataset.annotations[:2]), out, format="yolo")
    assert not (out / "labels" / "val").exists()
    (out / "labels" / "train" / "a.txt").write_text("mine")
    with pytest.raises(UserProblem, match=r"a\.txt was changed after its export"):
        formats.write(dataset, out, format="yolo")
    with pytest.raises(UserProblem, match="is not from an export"):
        formats.write(dataset, tmp_path / "frames", format="yolo")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["frames", "out"]


def test_a_failed_write_leaves_the_old_folder(tmp_path):
    dataset = draw_dataset(tmp_path / "frames")
    formats.write(dataset, tmp_path / "out", format="yolo")
    (tmp_path / "frames" / "b.jpg").unlink()
    with pytest.raises(UserProblem, match=r"b\.jpg is not there"):
        formats.write(dataset, tmp_path / "out", format="yolo")
    assert_same_labels(dataset, formats.read(tmp_path / "out", TRIPLE), tolerance_px=1e-9)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["frames", "out"]


@pytest.mark.parametrize(
    ("line", "settings", "words"),
    [
        ("0 0.5 0.5 0.4 0.2 0.5 0.25 2", ANTS, "train/1.txt, line 1: there are 8 numbers, but 11"),
        ("0 0.5 0.5 0.4 x 0.5 0.25 2 1 1 1", ANTS, "not a number"),
        ("0 15 10 12 4 14 4 2 8 14 2", ANTS, "these are pixels"),
        ("", ANTS.replace("[2, 3]", "[2, 4]"), "kpt_shape is [2, 4]"),
        ("", ANTS.replace("[2, 3]", "[3, 3]").replace("[1, 0]", "[]"), "3 keypoints without names"),
        ("", ANTS.replace("[1, 0]", "[1, 1]"), "flip_idx does not name each"),
        ("", ANTS.replace("images/train", "images/gone"), "“images/gone” is not there"),
        ("", ANTS + "kpt_names: [a]", "kpt_names has 1 names"),
        ("", ANTS + "}", "is not YAML"),
    ],
)
def test_a_wrong_data_set_says_what_is_wrong(tmp_path, line, settings, words):
    with pytest.raises(UserProblem) as caught:
        formats.read(ants(tmp_path, line, settings), PAIR)
    assert words in caught.value.message
    assert caught.value.hint
