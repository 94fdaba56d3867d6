import pytest

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.matching import keypoint_order

PAIR = Skeleton("pair", ("snout", "tail"))


def test_keypoints_are_found_by_name():
    assert keypoint_order("a.json", ["tail", "snout"], PAIR) == [1, 0]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["snout", "tail", "ear"], "“ear” is not in the skeleton"),
        (["snout"], "there is no “tail”"),
        (["snout", "tail", "tail"], "names one of them twice"),
    ],
)
def test_other_keypoints_are_refused_with_their_names(names, message):
    with pytest.raises(UserProblem, match=message):
        keypoint_order("a.json", names, PAIR)


def test_labels_tell_the_skeleton_of_a_new_project(shared):
    data = shared / "data"
    mouse = formats.read_skeleton_of(data / "dlc_openfield")
    assert mouse.keypoints == ("snout", "leftear", "rightear", "tailbase")
    people = data / "coco_mini/annotations/person_keypoints_val2017.json"
    person = formats.read_skeleton_of(people)
    assert (len(person), person.category, len(person.edges)) == (17, "person", 19)


def test_images_do_not_tell_a_skeleton(shared):
    with pytest.raises(UserProblem, match="does not say what its keypoints"):
        formats.read_skeleton_of(shared / "data/coco_mini/val2017")
