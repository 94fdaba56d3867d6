from dataclasses import replace

import numpy as np
import pytest
from labelled_data import TRIPLE, assert_same_labels, draw, draw_dataset, predictions_of, with_track

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton

PAIR = Skeleton("pair", ("snout", "tail"))


@pytest.mark.parametrize("format", ["csv", "csv_wide"])
def test_what_is_written_is_read_back(tmp_path, format):
    dataset = with_track(draw_dataset(tmp_path / "frames"), "left newt")
    out = tmp_path / "labels.csv"
    receipt = formats.write(dataset, out, format=format)
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 3, 8)
    assert (receipt.occluded, receipt.notes) == (2, ("1 boxes are not written.",))
    assert formats.detect_format(out) == format
    assert formats.read_skeleton_of(out).keypoints == TRIPLE.keypoints
    back = formats.read(out, TRIPLE)
    assert_same_labels(dataset, back, boxes=False)
    assert [each.path for each in back.images] == [each.path for each in dataset.images[:2]]
    assert [each.track for each in back.annotations] == ["left newt", "", ""]
    again = formats.read(out, TRIPLE)
    assert [each.id for each in again.annotations] == [each.id for each in back.annotations]


@pytest.mark.parametrize("format", ["csv", "csv_wide"])
def test_predictions_are_written_with_their_scores(tmp_path, format):
    dataset = draw_dataset(tmp_path)
    formats.write(dataset, tmp_path / "p.csv", format=format, predictions=predictions_of(dataset))
    lines = (tmp_path / "p.csv").read_text().splitlines()
    if format == "csv":
        assert lines == [
            "image,subject,keypoint,x,y,visibility,score",
            "a.png,1,snout,1.5,2.5,2,0.5",
            "a.png,1,right ear,3.0,4.0,2,0.25",
        ]
    else:
        assert lines[1] == "a.png,1,1.5,2.5,2,,,0,3.0,4.0,2,0.75"
    assert len(formats.read(tmp_path / "p.csv", TRIPLE).annotations) == 1


def test_a_subject_with_only_a_box_has_no_line(tmp_path):
    dataset = draw_dataset(tmp_path)
    only_box = replace(Annotation.empty(5, TRIPLE), box=Box(3, 2, 5, 7))
    both = replace(dataset, annotations=(*dataset.annotations, only_box))
    receipt = formats.write(both, tmp_path / "out.csv", format="csv_wide")
    assert receipt.annotations == 3
    assert "1 subjects without a labelled keypoint are not written." in receipt.notes


def test_a_long_table_of_another_program_is_read(tmp_path):
    draw(tmp_path / "images" / "a.png", 31, 17)
    path = tmp_path / "t.tsv"
    path.write_text("Keypoint\tX\tY\tFile\tNote\ntail\t7\t11\ta.png\tx\nsnout\t1.5\t2\tb.png\t\n")
    dataset = formats.read(path, PAIR)
    assert [each.path.name for each in dataset.images] == ["a.png", "b.png"]
    assert (dataset.images[0].width, dataset.images[1].width) == (31, 0)
    assert [each.visibility.tolist() for each in dataset.annotations] == [[0, 2], [2, 0]]


def test_a_wide_table_of_another_program_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("file;tail.x;tail.y;snout.x;snout.y\na.png;7;11;1.5;2\na.png;;;3;5\n")
    first, second = formats.read(path, PAIR).annotations
    assert first.xy.tolist() == [[1.5, 2], [7, 11]]
    assert second.visibility.tolist() == [2, 0]


@pytest.mark.parametrize("header", [",0,1,2,3", "file,x0,y0,x1,y1", "image,y_2,x_2,y_1,x_1"])
def test_numbered_columns_follow_the_skeleton(tmp_path, header):
    path = tmp_path / "t.csv"
    cells = "11,7,2,1" if "_" in header else "1,2,7,11"
    path.write_text(f"{header}\na.png,{cells}\n")
    (subject,) = formats.read(path, PAIR).annotations
    assert subject.xy.tolist() == [[1, 2], [7, 11]]
    with pytest.raises(UserProblem, match="does not say what its keypoints are called"):
        formats.read_skeleton_of(path)
    with pytest.raises(UserProblem, match="2 keypoints without names"):
        formats.read(path, TRIPLE)


def test_the_table_of_faces_is_read_with_the_skeleton_of_68_keypoints(shared):
    path = shared / "data" / "faces68" / "keypoints.csv"
    dataset = formats.read(path, read_skeleton(resource_path("skeletons", "face68.json")))
    lines = path.read_text().splitlines()
    assert len(dataset.images) == len(dataset.annotations) == len(lines) - 1
    assert all(each.width for each in dataset.images)
    values = np.array([float(cell) for cell in lines[1].split(",")[1:]])
    np.testing.assert_array_equal(dataset.annotations[0].xy, values.reshape(68, 2))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image,keypoint,x,y\na.png,snout,1,z\n", "line 2, column 4: “z” is not a number"),
        ("image,keypoint,x,y\na.png,snout,1,\n", "line 2, column 3: x or y is missing"),
        ("image,keypoint,x,y\na.png,paw,1,2\n", "line 2, column 2: “paw” is not in"),
        ("image,keypoint,x,y\na.png,tail,1,2\na.png,tail,3,4\n", "line 3, column 2: “tail” is"),
        ("image,keypoint,x,y,v\na.png,tail,1,2,3\n", "line 2, column 5: the visibility is 3"),
        ("image,keypoint,x,y\na.png,tail,1\n", "line 2: there are 3 columns"),
        ("image,snout_x,snout_y\na.png,1,2\n", "there is no “tail”"),
        ("image,subject,snout_x,snout_y,tail_x,tail_y\na,1,1,1,1,1\na,1,1,1,1,1\n", "second time"),
        ("image,snout_x,snout_y,tail_x,tail_y\n,1,1,1,1\n", "line 2, column 1: no image"),
    ],
)
def test_a_wrong_table_says_what_is_wrong(tmp_path, text, words):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(UserProblem) as caught:
        formats.read(tmp_path / "t.csv", PAIR)
    assert words in caught.value.message
    assert caught.value.hint


def test_a_table_that_is_asked_for_by_name_says_what_it_lacks(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserProblem, match="no column “image”"):
        formats.read(tmp_path / "t.csv", PAIR, format="csv")
    with pytest.raises(UserProblem, match="no columns of keypoints"):
        formats.read(tmp_path / "t.csv", PAIR, format="csv_wide")
    (tmp_path / "t.csv").write_text("")
    with pytest.raises(UserProblem, match="is empty"):
        formats.read(tmp_path / "t.csv", PAIR, format="csv")
