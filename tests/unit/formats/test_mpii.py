import json

import numpy as np
import pytest
import scipy.io

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.mpii_person import MPII


def entry(**more):
    joints = [[10.0 + number, 20.5 + number] for number in range(16)]
    return {
        "image": "a.jpg",
        "joints": joints,
        "joints_vis": [1] * 16,
        "center": [1.0, 2.0],
        "scale": 3.5,
    } | more


@pytest.fixture
def persons(tmp_path):
    def write(*entries):
        path = tmp_path / "train.json"
        path.write_text(json.dumps(entries))
        return path

    return write


def test_positions_count_from_one_in_the_file(persons):
    hidden = [0, *[1] * 15]
    joints = [[-1, -1], *entry()["joints"][1:]]
    path = persons(entry(), entry(joints=joints, joints_vis=hidden), entry(image="b.jpg"))
    assert formats.detect_format(path) == "mpii"
    dataset = formats.read(path, MPII)
    assert [each.path.name for each in dataset.images] == ["a.jpg", "b.jpg"]
    assert [each.image_id for each in dataset.annotations] == [1, 1, 2]
    np.testing.assert_array_equal(dataset.annotations[0].xy[2], [11, 21.5])
    second = dataset.annotations[1]
    assert second.visibility.tolist() == [0, *[2] * 15]
    assert np.isnan(second.xy[0]).all()
    assert len({each.id for each in dataset.annotations}) == 3


def test_written_persons_are_what_they_were(persons, tmp_path):
    joints = [[-1.0, -1.0], *entry()["joints"][1:]]
    path = persons(entry(), entry(image="b.jpg", joints=joints, joints_vis=[0, *[1] * 15]))
    turned = Skeleton("turned", MPII.keypoints[::-1])
    receipt = formats.write(formats.read(path, turned), tmp_path / "out.json", format="mpii")
    assert json.loads((tmp_path / "out.json").read_text()) == json.loads(path.read_text())
    assert (receipt.images, receipt.annotations, receipt.keypoints) == (2, 2, 31)


def test_a_person_from_elsewhere_gets_a_centre_and_a_scale(tmp_path):
    xy = np.stack([np.arange(16.0), 4.0 * np.arange(16)], axis=1)
    person = Annotation("a", 1, xy, np.array([1, *[2] * 15]))
    dataset = Dataset(MPII, (Image(1, tmp_path / "a.png"),), (person,))
    receipt = formats.write(dataset, tmp_path / "out.json", format="mpii")
    (written,) = json.loads((tmp_path / "out.json").read_text())
    assert written["center"] == [8.5, 31.0]
    assert written["scale"] == 0.3
    assert receipt.occluded == 1
    assert "1 occluded" in receipt.notes[0]


def test_only_its_own_keypoints_can_be_written(tmp_path):
    with pytest.raises(UserProblem, match="do not fit the skeleton “pair”"):
        formats.write(Dataset(Skeleton("pair", ("a", "b")), (), ()), tmp_path / "a", format="mpii")
    frame = Image(1, tmp_path / "film.mp4", frame=2)
    person = Annotation("a", 1, np.zeros((16, 2)), np.full(16, 2))
    with pytest.raises(UserProblem, match="is a frame of a video"):
        formats.write(Dataset(MPII, (frame,), (person,)), tmp_path / "a", format="mpii")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"joints": [[1, 2]]}, "entry 0: there are 1 joints and 16 visibilities"),
        ({"joints": "x"}, "not a list of MPII's persons"),
        ({"image": 3}, "not a list of MPII's persons"),
    ],
)
def test_a_wrong_list_is_refused(persons, change, message):
    with pytest.raises(UserProblem, match=message) as caught:
        formats.read(persons(entry(**change)), MPII)
    assert caught.value.message.startswith("train.json")


def test_the_sample_of_mmpose(shared, tmp_path):
    path = shared / "data/mmpose_tests/mpii/test_mpii.json"
    dataset = formats.read(path, formats.read_skeleton_of(path))
    assert (len(dataset.images), len(dataset.annotations)) == (5, 5)
    assert all(image.width > 0 for image in dataset.images)
    assert sum(int(each.is_labelled.sum()) for each in dataset.annotations) == 76
    np.testing.assert_array_equal(dataset.annotations[0].xy[0], [803, 710])
    for each in dataset.annotations:
        image = dataset.images[each.image_id - 1]
        inside = (each.xy >= 0) & (each.xy < (image.width, image.height))
        assert inside[each.is_labelled].all()


def test_coco_in_the_same_folder_is_still_coco(shared):
    assert formats.detect_format(shared / "data/mmpose_tests/mpii/test_mpii_trb.json") == "coco"


def point(number, **more):
    return {"id": number, "x": 3.5 + number, "y": 5.0} | more


def release(*annorects):
    images = [
        {"image": {"name": f"{place}.jpg"}, "annorect": rect}
        for place, rect in enumerate(annorects)
    ]
    return {"RELEASE": {"annolist": np.array(images), "img_train": [1] * len(images)}}


def test_matlabs_file_is_read(tmp_path):
    path = tmp_path / "mpii.mat"
    points = np.array([point(0, is_visible=1), point(9), point(4, is_visible=0)])
    person = {"annopoints": {"point": points}, "scale": 2.5, "objpos": {"x": 7, "y": 8}}
    alone = {"annopoints": {"point": point(15, is_visible="1")}, "scale": 1.5}
    scipy.io.savemat(
        path, release(person, np.array([alone, {"annopoints": [], "scale": 1}]), np.zeros((0, 0)))
    )
    assert formats.detect_format(path) == "mpii"
    assert formats.read_skeleton_of(path) == MPII
    dataset = formats.read(path, MPII)
    assert [each.path.name for each in dataset.images] == ["0.jpg", "1.jpg", "2.jpg"]
    first, second = dataset.annotations
    assert first.visibility.nonzero()[0].tolist() == [0, 4, 9]
    assert first.visibility[[0, 4, 9]].tolist() == [2, 1, 2]
    np.testing.assert_array_equal(first.xy[4], [6.5, 4])
    assert json.loads(first.extra) == {"mpii": {"center": [7, 8], "scale": 2.5}}
    assert second.image_id == 2
    assert second.visibility.nonzero()[0].tolist() == [15]


def test_another_or_a_damaged_matlab_file_is_refused(tmp_path):
    path = tmp_path / "mpii.mat"
    scipy.io.savemat(path, {"x": np.zeros(50)})
    with pytest.raises(UserProblem, match="is not one of MPII's"):
        formats.read_skeleton_of(tmp_path / "gone.mat", format="mpii")
    with pytest.raises(UserProblem, match=r"no RELEASE\.annolist"):
        formats.read(path, MPII)
    scipy.io.savemat(path, release({"annopoints": {"point": point(3)}}))
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(UserProblem, match=r"mpii\.mat is damaged or cut off"):
        formats.read(path, MPII)
