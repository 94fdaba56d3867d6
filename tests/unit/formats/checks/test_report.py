import csv

import numpy as np
import pytest
from newts import COUNT, NEWT, change

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import read_skeleton
from kpstudio.formats.checks import check_dataset
from kpstudio.formats.images import images_with_sizes


def supplied(name):
    return read_skeleton(resource_path("skeletons", f"{name}.json"))


def test_a_clean_dataset_is_counted_and_nothing_is_found(newts):
    report = check_dataset(newts)
    assert (report.images, report.labelled_images, report.annotations) == (COUNT, COUNT, COUNT)
    assert (report.visible, report.occluded, report.not_labelled) == (4 * COUNT, COUNT, 0)
    assert report.findings == ()
    assert not report.has_errors
    assert not report.has_warnings
    assert report.offset is None


def test_the_worst_comes_first(newts):
    data = change(newts, 1, visibility=np.zeros(5, int))
    data = change(data, 2, xy=np.zeros((5, 2)))
    newts.images[5].path.unlink()
    severities = [each.severity for each in check_dataset(data).findings]
    assert severities == ["warning", "warning", "warning", "note"]
    for image in newts.images:
        image.path.unlink(missing_ok=True)
    report = check_dataset(data)
    assert report.findings[0].kind == "missing_images"
    assert report.has_errors


def test_an_empty_dataset_is_no_problem():
    report = check_dataset(Dataset(NEWT, (), ()))
    assert (report.images, report.visible, report.findings) == (0, 0, ())


def test_numbers_that_are_far_too_large_are_told_and_break_nothing(newts):
    data = change(newts, 2, xy=np.full((5, 2), 1e200) * [[1, -1]])
    data = change(data, 3, xy=np.array([[1e300, 0], [-1e300, 5], [7, 8], [9, 1e-300], [1, 2]]))
    assert {"outside", "larger_than_image"} <= {e.kind for e in check_dataset(data).findings}


def test_real_labelled_frames_are_clean_but_for_one_confusion_of_the_ears(shared):
    dataset = formats.read(shared / "data" / "dlc_openfield", supplied("mouse4"))
    report = check_dataset(dataset, known=dataset.annotations)
    assert not report.has_warnings
    assert [(each.kind, each.examples) for each in report.findings] == [
        ("odd_sides", ("img0102.png",))
    ]


@pytest.mark.parametrize("part", ["train", "val"])
def test_real_people_are_clean_but_for_those_without_image_or_keypoints(shared, part):
    path = shared / "data" / "coco_mini" / "annotations" / f"person_keypoints_{part}2017.json"
    report = check_dataset(formats.read(path, supplied("person17")), reads_pixels=True)
    assert {each.kind: each.severity for each in report.findings} == {
        "missing_images": "note",
        "no_keypoints": "note",
    }


def test_real_faces_are_clean_but_for_a_chin_below_its_image(shared):
    folder = shared / "data" / "faces68"
    with (folder / "keypoints.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    pictures = next(folder.rglob("*.jpg")).parent
    images = images_with_sizes(pictures / row[0] for row in rows)
    annotations = tuple(
        Annotation(str(image.id), image.id, np.array(row[1:], float).reshape(68, 2), np.full(68, 2))
        for image, row in zip(images, rows, strict=True)
    )
    report = check_dataset(Dataset(supplied("face68"), images, annotations))
    assert not report.has_warnings
    assert [(each.kind, each.count) for each in report.findings] == [("outside", 1)]
