import sys

import cv2
import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

TRIPLE = Skeleton("triple", ("snout", "ear", "tail"))


@pytest.fixture
def labels(tmp_path):
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images/a.png"), np.zeros((5, 7, 3), np.uint8))
    images = (
        Image(1, tmp_path / "images/a.png", 7, 5),
        Image(2, tmp_path / "film.mp4", frame=0),
        Image(3, tmp_path / "film.mp4", frame=9),
        Image(4, tmp_path / "unlabelled.png"),
    )
    xy = np.array([[0.1, 2], [3, 4], [5, 1 / 3]])
    partly = np.array([[np.nan, np.nan], [7, 8], [9, 10]])
    annotations = (
        Annotation("a", 1, xy, np.array([2, 1, 2]), track="m1"),
        Annotation("b", 1, partly, np.array([0, 2, 2])),
        Annotation("c", 3, xy + 1, np.array([2, 2, 2]), track="m1"),
    )
    return Dataset(TRIPLE, images, annotations)


def test_written_labels_are_read_back_equal(labels, tmp_path):
    out = tmp_path / "labels.parquet"
    receipt = formats.write(labels, out, format="parquet")
    assert (receipt.images, receipt.annotations, receipt.keypoints, receipt.occluded) == (
        *(2, 3, 8, 1),
    )
    assert pyarrow.parquet.read_table(out).num_rows == 9
    assert formats.detect_format(out) == "parquet"
    assert formats.read_skeleton_of(out).keypoints == TRIPLE.keypoints
    turned = Skeleton("turned", TRIPLE.keypoints[::-1])
    back = formats.read(out, turned)
    assert [(each.path, each.frame, each.width) for each in back.images] == [
        (tmp_path / "images/a.png", None, 7),
        (tmp_path / "film.mp4", 9, 0),
    ]
    for one, other in zip(back.annotations, labels.annotations, strict=True):
        np.testing.assert_array_equal(one.xy[::-1], other.xy)
        np.testing.assert_array_equal(one.visibility[::-1], other.visibility)
        assert one.track == other.track
    assert [each.id for each in formats.read(out, turned).annotations] == [
        each.id for each in back.annotations
    ]


def test_boxes_are_said_to_be_left_out(labels, tmp_path):
    boxed = Annotation("d", 1, np.ones((3, 2)), np.full(3, 2), box=Box(0, 0, 5, 5))
    dataset = Dataset(TRIPLE, labels.images, (boxed,))
    assert "Boxes" in formats.write(dataset, tmp_path / "x.parquet", format="parquet").notes[0]


def table(path, **columns):
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


ROW = {"image": ["a.png"] * 3, "keypoint": TRIPLE.keypoints, "x": [1, 2, None], "y": [4, 5, None]}


def test_only_four_columns_are_needed(tmp_path):
    table(tmp_path / "x.parquet", **ROW)
    (annotation,) = formats.read(tmp_path / "x.parquet", TRIPLE).annotations
    assert annotation.visibility.tolist() == [2, 2, 0]
    np.testing.assert_array_equal(annotation.xy[1], [2, 5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoint": ["ear", "snout", "ear"]}, "there is no “tail”"),
        ({"keypoint": [*TRIPLE.keypoints[:2], "foot"]}, "“foot” is not in the skeleton"),
        ({"image": ["a.png", "", "a.png"]}, "row 2: it has no image"),
        ({"visibility": [2, 3, 0]}, "row 2: it has the visibility 3"),
        ({"visibility": [2, 2, 1]}, "row 3: it is labelled, but has no position"),
        ({"x": ["left", "2", "3"]}, "cannot be read as a table"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path, change, message):
    table(tmp_path / "x.parquet", **ROW | change)
    with pytest.raises(UserProblem, match=message) as caught:
        formats.read(tmp_path / "x.parquet", TRIPLE)
    assert caught.value.message.startswith("x.parquet")
    assert caught.value.hint


def test_a_keypoint_that_comes_twice_is_refused(tmp_path):
    twice = {name: [*values, values[0]] for name, values in ROW.items()}
    table(tmp_path / "x.parquet", **twice)
    with pytest.raises(UserProblem, match="row 4: it gives a keypoint of this subject again"):
        formats.read(tmp_path / "x.parquet", TRIPLE)


def test_a_missing_column_or_the_end_of_the_file_is_named(tmp_path):
    path = tmp_path / "x.parquet"
    table(path, **{name: values for name, values in ROW.items() if name != "y"})
    with pytest.raises(UserProblem, match="no column “y”"):
        formats.read(path, TRIPLE)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UserProblem, match="cannot be read as a table"):
        formats.read(path, TRIPLE)


def test_without_pyarrow_the_command_that_installs_it_is_said(labels, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserProblem, match="Writing Parquet needs the package pyarrow") as caught:
        formats.write(labels, tmp_path / "x.parquet", format="parquet")
    assert 'pip install "kpstudio[formats]"' in caught.value.hint


def test_predictions_are_refused(labels, tmp_path):
    with pytest.raises(UserProblem, match="not predictions"):
        formats.write(labels, tmp_path / "x.parquet", format="parquet", predictions=())
