"""No format claims the files of another."""

import pytest
from labelled_data import draw_dataset, predictions_of

from kpstudio import formats

WRITTEN = {
    "coco": "labels.json",
    "coco_results": "results.json",
    "label_studio": "tasks.json",
    "labelme": "labelme",
    "cvat": "annotations.xml",
    "yolo": "yolo",
    "pts": "pts",
    "csv": "long.csv",
    "csv_wide": "wide.csv",
}
FOLDERS_OF_IMAGES = {"yolo", "pts"}


def claims(path):
    return {name for name, each in formats.FORMATS.items() if each.recognises(path)}


@pytest.mark.parametrize("format", WRITTEN)
def test_a_file_is_claimed_by_its_own_format_only(tmp_path, format):
    dataset = draw_dataset(tmp_path / "frames")
    out = tmp_path / WRITTEN[format]
    predictions = predictions_of(dataset) if format == "coco_results" else None
    formats.write(dataset, out, format=format, predictions=predictions)
    # A folder of labels with their images is a folder of images too.
    also = {"images"} if format in FOLDERS_OF_IMAGES else set()
    assert claims(out) == {format} | also
    assert formats.detect_format(out) == format


@pytest.mark.parametrize(
    ("place", "format"),
    [
        ("dlc_openfield", "dlc"),
        ("lp_mirror_mouse/CollectedData.csv", "dlc"),
        ("faces68/keypoints.csv", "csv_wide"),
        ("faces68/images", "images"),
        ("mmpose_tests/300vw", "pts"),
        ("mmpose_tests/300vw/001/annot/000006.pts", "pts"),
        ("mmpose_tests/300w/test_300w.json", "coco"),
        ("mmpose_tests/crowdpose/test_crowdpose_det_AP_40.json", "coco_results"),
        ("coco_mini/annotations/person_keypoints_val2017.json", "coco"),
    ],
)
def test_real_data_is_claimed_by_one_format(shared, place, format):
    path = shared / "data" / place
    assert formats.detect_format(path) == format
    assert claims(path) - {"images"} == {format} - {"images"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"\xff\xfe\x00{"),
        ("a.json", b'[[[[{"data": "' + b"x" * 99),
        ("a.csv", b'"open,\n\x00'),
        ("a.csv", b""),
        ("a.xml", b"\x00<annotations"),
        ("a.yaml", b"kpt_shap"),
        ("a.tsv", b"\xff\xff\xff"),
        ("a", b"image,keypoint,x,y"),
    ],
)
def test_a_damaged_file_is_no_error_for_any_format(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert len(claims(tmp_path / name)) <= 1


def test_what_is_not_there_is_claimed_by_none(tmp_path):
    for name in ("gone.json", "gone.csv", "gone.xml", "gone.yaml", "gone.pts", "gone.png", "gone"):
        assert claims(tmp_path / name) == set()
