import json

import pytest
from labelled_data import (
    assert_refused,
    assert_written_whole,
    draw,
    draw_dataset,
    draw_tagged_dataset,
    predictions_of,
    with_track,
)

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

PAIR = Skeleton("pair", ("snout", "tail"), category="newt")


def point(label, x, y, group=None, **other):
    return {
        "label": label,
        "points": [[x, y]],
        "group_id": group,
        "shape_type": "point",
        "flags": {},
    } | other


def rectangle(label, corners, group=None):
    return {
        "label": label,
        "points": corners,
        "group_id": group,
        "shape_type": "rectangle",
        "flags": {},
    }


def save(folder, name, *shapes, **other):
    """As labelme 5 does."""
    file = {"version": "5.4.1", "flags": {}, "shapes": shapes, "imagePath": f"{name}.png"}
    file |= {"imageData": None, "imageHeight": 17, "imageWidth": 31} | other
    (folder / f"{name}.json").write_text(json.dumps(file, indent=2))
    return folder / f"{name}.json"


def test_points_of_a_group_are_one_subject_with_their_box(tmp_path):
    draw(tmp_path / "a.png")
    polygon = {"label": "pond", "points": [[1, 2], [3, 4], [5, 6]], "shape_type": "polygon"}
    save(
        tmp_path,
        "a",
        point("snout", 1.5, 2, 7),
        point("tail", 3, 5, 8, flags={"occluded": True}),
        point("tail", 7, 11, 7),
        rectangle("newt", [[13.5, 15], [0.5, 1]], 8),
        polygon,
        flags={"night": True, "rain": False},
    )
    save(tmp_path, "b", point("tail", 0.5, 0.5), imagePath=r"..\other\b.png")
    (tmp_path / "notes.json").write_text("{}")
    assert formats.detect_format(tmp_path) == "labelme"
    dataset = formats.read(tmp_path, PAIR)
    assert [image.path.name for image in dataset.images] == ["a.png", "b.png"]
    assert dataset.images[0].tags == ("night",)
    first, second, third = dataset.annotations
    assert first.xy.tolist() == [[1, 1.5], [6.5, 10.5]]
    assert (second.visibility.tolist(), second.box) == ([0, 1], Box(0, 0.5, 13, 14))
    assert third.xy[1].tolist() == [0, 0]
    assert formats.read_skeleton_of(tmp_path).keypoints == ("snout", "tail")
    assert formats.read_skeleton_of(tmp_path).category == "newt"


def test_what_is_written_is_read_back(tmp_path):
    dataset = draw_tagged_dataset(tmp_path / "frames")
    assert_written_whole(dataset, tmp_path / "out", format="labelme")
    content = json.loads((tmp_path / "out" / "a.json").read_text())
    assert content["imagePath"] == "../frames/a.png"


def test_what_is_lost_is_said(tmp_path):
    dataset = with_track(draw_dataset(tmp_path / "frames"), "7")
    receipt = formats.write(dataset, tmp_path / "out", format="labelme")
    assert receipt.notes == ("1 tracks are not written.",)
    found = predictions_of(dataset)
    receipt = formats.write(dataset, tmp_path / "p", format="labelme", predictions=found)
    assert (receipt.images, receipt.annotations) == (3, 1)
    assert "scores" in receipt.notes[0]
    with pytest.raises(UserProblem, match=r"a\.png is not from an export"):
        formats.write(dataset, tmp_path / "frames", format="labelme")


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ([point("snout", 1, 2)] * 2, "a.json: there are several points “snout”"),
        ([point("paw", 1, 2)], "a.json: the point “paw” is not in the skeleton"),
        ([point("snout", 1, 2) | {"points": [[1, 2], [3, 4]]}], "“snout” has 2 positions"),
        ([point("snout", 1, "x")], "not a file of labelme: Expected `float`"),
        ([{"label": "a"}], "missing required field `points`"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path, shapes, words):
    path = save(tmp_path, "a", *shapes)
    assert_refused(lambda: formats.read(path, PAIR), words)
