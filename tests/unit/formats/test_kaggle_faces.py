from dataclasses import replace

import cv2
import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Prediction
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

EYES = Skeleton("eyes", ("left_eye_center", "right_eye_center"), category="face")
COLUMNS = [f"{name}_{axis}" for name in EYES.keypoints for axis in "xy"]


def grey(seed):
    return np.random.default_rng(seed).integers(0, 256, (96, 96))


def image_text(seed):
    return " ".join(map(str, grey(seed).ravel()))


@pytest.fixture
def training(tmp_path):
    path = tmp_path / "training.csv"
    lines = [",".join([*COLUMNS, "Image"])]
    lines += [f"66.5,39.25,30,36.75,{image_text(1)}", f"64,35,,,{image_text(2)}"]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def unlabelled_faces(tmp_path):
    path = tmp_path / "test.csv"
    path.write_text(f"ImageId,Image\n1,{image_text(3)}\n7,{image_text(5)}\n")
    rows = [(1, 1, COLUMNS[0]), (2, 1, COLUMNS[3]), (3, 7, COLUMNS[1])]
    lines = [f"{row},{image},{feature},?" for row, image, feature in rows]
    lookup = "\n".join(["RowId,ImageId,FeatureName,Location", *lines])
    (tmp_path / "IdLookupTable.csv").write_text(lookup)
    return path


def predict(dataset):
    xy = [[[66.5, 39], [30, 99]], [[-3.0, -2], [np.nan, np.nan]], [[1, 2], [3, 4]]]
    scores = [0.75, 0.5, 0.25]
    images = [0, 1, 1]
    return [
        Prediction(
            dataset.images[n].id,
            1,
            np.array(each, dtype=float),
            np.ones(2),
            Box(0, 0, 96, 96),
            score,
        )
        for n, each, score in zip(images, xy, scores, strict=True)
    ]


def test_labels_are_read_and_the_images_inside_become_files_once(training):
    assert formats.detect_format(training) == "kaggle_faces"
    skeleton = formats.read_skeleton_of(training)
    assert (skeleton.keypoints, skeleton.flip_pairs) == (EYES.keypoints, ((0, 1),))
    dataset = formats.read(training, EYES)
    first, second = dataset.images
    assert first.path == training.parent / "training_images" / "00001.png"
    np.testing.assert_array_equal(cv2.imread(str(second.path), cv2.IMREAD_GRAYSCALE), grey(2))
    assert dataset.annotations[0].xy.tolist() == [[66.5, 39.25], [30, 36.75]]
    assert dataset.annotations[1].visibility.tolist() == [2, 0]
    assert "training.csv" in (first.path.parent / "README.txt").read_text()
    written = first.path.stat().st_mtime_ns
    second.path.unlink()
    again = formats.read(training, EYES)
    assert (again.images, first.path.stat().st_mtime_ns) == (dataset.images, written)
    assert second.path.is_file()


def test_images_of_another_file_are_not_mixed(training):
    formats.read(training, EYES)
    training.write_text(training.read_text().replace("66.5", "67.5"))
    with pytest.raises(UserProblem, match=r"has the images of another training\.csv"):
        formats.read(training, EYES)


def test_a_folder_of_somebody_else_is_left_alone(training):
    (training.parent / "training_images").mkdir()
    (training.parent / "training_images" / "mine.txt").touch()
    with pytest.raises(UserProblem, match="is there already and is not from kpstudio"):
        formats.read(training, EYES)


def test_a_submission_answers_each_row_within_the_image(unlabelled_faces, tmp_path):
    dataset = formats.read(unlabelled_faces, EYES)
    assert [image.path.name for image in dataset.images] == ["00001.png", "00007.png"]
    assert not dataset.annotations
    out = tmp_path / "submission.csv"
    found = predict(dataset)
    receipt = formats.write(dataset, out, format="kaggle_faces", predictions=found)
    assert out.read_text() == "RowId,Location\n1,66.5\n2,96.0\n3,0.0\n"
    assert receipt.notes == ("2 locations outside of 0 to 96 were moved to its ends.",)
    without = [found[0], replace(found[1], xy=np.full((2, 2), np.nan))]
    receipt = formats.write(dataset, out, format="kaggle_faces", predictions=without)
    assert out.read_text().endswith("3,48.0\n")
    assert "1 locations were not found" in receipt.notes[1]


def test_a_submission_that_cannot_be_made_says_why(unlabelled_faces, tmp_path):
    dataset = formats.read(unlabelled_faces, EYES)
    found = predict(dataset)
    out = tmp_path / "submission.csv"
    with pytest.raises(UserProblem, match="no prediction for image 7"):
        formats.write(dataset, out, format="kaggle_faces", predictions=found[:1])
    with pytest.raises(UserProblem, match="has predictions, not labels"):
        formats.write(dataset, out, format="kaggle_faces")
    other = replace(dataset, skeleton=Skeleton("s", ("a", "b")))
    with pytest.raises(UserProblem, match="“left_eye_center_x” is no keypoint"):
        formats.write(other, out, format="kaggle_faces", predictions=found)
    (tmp_path / "IdLookupTable.csv").unlink()
    with pytest.raises(UserProblem, match=r"no IdLookupTable\.csv"):
        formats.write(dataset, out, format="kaggle_faces", predictions=found)
    assert not out.exists()


@pytest.mark.parametrize("image", ["1 2 3", "x", " ".join(["256"] * 9216)])
def test_an_image_that_is_none_is_refused_with_its_line(training, image):
    lines = training.read_text().splitlines()
    training.write_text("\n".join([*lines[:2], f"1,2,3,4,{image}"]))
    with pytest.raises(UserProblem, match=r"line 3, column 5: the image is not 96 x 96"):
        formats.read(training, EYES)
