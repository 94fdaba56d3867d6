"""What COCO files say besides keypoints, and what comes of it in an export."""

import json

import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

PAIR = Skeleton("pair", ("snout", "tail"), category="newt")
IMAGE = {"id": 785, "file_name": "a.png", "width": 31, "height": 17}
CATEGORY = {"id": 5, "name": "newt", "supercategory": "animal", "keypoints": ["snout", "tail"]}
SUBJECT = {
    "id": 183126,
    "image_id": 785,
    "category_id": 5,
    "keypoints": [3, 5, 2, 7, 11, 1],
    "num_keypoints": 2,
    "bbox": [1, 2, 11, 13],
    "area": 97.5,
    "iscrowd": 0,
}


def write_coco(folder, *subjects, images=(IMAGE,), categories=(CATEGORY,)):
    path = folder / "labels.json"
    file = {"images": images, "annotations": subjects, "categories": categories}
    path.write_text(json.dumps(file, indent=1))
    return path


def export(dataset, folder):
    receipt = formats.write(dataset, folder / "out.json")
    return json.loads((folder / "out.json").read_text()), receipt


def test_fields_that_kpstudio_does_not_know_are_written_again(tmp_path):
    image = IMAGE | {"license": 3, "coco_url": "http://host/“a”.jpg", "tags": [1, {"b": None}]}
    subject = SUBJECT | {
        "segmentation": [[1.5, 2.25, 3, 4]],
        "attributes": {"occluded": False, "breed": "crested"},
    }
    dataset = formats.read(write_coco(tmp_path, subject, images=[image]), PAIR)
    file, receipt = export(dataset, tmp_path)
    assert file["images"] == [image]
    assert file["annotations"] == [subject | {"category_id": 1}]
    assert (receipt.keypoints, receipt.occluded, receipt.notes) == (2, 1, ())


def test_a_field_that_was_edited_here_wins_over_the_one_that_was_imported(tmp_path):
    subject = SUBJECT | {"num_keypoints": 99}
    (annotation,) = formats.read(write_coco(tmp_path, subject), PAIR).annotations
    moved = annotation.with_keypoint(0, (4, 6), 1)
    file, receipt = export(
        Dataset(PAIR, (Image(785, tmp_path / "a.png", 31, 17),), (moved,)), tmp_path
    )
    assert file["annotations"][0]["keypoints"] == [4, 6, 1, 7, 11, 1]
    assert file["annotations"][0]["num_keypoints"] == 2
    assert receipt.occluded == 2


def test_a_subject_with_only_a_box_is_kept_and_is_no_label_for_training(tmp_path):
    subject = SUBJECT | {"keypoints": [0] * 6, "num_keypoints": 0}
    dataset = formats.read(write_coco(tmp_path, subject), PAIR)
    assert dataset.annotations[0].box == Box(1, 2, 11, 13)
    assert not dataset.labelled().images
    file, receipt = export(dataset, tmp_path)
    assert file["annotations"][0]["bbox"] == [1, 2, 11, 13]
    assert (receipt.annotations, receipt.keypoints) == (1, 0)


def test_a_subject_without_keypoints_in_a_file_of_keypoints_is_a_box(tmp_path):
    subject = {key: value for key, value in SUBJECT.items() if "keypoints" not in key}
    assert formats.read(write_coco(tmp_path, subject), PAIR).annotations[0].box is not None
    nothing = subject | {"bbox": [0, 0, 0, 0]}
    assert not formats.read(write_coco(tmp_path, nothing), PAIR).annotations


def test_a_file_of_boxes_without_any_keypoints_is_refused(tmp_path):
    subject = {key: value for key, value in SUBJECT.items() if "keypoints" not in key}
    boxes = {key: value for key, value in CATEGORY.items() if key != "keypoints"}
    path = write_coco(tmp_path, subject, categories=[boxes])
    with pytest.raises(UserProblem, match="it has no category with keypoints"):
        formats.read(path, PAIR)


def test_crowds_are_no_subjects_and_are_written_again_with_their_image(tmp_path):
    crowd = SUBJECT | {
        "id": 900100,
        "iscrowd": 1,
        "segmentation": {"counts": [3], "size": [17, 31]},
    }
    dataset = formats.read(write_coco(tmp_path, crowd, SUBJECT), PAIR)
    assert len(dataset.annotations) == 1
    file, receipt = export(dataset, tmp_path)
    assert file["annotations"][1] == crowd | {"category_id": 1}
    assert "crowds" not in file["images"][0]
    assert receipt.annotations == 1


def test_tracks_are_read_and_written(tmp_path):
    subjects = [
        SUBJECT | {"id": 1, "track_id": 7},
        SUBJECT | {"id": 2, "track_id": "left newt"},
        SUBJECT | {"id": 3, "track_id": "07"},
        SUBJECT | {"id": 4},
    ]
    dataset = formats.read(write_coco(tmp_path, *subjects), PAIR)
    assert [each.track for each in dataset.annotations] == ["7", "left newt", "07", ""]
    file, _ = export(dataset, tmp_path)
    assert [each.get("track_id") for each in file["annotations"]] == [7, "left newt", "07", None]


def test_all_categories_with_the_keypoints_are_read_and_written(tmp_path):
    toad = CATEGORY | {"id": 8, "name": "toad", "keypoints": ["tail", "snout"]}
    other = CATEGORY | {"id": 9, "name": "tree", "keypoints": ["root"]}
    subjects = [
        SUBJECT | {"id": 1},
        SUBJECT | {"id": 2, "category_id": 8},
        SUBJECT | {"id": 3, "category_id": 9, "keypoints": [1, 2, 2]},
    ]
    path = write_coco(tmp_path, *subjects, categories=[other, CATEGORY, toad])
    dataset = formats.read(path, PAIR)
    assert [each.xy[0].tolist() for each in dataset.annotations] == [[3, 5], [7, 11]]
    file, _ = export(dataset, tmp_path)
    names = {each["id"]: each["name"] for each in file["categories"]}
    assert [names[each["category_id"]] for each in file["annotations"]] == ["newt", "toad"]
    assert file["annotations"][1]["keypoints"][:2] == [7, 11]
    with pytest.raises(UserProblem, match="no category has the keypoints") as caught:
        formats.read(path, Skeleton("s", ("a", "b", "c")))
    assert "tree (1), newt (2), toad (2)" in caught.value.hint


def test_ids_of_the_source_are_kept_unless_two_sources_use_the_same(tmp_path):
    first = formats.read(write_coco(tmp_path, SUBJECT), PAIR)
    (image,), (subject,) = first.images, first.annotations
    images = (
        Image(1, image.path, 31, 17, extra=image.extra),
        Image(2, tmp_path / "b.png", 31, 17, extra=image.extra),
        Image(785, tmp_path / "c.png", 31, 17),
    )
    again = [
        Annotation(str(n), n, subject.xy, subject.visibility, extra=subject.extra)
        for n in (1, 2, 785)
    ]
    file, _ = export(Dataset(PAIR, images, tuple(again)), tmp_path)
    assert [each["id"] for each in file["images"]] == [785, 2, 1]
    assert [each["image_id"] for each in file["annotations"]] == [785, 2, 1]
    assert [each["id"] for each in file["annotations"]] == [183126, 1, 2]


@pytest.mark.parametrize(
    "written",
    [r"C:\data\newts\frames\a.png", r"\\server\share\frames\a.png", "D:/x/a.png", r"frames\a.png"],
)
def test_paths_of_windows_are_found_by_their_end(tmp_path, written):
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "a.png").touch()
    if written.startswith("D:"):
        (tmp_path / "a.png").touch()
    path = write_coco(tmp_path, SUBJECT, images=[IMAGE | {"file_name": written}])
    assert formats.read(path, PAIR).images[0].path.is_file()


def test_a_frame_of_a_video_stays_one(tmp_path):
    image = Image(3, tmp_path / "newts.mp4", 31, 17, frame=41)
    subject = Annotation("a", 3, np.array([[1.0, 2], [3, 5]]), np.array([2, 1]))
    formats.write(Dataset(PAIR, (image,), (subject,)), tmp_path / "out.json")
    (back,) = formats.read(tmp_path / "out.json", PAIR).images
    assert (back.path, back.frame) == (image.path, 41)
