"""Label files of many public sets, each checked against what it says itself."""

import json
from collections import Counter

import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton

NAMED = (
    "aic/test_aic",
    "animalpose/test_animalpose",
    "ap10k/test_ap10k",
    "atrw/test_atrw",
    "coco/test_coco",
    "coco/test_coco_wholebody",
    "crowdpose/test_crowdpose",
    "deepfasion2/deepfasion2",
    "exlpose/test_exlpose",
    "fld/test_fld",
    "fly/test_fly",
    "freihand/test_freihand",
    "h36m/h36m_coco",
    "horse10/test_horse10",
    "jhmdb/test_jhmdb_sub1",
    "locust/test_locust",
    "macaque/test_macaque",
    "mhp/test_mhp",
    "mpii/test_mpii_trb",
    "ochuman/test_ochuman",
    "onehand10k/test_onehand10k",
    "panoptic/test_panoptic",
    "posetrack18/annotations/test_posetrack18_val",
    "posetrack18/annotations/val/003418_mpii_test",
    "posetrack18/annotations/val/009473_mpii_test",
    "posetrack18/annotations/val/012834_mpii_test",
    "rhd/test_rhd",
    "zebra/test_zebra",
)
UNNAMED = {
    "300vw/anno_300vw": 68,
    "300w/test_300w": 68,
    "300wlp/test_300wlp": 68,
    "aflw/test_aflw": 19,
    "cofw/test_cofw": 29,
    "halpe/test_halpe": 136,
    "lapa/test_lapa": 106,
    "wflw/test_wflw": 98,
}
REFUSED = {
    "ak/test_animalkingdom": "is of category 4, which the file does not list",
    "coco/test_keypoint_partition_metric": "are not 17 times",
    "humanart/test_humanart": "are not 21 times",
    "ubody3d/ubody3d_train": "does not say what its keypoints are called",
    "interhand2.6m/test_interhand2.6m_data": "missing required field `categories`",
    "interhand2.6m/test_interhand2.6m_camera": "missing required field `images`",
    "campus/calibration_campus": "missing required field `images`",
    "panoptic_body3d/160906_band1/calibration_160906_band1": "missing required field `images`",
}


def counts(dataset):
    """Of the images, the subjects with a keypoint, and each visibility."""
    labelled = [each for each in dataset.annotations if each.is_labelled.any()]
    seen = Counter(np.concatenate([each.visibility for each in labelled]).tolist())
    return len(dataset.images), len(labelled), {v: n for v, n in seen.items() if v}


def counts_in(path):
    file = json.loads(path.read_text())
    flat = [np.ravel(each["keypoints"]).reshape(-1, 3) for each in file["annotations"]]
    seen = Counter(np.concatenate(flat)[:, 2].tolist())
    return (
        len(file["images"]),
        sum(bool(each[:, 2].any()) for each in flat),
        {v: n for v, n in seen.items() if v},
    )


@pytest.mark.parametrize("name", NAMED)
def test_a_set_with_names_is_read_with_its_own_skeleton(shared, name):
    path = shared / "data" / "mmpose_tests" / f"{name}.json"
    skeleton = formats.read_skeleton_of(path)
    if "wholebody" in name:
        skeleton = read_skeleton(resource_path("skeletons", "person17.json"))
    assert counts(formats.read(path, skeleton)) == counts_in(path)


@pytest.mark.parametrize("name", UNNAMED)
def test_a_set_without_names_is_read_with_a_skeleton_of_as_many_keypoints(shared, name):
    path = shared / "data" / "mmpose_tests" / f"{name}.json"
    skeleton = Skeleton("s", tuple(f"k{n}" for n in range(UNNAMED[name])))
    assert counts(formats.read(path, skeleton)) == counts_in(path)
    with pytest.raises(UserProblem, match="what its keypoints are called"):
        formats.read_skeleton_of(path)
    with pytest.raises(UserProblem, match="are not 7 times"):
        formats.read(path, Skeleton("s", tuple("abcdefg")))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_set_of_keypoints_is_refused_with_its_reason(shared, name):
    path = shared / "data" / "mmpose_tests" / f"{name}.json"
    with pytest.raises(UserProblem) as caught:
        formats.read(path, formats.read_skeleton_of(path))
    assert REFUSED[name] in str(caught.value)


def test_the_whole_body_is_put_together_from_its_parts(shared, tmp_path):
    path = shared / "data" / "mmpose_tests" / "coco" / "test_coco_wholebody.json"
    whole = read_skeleton(resource_path("skeletons", "wholebody133.json"))
    assert formats.read_skeleton_of(path) == whole
    dataset = formats.read(path, whole)
    truth = json.loads(path.read_text())["annotations"]
    fields = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")
    for annotation, written in zip(dataset.annotations, truth, strict=True):
        joined = np.concatenate([written[field] for field in fields]).reshape(-1, 3)
        np.testing.assert_array_equal(annotation.is_labelled, joined[:, 2] > 0)
        np.testing.assert_array_equal(
            annotation.xy[annotation.is_labelled], joined[joined[:, 2] > 0, :2]
        )
    assert "face_box" in dataset.annotations[0].extra
    assert "face_kpts" not in dataset.annotations[0].extra
    formats.write(dataset, tmp_path / "out.json")
    back = formats.read(tmp_path / "out.json", whole)
    assert counts(back) == counts(dataset)


def test_animals_of_many_categories_keep_them(shared, tmp_path):
    path = shared / "data" / "mmpose_tests" / "ap10k" / "test_ap10k.json"
    dataset = formats.read(path, formats.read_skeleton_of(path))
    formats.write(dataset, tmp_path / "out.json")

    def subjects(file):
        file = json.loads(file.read_text())
        names = {each["id"]: each["name"] for each in file["categories"]}
        return {(each["id"], names[each["category_id"]]) for each in file["annotations"]}

    assert subjects(tmp_path / "out.json") == subjects(path)
