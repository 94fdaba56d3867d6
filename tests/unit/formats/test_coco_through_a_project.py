"""What a COCO file says comes out again after it has been in a project."""

import json

from kpstudio import formats
from kpstudio.core.annotation import known_boxes
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project

PAIR = Skeleton("pair", ("snout", "tail"), category="newt")


def test_a_project_gives_back_what_it_was_given(tmp_path):
    subject = {"image_id": 785, "category_id": 1, "iscrowd": 0, "num_keypoints": 2}
    file = {
        "images": [
            {"id": 785, "file_name": "a.png", "width": 31, "height": 17, "license": 3},
            {"id": 11, "file_name": "b.png", "width": 31, "height": 17, "license": 5},
        ],
        "annotations": [
            subject
            | {"id": 41, "keypoints": [3, 5, 2, 7, 11, 1], "bbox": [1, 2, 11, 13], "area": 97.5}
            | {"track_id": 7, "segmentation": [[1, 2, 3.5, 4]]},
            subject
            | {
                "id": 43,
                "keypoints": [0] * 6,
                "num_keypoints": 0,
                "bbox": [1, 2, 5, 3],
                "area": 15,
            },
            subject
            | {"id": 47, "image_id": 11, "keypoints": [3, 5, 2, 0, 0, 0], "num_keypoints": 1}
            | {"bbox": [2.5, 4.5, 1, 1], "area": 1},
            subject
            | {"id": 900, "iscrowd": 1, "keypoints": [0] * 6, "num_keypoints": 0}
            | {"bbox": [0, 0, 31, 17], "area": 527},
        ],
        "categories": [
            {"id": 1, "name": "newt", "supercategory": "newt", "keypoints": list(PAIR.keypoints)}
            | {"skeleton": []}
        ],
    }
    (tmp_path / "in.json").write_text(json.dumps(file))
    with Project.create(tmp_path / "p.kps", PAIR) as project:
        report = project.import_dataset(formats.read(tmp_path / "in.json", PAIR), source="in.json")
        assert (report.images, report.annotations) == (2, 3)
        again = project.import_dataset(formats.read(tmp_path / "in.json", PAIR), source="in.json")
        assert (again.images, again.annotations) == (0, 0)
        dataset = project.dataset()
        assert len(project.labelled_image_ids()) == 2
        first = dataset.images[0].id
        assert len(known_boxes(project.annotations(first))) == 2
    formats.write(dataset, tmp_path / "out.json")
    out = json.loads((tmp_path / "out.json").read_text())
    for part in ("images", "annotations"):
        assert sorted(out[part], key=lambda each: each["id"]) == sorted(
            file[part], key=lambda each: each["id"]
        )
    assert out["categories"] == file["categories"]


def test_images_that_are_there_already_get_the_fields_of_their_labels(tmp_path):
    image = {"id": 785, "file_name": "a.png", "width": 31, "height": 17, "license": 3}
    subject = {"id": 41, "image_id": 785, "category_id": 1, "keypoints": [3, 5, 2, 7, 11, 1]}
    category = {"id": 1, "name": "newt", "keypoints": list(PAIR.keypoints)}
    file = {"images": [image], "annotations": [subject], "categories": [category]}
    (tmp_path / "in.json").write_text(json.dumps(file))
    with Project.create(tmp_path / "p.kps", PAIR) as project:
        project.import_dataset(
            Dataset(PAIR, (Image(1, tmp_path / "a.png", 31, 17),), ()), source="images"
        )
        project.import_dataset(formats.read(tmp_path / "in.json", PAIR), source="in.json")
        formats.write(project.dataset(), tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text())["images"] == [image]
