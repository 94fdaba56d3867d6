import json
from dataclasses import replace

import numpy as np
import pytest
from labelled_data import TRIPLE, assert_same_labels, draw, draw_dataset, predictions_of, with_track

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

PAIR = Skeleton("pair", ("snout", "tail"), category="newt")
SIZE = {"original_width": 40, "original_height": 20, "image_rotation": 0, "to_name": "img"}


def point(label, x, y, parent=None, **other):
    region = SIZE | {"id": f"{label}{x}", "from_name": "kp", "type": "keypointlabels"}
    region |= {"value": {"x": x, "y": y, "width": 0.67, "keypointlabels": [label]}}
    return region | ({"parentID": parent} if parent else {}) | other


def rectangle(name, x, y, width, height, **other):
    value = {"x": x, "y": y, "width": width, "height": height, "rotation": 0} | other
    region = SIZE | {"id": name, "from_name": "box", "type": "rectanglelabels"}
    return region | {"value": value | {"rectanglelabels": ["newt"]}}


def export(folder, *results, image="/data/upload/3/0a1b2c3d-a.png", key="annotations"):
    """As Label Studio writes it: the annotations before the data."""
    tasks = [
        {
            "id": 41 + n,
            key: [
                {"id": 7, "was_cancelled": True, "result": [point("tail", 1, 2)]},
                {"id": 8, "completed_by": 1, "result": result, "was_cancelled": False},
            ],
            "file_upload": "0a1b2c3d-a.png",
            "drafts": [],
            "predictions": [],
            "data": {"text": "a pond", "img": image},
            "meta": {},
        }
        for n, result in enumerate(results)
    ]
    path = folder / "project-3.json"
    path.write_text(json.dumps(tasks))
    return path


@pytest.mark.parametrize("key", ["annotations", "completions"])
def test_percent_count_from_the_border_of_the_image(tmp_path, key):
    draw(tmp_path / "images" / "a.png", 40, 20)
    result = [
        rectangle("r1", 25, 50, 50, 25),
        point("snout", 50, 25, "r1"),
        point("tail", 10, 75, meta={"text": ["occluded"]}),
    ]
    path = export(tmp_path, result, key=key)
    assert formats.detect_format(path) == "label_studio"
    dataset = formats.read(path, PAIR)
    (image,) = dataset.images
    assert image.path == tmp_path / "images" / "a.png"
    first, second = dataset.annotations
    np.testing.assert_allclose(first.xy[0], [19.5, 4.5])
    assert first.box == Box(9.5, 9.5, 20, 5)
    np.testing.assert_allclose(second.xy[1], [3.5, 14.5])
    assert second.visibility.tolist() == [0, 1]
    skeleton = formats.read_skeleton_of(path)
    assert (skeleton.keypoints, skeleton.category) == (("snout", "tail"), "newt")


@pytest.mark.parametrize(
    "address",
    [
        "/data/local-files/?d=frames/a%20b.png",
        "s3://bucket/frames/a%20b.png",
        "http://host/frames/a%20b.png",
        "frames/a b.png",
        r"C:\newts\frames\a b.png",
    ],
)
def test_images_are_found_by_what_their_address_says(tmp_path, address):
    draw(tmp_path / "frames" / "a b.png", 40, 20)
    dataset = formats.read(export(tmp_path, [], image=address), PAIR)
    assert dataset.images[0].path == tmp_path / "frames" / "a b.png"
    assert dataset.images[0].width == 40


def test_what_is_written_is_read_back(tmp_path):
    dataset = draw_dataset(tmp_path / "frames ü")
    only_box = replace(Annotation.empty(5, TRIPLE), box=Box(3, 2, 5, 7))
    dataset = replace(dataset, annotations=(*dataset.annotations, only_box))
    receipt = formats.write(dataset, tmp_path / "out.json", format="label_studio")
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 4, 8)
    assert (receipt.occluded, receipt.notes) == (2, ())
    assert formats.detect_format(tmp_path / "out.json") == "label_studio"
    back = formats.read(tmp_path / "out.json", TRIPLE)
    assert_same_labels(dataset, back, tolerance_px=1e-9)
    assert [each.path for each in back.images] == [each.path for each in dataset.images[:2]]


def test_predictions_are_written_as_such_with_their_scores(tmp_path):
    dataset = with_track(draw_dataset(tmp_path), "7")
    found = predictions_of(dataset)
    receipt = formats.write(dataset, tmp_path / "p.json", format="label_studio", predictions=found)
    assert (receipt.annotations, receipt.notes) == (1, ())
    first, *_ = json.loads((tmp_path / "p.json").read_text())
    assert first["predictions"][0]["score"] == 0.75
    assert [each["score"] for each in first["predictions"][0]["result"]] == [0.75, 0.5, 0.25]
    receipt = formats.write(dataset, tmp_path / "out.json", format="label_studio")
    assert receipt.notes == ("1 tracks are not written.",)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ([point("paw", 1, 2)], "project-3.json, task 41: the point “paw” is not in the skeleton"),
        ([point("snout", 1, 2), point("snout", 3, 4)], "several points “snout”"),
        ([rectangle("r1", 1, 2, 3, 4, rotation=30)], "the rectangle r1 is turned"),
        ([point("snout", None, 2)], "has no x or y"),
        ([point("snout", "a", 2)], "is not a JSON export of Label Studio"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path, result, words):
    with pytest.raises(UserProblem) as caught:
        formats.read(export(tmp_path, result), PAIR)
    assert words in caught.value.message
    assert caught.value.hint


def test_a_task_without_an_image_or_its_size_says_so(tmp_path):
    with pytest.raises(UserProblem, match="task 41: its data names no image"):
        formats.read(export(tmp_path, [], image="a.wav"), PAIR)
    unsized = {key: value for key, value in point("tail", 1, 2).items() if "original" not in key}
    with pytest.raises(UserProblem, match=r"the size of .*a\.png is not known"):
        formats.read(export(tmp_path, [unsized]), PAIR)
