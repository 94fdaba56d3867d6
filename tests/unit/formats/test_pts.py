from dataclasses import replace

import numpy as np
import pytest
from labelled_data import TRIPLE, assert_same_labels, draw, draw_dataset, predictions_of

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

PAIR = Skeleton("pair", ("left", "right"))


def pts(folder, body="{\n1.0 2.5\n31.000 17\n}\n", count=2):
    draw(folder / "face.jpg")
    (folder / "face.pts").write_text(f"version: 1\nn_points:  {count}\n{body}")
    return folder


@pytest.mark.parametrize("name", ["", "face.pts"])
def test_positions_count_from_one(tmp_path, name):
    path = pts(tmp_path) / name
    assert formats.detect_format(path) == "pts"
    dataset = formats.read(path, PAIR)
    assert (dataset.images[0].path.name, dataset.images[0].width) == ("face.jpg", 31)
    assert dataset.annotations[0].xy.tolist() == [[0, 1.5], [30, 16]]
    assert dataset.annotations[0].visibility.tolist() == [2, 2]
    with pytest.raises(UserProblem, match="what its keypoints are called"):
        formats.read_skeleton_of(path)


def test_a_public_set_is_read_with_images_in_a_folder_beside(shared):
    folder = shared / "data" / "mmpose_tests" / "300vw"
    skeleton = formats.read_skeleton_of(folder)
    assert skeleton.name == "face68"
    dataset = formats.read(folder, skeleton)
    assert len(dataset.annotations) == len(dataset.images) == 4
    assert all(image.width for image in dataset.images)
    np.testing.assert_allclose(dataset.annotations[0].xy[0], [742.224, 196.764])


def test_whole_subjects_are_written_and_read_back(tmp_path):
    dataset = draw_dataset(tmp_path / "frames")
    second = replace(dataset.annotations[2], id="d", image_id=3, box=None)
    dataset = replace(dataset, annotations=(*dataset.annotations, second))
    receipt = formats.write(dataset, tmp_path / "out", format="pts")
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 3, 9)
    assert receipt.occluded == 0
    assert receipt.notes == (
        "1 subjects were left out, because 300-W points need all 3 keypoints.",
        "1 occluded keypoints are written as visible.",
        "1 boxes are not written.",
    )
    names = {each.name for each in (tmp_path / "out").iterdir() if each.name[0] != "."}
    assert names == {"a.png", "a.pts", "a_2.pts", "b.jpg", "b.pts"}
    whole = replace(dataset, annotations=tuple(dataset.annotations[n] for n in (0, 3, 2)))
    back = formats.read(tmp_path / "out", TRIPLE)
    assert_same_labels(whole, back, tolerance_px=1e-12, occluded=False, boxes=False)


def test_a_second_subject_takes_no_name_of_an_image(tmp_path):
    dataset = draw_dataset(tmp_path / "frames")
    draw(tmp_path / "frames" / "a_2.png")
    images = (*dataset.images[:1], replace(dataset.images[1], path=tmp_path / "frames" / "a_2.png"))
    whole = dataset.annotations[2]
    subjects = tuple(replace(whole, id=str(n), image_id=n) for n in (3, 3, 3, 5))
    subjects = tuple(replace(each, id=str(n)) for n, each in enumerate(subjects))
    formats.write(
        replace(dataset, images=images, annotations=subjects), tmp_path / "out", format="pts"
    )
    names = {each.name for each in (tmp_path / "out").glob("*.pts")}
    assert names == {"a.pts", "a_2.pts", "a_3.pts", "a_4.pts"}
    back = formats.read(tmp_path / "out", TRIPLE)
    on_first = [each for each in back.annotations if each.image_id == back.images[0].id]
    assert (len(back.images), len(on_first)) == (2, 3)


def test_predictions_of_a_part_are_left_out(tmp_path):
    dataset = draw_dataset(tmp_path / "frames")
    found = predictions_of(dataset)
    receipt = formats.write(dataset, tmp_path / "out", format="pts", predictions=found)
    assert (receipt.images, receipt.annotations) == (3, 0)
    assert "1 subjects were left out" in receipt.notes[0]


@pytest.mark.parametrize(
    ("body", "count", "words"),
    [
        ("{\n1 2\n", 1, "no points between braces"),
        ("{\n1 2\n3 x\n}\n", 2, "line 5: “3 x” is not x and y"),
        ("{\n1 2\n}\n", 2, "there are 1 points, but n_points says 2"),
        ("{\n1 2\n3 4\n5 6\n}\n", 3, "there are 3 points, but the skeleton “pair” has 2"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path, body, count, words):
    with pytest.raises(UserProblem) as caught:
        formats.read(pts(tmp_path, body, count), PAIR)
    assert words in caught.value.message
    assert caught.value.hint


def test_a_folder_without_points_says_so(tmp_path):
    with pytest.raises(UserProblem, match=r"no \.pts files"):
        formats.read(tmp_path, PAIR, format="pts")
