"""The run that comes with the demo, after the keypoints of the project have changed."""

import json

import pytest

from kpstudio.cli.arguments import run_command
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.demo.project import create_demo
from kpstudio.store.project import Project


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    path = create_demo(tmp_path_factory.mktemp("demo"), images=3, labelled=3, seed=5)
    with Project.open(path) as project:
        project.splits.divide(0.5)
    return path


@pytest.fixture
def path(drawn, tmp_path):
    copy = tmp_path / drawn.name
    copy.write_bytes(drawn.read_bytes())
    (tmp_path / "demo.runs").symlink_to(drawn.parent / "demo.runs")
    with Project.open(copy) as project:
        project.files.relocate(tmp_path / "images", drawn.parent / "images")
    return copy


def change(project, keypoints, renamed=None):
    after = Skeleton("changed", tuple(keypoints))
    what = SkeletonChange(project.skeleton, after, renamed or {})
    project.apply(Edit.change_skeleton("Edit", what))


def evaluation(capsys, path, *words):
    capsys.readouterr()
    assert run_command(["evaluate", str(path), "--split", "all", "--json", *words]) == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    (figures,) = report["decoders"].values()
    medians = {name: each["median_px"] for name, each in figures["per_keypoint"].items()}
    return report, medians, said.err


def test_keypoints_that_were_renamed_and_reordered_are_evaluated_by_what_they_are(path, capsys):
    _, before, _ = evaluation(capsys, path)
    with Project.open(path) as project:
        names = project.skeleton.keypoints
        renamed = {names[0]: "muzzle", names[1]: names[2], names[2]: names[1]}
        change(project, [renamed.get(name, name) for name in reversed(names)], renamed)
    report, after, said = evaluation(capsys, path, "--reference", f"muzzle,{names[-1]}")
    assert after == {renamed.get(name, name): median for name, median in before.items()}
    assert list(after) == [renamed.get(name, name) for name in reversed(names)]
    assert len(set(before.values())) > 3
    assert report["unknown_keypoints"] == []
    assert "does not know" not in said


def test_what_a_run_does_not_know_is_left_out_and_said(path, capsys):
    _, before, _ = evaluation(capsys, path)
    with Project.open(path) as project:
        names = project.skeleton.keypoints
        change(project, ["whisker", *names[2:]])
        image = project.images()[0]
        (old, *_) = project.annotations(image.id)
        project.apply(Edit.change("Add", old, old.with_keypoint(0, (31.0, 17.0), 2)))
    report, after, said = evaluation(capsys, path)
    assert after == {name: before[name] for name in names[2:]}
    assert report["unknown_keypoints"] == ["whisker"]
    assert "Run 1 does not know whisker: left out." in said
    assert run_command(["evaluate", str(path), "--split", "all"]) == 0
    assert "of the split “all”, without whisker:" in capsys.readouterr().out
    with pytest.raises(UserProblem, match="does not know both keypoints") as caught:
        evaluation(capsys, path, "--reference", f"whisker,{names[2]}")
    assert "whisker" not in caught.value.hint


def test_a_run_of_which_nothing_is_left_is_refused(path):
    with Project.open(path) as project:
        image = project.images()[0].id
        names = project.skeleton.keypoints
        change(project, ["whisker", names[0]])
        for each in project.dataset().annotations:
            gone = each.with_keypoint(1, (0.0, 0.0), 0)
            project.apply(Edit.change("Remove", each, gone))
        (old, *_) = project.annotations(image)
        project.apply(Edit.change("Add", old, old.with_keypoint(0, (31.0, 17.0), 2)))
    with pytest.raises(UserProblem, match="Nothing that run 1 knows is labelled"):
        run_command(["evaluate", str(path), "--split", "all"])
    with Project.open(path) as project:
        change(project, ["whisker", "claw"])
    with pytest.raises(UserProblem, match="trained for other keypoints"):
        run_command(["evaluate", str(path), "--split", "all"])
