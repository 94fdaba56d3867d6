"""Changing the keypoints of a project on the command line, after labels exist."""

import json

import msgspec
import numpy as np
import pytest
from studio import POSE, SKELETON

from kpstudio.__main__ import main
from kpstudio.core.skeleton import skeleton_from_json, skeleton_to_json
from kpstudio.store.project import Project

CHANGED = msgspec.structs.replace(
    SKELETON,
    keypoints=("tail", "right_ear", "snout"),
    edges=((2, 0),),
    flip_pairs=(),
    colours=("#ff8800", "", ""),
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "changed.json"
    path.write_bytes(skeleton_to_json(CHANGED))
    return path


def test_the_skeleton_is_printed_as_a_file_that_can_be_set(project, capsys):
    assert main(["skeleton", str(project)]) == 0
    assert skeleton_from_json(capsys.readouterr().out.encode()) == SKELETON


def test_labels_follow_a_change_which_is_reported_and_can_be_undone(project, file, answer, capsys):
    report = answer("skeleton", project, "--set", file, "--rename", "nose=snout", "--json")
    assert report == {
        "keypoints": ["tail", "right_ear", "snout"],
        "added": {"tail": 0},
        "removed": {"left_ear": 2},
        "renamed": {"nose": "snout"},
    }
    with Project.open(project) as opened:
        assert opened.skeleton == CHANGED
        (now,) = opened.annotations(1)
        np.testing.assert_array_equal(now.xy[1:], POSE[[2, 0]])
        assert opened.undo_label == "Edit skeleton"
        opened.undo()
        assert opened.skeleton == SKELETON
        np.testing.assert_array_equal(opened.annotations(1)[0].xy, POSE)


def test_what_was_removed_returns_with_its_labels(project, file, tmp_path, capsys):
    first = tmp_path / "first.json"
    first.write_bytes(skeleton_to_json(SKELETON))
    assert main(["skeleton", str(project), "--set", str(file), "--rename", "nose=snout"]) == 0
    said = capsys.readouterr()
    assert "Removed left_ear; its 2 labels are kept, and return with it." in said.err
    assert "Renamed nose to snout." in said.err
    assert said.out == "The skeleton “three” has 3 keypoints.\n"
    assert main(["skeleton", str(project), "--set", str(first), "--rename", "snout=nose"]) == 0
    assert "Added left_ear; its 2 labels are back." in capsys.readouterr().err
    with Project.open(project) as opened:
        np.testing.assert_array_equal(opened.annotations(1)[0].xy, POSE)


def test_keypoints_can_be_renamed_without_a_file_and_exchange_their_names(project, answer):
    words = ("--rename", "left_ear=right_ear", "--rename", "right_ear=left_ear")
    report = answer("skeleton", project, *words, "--json")
    assert report["keypoints"] == ["nose", "right_ear", "left_ear"]
    assert report["added"] == report["removed"] == {}
    with Project.open(project) as opened:
        np.testing.assert_array_equal(opened.annotations(1)[0].xy, POSE)


def test_the_same_skeleton_changes_nothing(project, tmp_path, capsys):
    same = tmp_path / "same.json"
    same.write_bytes(skeleton_to_json(SKELETON))
    assert main(["skeleton", str(project), "--set", str(same)]) == 0
    assert "Nothing is different." in capsys.readouterr().err
    with Project.open(project) as opened:
        assert opened.undo_label != "Edit skeleton"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--rename", "nose"], "Write --rename OLD=NEW"),
        (["--rename", "beak=nose"], "no keypoint “beak”"),
        (["--rename", "nose=left_ear"], "left_ear more than once"),
        (["--rename", "nose=a", "--rename", "nose=b"], "“nose” is renamed twice"),
        (["--rename", "nose=a", "--rename", "left_ear=a"], "“a” is renamed twice"),
        (["--set", "FILE", "--rename", "nose=beak"], "the new skeleton has no “beak”"),
        (["--set", "missing.json"], "cannot be read"),
    ],
)
def test_a_change_that_is_wrong_is_explained_and_changes_nothing(
    project, file, words, says, capsys
):
    given = [str(file) if word == "FILE" else word for word in words]
    assert main(["skeleton", str(project), *given]) == 1
    assert says in capsys.readouterr().err
    with Project.open(project) as opened:
        assert opened.skeleton == SKELETON


def test_what_is_printed_is_json(project, capsys):
    assert main(["skeleton", str(project)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["edges"] == [["nose", "left_ear"], ["nose", "right_ear"]]


def test_a_model_predicts_the_keypoints_that_it_knows(tmp_path, answer, capsys):
    words = ("--no-open", "--images", "1", "--labelled", "1")
    assert main(["demo", "--dir", str(tmp_path), *words]) == 0
    path = tmp_path / "demo.kps"
    before = answer("predict", path, "--json")
    with Project.open(path) as opened:
        old, names = opened.predictions.of(1), opened.skeleton.keypoints
    changed = tmp_path / "changed.json"
    changed.write_text('{"name": "m", "keypoints": ["tail", "paw", "left_ear"]}')
    assert main(["skeleton", str(path), "--set", str(changed), "--rename", "tail_base=tail"]) == 0
    capsys.readouterr()
    assert main(["predict", str(path), "--json"]) == 0
    said = capsys.readouterr()
    assert "Run 1 does not know paw: they get no prediction." in said.err
    assert json.loads(said.out) == before
    with Project.open(path) as opened:
        new = opened.predictions.of(1)
    assert len(new) == len(old) > 0
    kept = [names.index("tail_base"), names.index("left_ear")]
    for then, now in zip(old, new, strict=True):
        np.testing.assert_array_equal(now.xy[[0, 2]], then.xy[kept])
        assert np.isnan(now.xy[1]).all()
