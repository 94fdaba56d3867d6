import json
import random

import pytest
from damage import damage

from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import (
    Skeleton,
    read_skeleton,
    skeleton_from_json,
    skeleton_to_json,
)


@pytest.mark.parametrize(
    "name",
    ["face68.json", "mouse4.json", "mouse_top.json", "person17.json", "wholebody133.json"],
)
def test_the_skeletons_that_come_along_are_valid_and_survive_writing(name):
    skeleton = read_skeleton(resource_path("skeletons", name))
    assert skeleton_from_json(skeleton_to_json(skeleton)) == skeleton


def test_flipping_twice_is_the_identity_and_sides_follow_the_pairs():
    skeleton = Skeleton("s", ("nose", "left", "right", "tail"), flip_pairs=((1, 2),))
    order = skeleton.flip_order()
    assert [order[i] for i in order] == [0, 1, 2, 3]
    assert [skeleton.side(i) for i in range(4)] == ["centre", "left", "right", "centre"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"name": "s", "keypoints": []}, "no keypoints"),
        ({"name": "s", "keypoints": ["a", "a"]}, "a more than once"),
        ({"name": "s", "keypoints": ["a", "b"], "edges": [["a", "c"]]}, "“c”"),
        ({"name": "s", "keypoints": ["a", "b"], "edges": [["a", "a"]]}, "two different"),
        ({"name": "s", "keypoints": ["a", "b"], "sigmas": [0.1]}, "one sigma per keypoint"),
        ({"name": "s", "keypoints": "ab"}, "not a skeleton"),
        ({"name": "s", "keypoints": ["a"], "nodes": []}, "nodes"),
    ],
)
def test_a_wrong_skeleton_says_what_is_wrong_and_in_which_file(tmp_path, content, words):
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(content))
    with pytest.raises(UserProblem) as problem:
        read_skeleton(path)
    assert words in str(problem.value)
    assert "wrong.json" in str(problem.value)


def test_a_missing_file_and_broken_json_are_said(tmp_path):
    with pytest.raises(UserProblem, match="cannot be read"):
        read_skeleton(tmp_path / "none.json")
    (tmp_path / "broken.json").write_bytes(b'{"name": "\xff')
    with pytest.raises(UserProblem, match="not a skeleton"):
        read_skeleton(tmp_path / "broken.json")


def test_damaged_skeleton_files_are_read_or_refused_in_words(tmp_path):
    whole = resource_path("skeletons", "mouse4.json").read_bytes()
    path = tmp_path / "damaged.json"
    outcomes = {True: 0, False: 0}
    for number in range(500):
        path.write_bytes(damage(whole, random.Random(number)))
        try:
            outcomes[len(read_skeleton(path)) > 0] += 1
        except UserProblem:
            outcomes[False] += 1
    assert min(outcomes.values()) > 30


def test_a_skeleton_of_very_many_keypoints_is_checked_at_once():
    names = tuple(map(str, range(100_003)))
    assert len(Skeleton("many", names)) == 100_003
