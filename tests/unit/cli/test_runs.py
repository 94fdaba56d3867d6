import importlib
import json

import pytest
from studio import SKELETON, make_project

from kpstudio.cli.arguments import run_command
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    TrainingEnded,
    TrainingSettings,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project
from kpstudio.store.run_recorder import RunRecorder


@pytest.fixture
def path(tmp_path):
    """Two runs: one that finished after 240 s, and one of an older kpstudio."""
    path = make_project(tmp_path)
    with Project.open(path) as project:
        run = project.runs.start("hrnet_w32", TrainingSettings(minutes=4.0, seed=11))
        recorder = RunRecorder(project, run.id)
        for step in range(1, 6):
            recorder.note(TrainingStep(1, step, 1 / step, 0.1, 13.0 * step, 1.0))
        recorder.note(TrainingValidated(1, 5, 6.25, 7.5, True, 67.0))
        recorder.note(TrainingStep(1, 7, 0.125, 0.1, 235.0, 1.0))
        recorder.note(TrainingValidated(1, 7, 6.5, 7.75, False, 240.0))
        recorder.flush()
        project.runs.finish(run.id, state="finished", median_px=6.25, steps=7)
        other = project.runs.start("efficientnet_lite0", {})
        project.runs.finish(other.id, state="failed", message="no memory")
    return path


def answer(capsys, *words):
    assert run_command(["runs", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_tells_state_network_steps_error_and_time(path, capsys):
    assert run_command(["runs", str(path)]) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == [
        "run",
        "name",
        "state",
        "network",
        "steps",
        "median",
        "px",
        "time",
        "started",
    ]
    assert first.split()[3:9] == ["finished", "hrnet_w32", "7", "6.25", "4.0", "min"]
    assert second.split()[3:8] == ["failed", "efficientnet_lite0", "0", "-", "-"]
    listed = answer(capsys, path)
    assert [each["state"] for each in listed] == ["finished", "failed"]
    assert listed[0]["elapsed_s"] == 240.0
    assert listed[1] == listed[1] | {"elapsed_s": None, "median_px": None, "message": "no memory"}


def test_one_run_is_shown_with_settings_and_curves(path, capsys):
    assert run_command(["runs", str(path), "1"]) == 0
    text = capsys.readouterr().out
    lines = [line.split() for line in text.splitlines()]
    assert ["seed", "11"] in lines
    assert ["5", "67", "s", "0.2", "6.25", "7.50", "best", "so", "far"] in lines
    assert ["7", "4.0", "min", "0.125", "6.50", "7.75"] in lines
    shown = answer(capsys, path, 1)
    assert shown["settings"]["minutes"] == 4.0
    assert shown["metrics"]["median_px"] == [[5, 6.25], [7, 6.5]]
    assert [step for step, _ in shown["metrics"]["loss"]] == [1, 2, 3, 4, 5, 7]
    assert run_command(["runs", str(path), "2"]) == 0
    assert "curves were not stored" in capsys.readouterr().out


def test_keypoints_have_their_names_of_now(path, capsys):
    with Project.open(path) as project:
        after = Skeleton("three", ("right_ear", "muzzle"))
        change = SkeletonChange(SKELETON, after, {"nose": "muzzle"})
        project.apply(Edit.change_skeleton("Edit", change))
    assert answer(capsys, path, 1)["keypoints"] == [
        {"id": 1, "name": "muzzle", "is_removed": False},
        {"id": 2, "name": "left_ear", "is_removed": True},
        {"id": 3, "name": "right_ear", "is_removed": False},
    ]
    run_command(["runs", str(path), "1"])
    assert "muzzle, left_ear (removed since), right_ear\n" in capsys.readouterr().out


def test_a_run_that_trains_now_tells_how_far_it_is(path, capsys):
    with Project.open(path) as project:
        run = project.runs.start("hrnet_w32", {})
        recorder = RunRecorder(project, run.id)
        recorder.note(TrainingValidated(1, 13, 3.5, 4.0, True, 17.0))
        (*_, now) = answer(capsys, path)
    assert (now["state"], now["steps"], now["median_px"]) == ("running", 13, 3.5)
    assert now["elapsed_s"] == 17.0


def test_a_project_without_runs_and_a_run_that_is_not_there(path, tmp_path, capsys):
    with pytest.raises(UserProblem, match="no run 5"):
        run_command(["runs", str(path), "5"])
    empty = tmp_path / "empty.kps"
    with Project.create(empty, SKELETON):
        pass
    assert run_command(["runs", str(empty)]) == 0
    assert "Nothing has been trained" in capsys.readouterr().out
    assert answer(capsys, empty) == []


def test_a_training_from_the_command_line_leaves_its_curves(tmp_path, capsys, monkeypatch):
    """The training itself is replaced by its events."""
    path = make_project(tmp_path)
    fit_module = importlib.import_module("kpstudio.training.fit")

    def training(*_, report, checkpoint, **__):
        checkpoint.write_bytes(b"weights")
        report(TrainingStarted(1, 17, 5, 3, "cpu"))
        report(TrainingStep(1, 3, 0.5, 1.0, 7.0, 0.0))
        report(TrainingValidated(1, 3, 2.5, 3.5, True, 8.0))
        ended = TrainingEnded(1, "finished", str(checkpoint), 3, 2.5, 9.0)
        report(ended)
        return ended

    def broken_training(*_, report, **__):
        report(TrainingStep(1, 2, 0.25, 0.5, 4.0, 0.0))
        raise UserProblem("The disk is full.", "Free some space.")

    monkeypatch.setattr(fit_module, "fit", training)
    assert run_command(["train", str(path), "--steps", "3"]) == 0
    monkeypatch.setattr(fit_module, "fit", broken_training)
    with pytest.raises(UserProblem, match="disk is full"):
        run_command(["train", str(path), "--steps", "3"])
    capsys.readouterr()
    whole, broken = (answer(capsys, path, number) for number in (1, 2))
    assert whole["metrics"]["median_px"] == [[3, 2.5]]
    assert whole["metrics"]["train_images"] == [[0, 17.0]]
    assert (whole["steps"], whole["elapsed_s"]) == (3, 9.0)
    assert broken["metrics"] == {"elapsed_s": [[2, 4.0]], "loss": [[2, 0.25]]}
    assert (broken["state"], broken["steps"]) == ("failed", 2)


def test_a_real_training_leaves_its_curves(tmp_path, capsys):
    path = make_project(tmp_path)
    assert run_command(["train", str(path), "--steps", "3"]) == 0
    capsys.readouterr()
    shown = answer(capsys, path, 1)
    curves = shown["metrics"]
    assert curves["loss"][-1][0] == curves["median_px"][-1][0] == 3
    found = [error for _, error in curves["median_px"] if error is not None]
    assert shown["median_px"] == min(found, default=None)
    assert curves["train_images"] == [[0, 1.0]]
    assert 0 < curves["elapsed_s"][0][1] <= shown["elapsed_s"]
