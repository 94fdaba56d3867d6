from dataclasses import replace

import numpy as np
import pytest
from newts import BODY, COUNT, HEIGHT, WIDTH, change, change_all, found

from kpstudio import formats
from kpstudio.core.geometry import Box
from kpstudio.formats.checks import check_dataset


def spoiled(index, xy):
    body = BODY.copy()
    body[index] = xy
    return body


def test_keypoints_outside_their_image_are_counted_and_the_worst_is_first(newts):
    data = change(newts, 2, xy=spoiled(3, (WIDTH + 3.5, 20)))
    data = change(data, 5, xy=spoiled(4, (30, -9.5)))
    finding = found(data)["outside"]
    assert (finding.severity, finding.count) == ("warning", 2)
    assert "the worst by 9.0 px" in finding.message
    assert finding.examples[0] == "newt6.png: tip at (30, -9.5)"


def test_half_a_pixel_beyond_the_border_is_a_convention_and_not_outside(newts):
    assert "outside" not in found(change(newts, 2, xy=spoiled(3, (WIDTH, HEIGHT))))
    assert "outside" in found(change(newts, 2, xy=spoiled(3, (WIDTH + 0.1, 20))))


def test_a_position_that_is_not_labelled_is_never_outside(newts):
    data = change(newts, 2, xy=spoiled(3, (500, 500)), visibility=np.array([2, 2, 2, 0, 2]))
    assert not found(data)


def test_labelled_keypoints_at_the_origin_are_suspected_to_be_none(newts):
    finding = found(change(newts, 7, xy=spoiled(1, (0, 0))))["at_origin"]
    assert (finding.count, finding.examples) == (1, ("newt8.png: left",))


def test_a_subject_that_is_larger_than_its_image_is_named(newts):
    data = change(newts, 4, box=Box(-5, -5, WIDTH + 10, 50))
    assert found(data)["larger_than_image"].examples == ("newt5.png",)


def test_a_subject_of_which_all_keypoints_lie_in_one_place_is_named(newts):
    data = change(newts, 4, xy=np.full((5, 2), 7.25))
    assert found(data)["in_one_place"].examples == ("newt5.png",)


def test_a_box_that_is_of_something_else_is_named(newts):
    assert not found(change(newts, 4, box=Box(20, 10, 25, 38)))
    finding = found(change(newts, 4, box=Box(50, 40, 10, 7)))["box_without_points"]
    assert (finding.count, finding.examples) == (1, ("newt5.png",))


def test_annotations_and_keypoints_without_labels_are_notes(newts):
    data = change(newts, 1, visibility=np.zeros(5, int))
    for row in range(COUNT):
        visibility = data.annotations[row].visibility.copy()
        visibility[4] = 0
        data = change(data, row, visibility=visibility)
    findings = found(data)
    assert {kind: each.severity for kind, each in findings.items()} == {
        "no_keypoints": "note",
        "never_labelled": "note",
    }
    assert findings["no_keypoints"].examples == ("newt2.png",)
    assert findings["never_labelled"].examples == ("tip",)


def test_labels_that_are_all_occluded_are_suspected_to_mean_labelled(newts):
    data = newts
    for row in range(COUNT):
        data = change(data, row, visibility=np.ones(5, int))
    finding = found(data)["all_occluded"]
    assert (finding.count, finding.is_presence) == (5 * COUNT, True)
    assert "all_occluded" not in found(change(data, 3, visibility=np.array([1, 1, 1, 1, 2])))


def test_one_hidden_subject_is_no_reason_to_suspect_anything(newts):
    alone = replace(newts, annotations=newts.annotations[:1])
    assert "all_occluded" not in found(change(alone, 0, visibility=np.ones(5, int)))


@pytest.mark.parametrize(
    ("name", "is_presence"),
    [
        ("freihand/test_freihand.json", True),
        ("onehand10k/test_onehand10k.json", True),
        ("coco/test_coco.json", False),
        ("crowdpose/test_crowdpose.json", False),
    ],
)
def test_published_sets_that_write_only_1_are_known(shared, name, is_presence):
    path = shared / "data/mmpose_tests" / name
    dataset = formats.read(path, formats.read_skeleton_of(path))
    assert check_dataset(dataset).is_presence == is_presence


def test_shares_of_the_image_are_an_error(newts):
    data = change_all(newts, lambda xy: xy / (WIDTH, HEIGHT))
    finding = found(data)["shares"]
    assert (finding.severity, finding.count) == ("error", 5 * COUNT)
