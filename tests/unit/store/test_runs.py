import json
import struct
import time

import numpy as np
import pytest

from kpstudio.core.annotation import Prediction
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.messages import TrainingSettings
from kpstudio.core.run_files import LAST_NAME, can_go_on_from
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project
from kpstudio.store.training_plan import prepare_resumption

from .conftest import SKELETON


def save_checkpoint(run):
    assert run.checkpoint is not None
    run.checkpoint.write_bytes(b"weights")


def save_state(run, metadata):
    header = json.dumps({"__metadata__": metadata}).encode()
    (run.folder / LAST_NAME).write_bytes(struct.pack("<Q", len(header)) + header)


def test_a_run_tells_where_its_checkpoint_goes_and_how_it_ended(project):
    before = time.time()
    run = project.runs.start("efficientnet_lite0", TrainingSettings(minutes=0.5, seed=7))
    assert (run.id, run.name, run.state, run.steps) == (1, "Run 1", "running", 0)
    assert run.checkpoint == project.folder / "rats.runs" / "1" / "model.safetensors"
    assert run.checkpoint.parent.is_dir()
    assert before <= run.started <= time.time()
    assert run.settings["seed"] == 7
    assert not run.has_checkpoint
    save_checkpoint(run)
    project.runs.finish(run.id, state="finished", median_px=3.25, steps=151, message="done")
    ended = project.runs.one(1)
    assert (ended.state, ended.median_px, ended.steps) == ("finished", 3.25, 151)
    assert ended.message == "done"
    assert ended.checkpoint == run.checkpoint


def test_the_newest_run_is_the_newest_with_a_checkpoint(project):
    assert project.runs.newest() is None
    first = project.runs.start("a", {})
    save_checkpoint(first)
    second = project.runs.start("b", {"x": 1}, name="Second")
    assert project.runs.newest() == project.runs.one(first.id)
    failed = project.runs.finish(second.id, state="failed", message="no memory")
    assert failed.checkpoint is None
    assert [run.name for run in project.runs.all()] == ["Run 1", "Second"]
    assert project.runs.newest() == project.runs.one(first.id)


def test_runs_that_were_left_running_are_adopted_on_opening(project):
    with_checkpoint, without = project.runs.start("a", {}), project.runs.start("a", {})
    ended = project.runs.start("a", {})
    project.runs.finish(ended.id, state="failed")
    save_checkpoint(with_checkpoint)
    with Project.open(project.path, read_only=True) as reader:
        assert [run.state for run in reader.runs.all()] == ["running", "running", "failed"]
    project.close()
    with Project.open(project.path) as again:
        assert [run.state for run in again.runs.all()] == ["stopped", "interrupted", "failed"]
        assert again.runs.one(with_checkpoint.id).checkpoint == with_checkpoint.checkpoint
        assert again.runs.one(without.id).checkpoint is None
        # Its engine may have gone on for a moment, and saved.
        save_checkpoint(without)
        newest = again.runs.newest()
        assert newest is not None
        assert newest.id == without.id


def test_a_run_that_is_not_there_says_which_are(project):
    with pytest.raises(UserProblem, match="no run 7"):
        project.runs.one(7)
    project.runs.start("a", {})
    with pytest.raises(UserProblem, match="no run 7") as caught:
        project.runs.finish(7, state="failed")
    assert "1" in caught.value.hint


def predict(image_id, count=1):
    draw = np.random.default_rng(image_id)
    return tuple(
        Prediction(image_id, 1, draw.normal(size=(5, 2)), draw.random(5), Box(1.5, 2, 3, 5), 0.7)
        for _ in range(count)
    )


def test_predictions_come_back_exactly_and_replace_older_ones(project):
    run = project.runs.start("a", {})
    xy = np.array([[1e-300, 2.0], [np.nan, np.nan], [-3.5, 1e300], [0.1, 0.2], [5, 7]])
    exact = Prediction(2, run.id, xy, np.array([0.1, 0, 1, 0.3, 0.5]), Box(-0.5, 0.1, 3, 7), 0.9)
    project.predictions.put(run.id, 2, "argmax", predict(2, 3))
    project.predictions.put(run.id, 3, "argmax", predict(3, 2))
    project.predictions.put(run.id, 2, "dark", (exact,))
    (found,) = project.predictions.of(run.id, 2)
    assert found.xy.tobytes() == exact.xy.tobytes()
    assert found.scores.tobytes() == exact.scores.tobytes()
    assert (found.box, found.score, found.run_id) == (exact.box, 0.9, run.id)
    assert [each.image_id for each in project.predictions.of(run.id)] == [2, 3, 3]
    project.predictions.put(run.id, 2, "dark", ())
    assert project.predictions.of(run.id, 2) == ()


def test_predictions_are_not_annotations(project):
    run = project.runs.start("a", {})
    project.predictions.put(run.id, 2, "dark", predict(2))
    assert project.annotations(2) == ()
    assert project.labelled_image_ids() == frozenset()


def test_only_a_run_that_was_broken_off_can_go_on(project):
    run = project.runs.start("a", {})
    save_state(run, {"training": "{}"})
    assert not project.runs.one(run.id).can_go_on
    with pytest.raises(UserProblem, match="left nothing"):
        project.runs.go_on(run.id)
    stopped = project.runs.finish(run.id, state="stopped", median_px=3.0, steps=5)
    assert stopped.can_go_on
    again = project.runs.go_on(run.id)
    assert (again.state, again.median_px, again.steps) == ("running", 3.0, 5)
    project.runs.finish(run.id, state="finished", median_px=2.0, steps=9)
    assert not project.runs.one(run.id).can_go_on


def test_a_run_that_was_killed_after_its_end_is_finished(project):
    finished, broken_off = project.runs.start("a", {}), project.runs.start("b", {})
    for run, metadata in ((finished, {}), (broken_off, {"training": "{}"})):
        save_checkpoint(run)
        save_state(run, metadata)
    path = project.path
    project.close()
    with Project.open(path) as opened:
        assert [run.state for run in opened.runs.all()] == ["finished", "stopped"]
        assert [run.can_go_on for run in opened.runs.all()] == [False, True]


@pytest.mark.parametrize("data", [b"", b"short", b"\xff" * 16, struct.pack("<Q", 4) + b"[1,2"])
def test_a_damaged_state_is_nothing_to_go_on_from(tmp_path, data):
    (tmp_path / "a").write_bytes(data)
    assert not can_go_on_from(tmp_path / "a")
    assert not can_go_on_from(tmp_path / "missing")


def test_a_run_for_other_keypoints_predicts_what_it_knows_but_does_not_go_on(project, annotation):
    project.apply(Edit.change("Add", None, annotation(2)))
    run = project.runs.start("efficientnet_lite0", TrainingSettings())
    save_state(run, {"training": "{}"})
    project.runs.finish(run.id, state="stopped")
    count = len(SKELETON)

    def change(after, renamed):
        what = SkeletonChange(project.skeleton, after, renamed)
        project.apply(Edit.change_skeleton("Edit", what))

    names = ("nose", *SKELETON.keypoints[1:])
    change(Skeleton("rat", names), {"snout": "nose"})
    assert project.predictions.has_same_keypoints(run.id)
    assert prepare_resumption(project).run.id == run.id
    project.runs.finish(run.id, state="stopped")
    change(Skeleton("rat", names[:-1]), {})
    assert not project.predictions.has_same_keypoints(run.id)
    assert project.predictions.order(run.id, count=count) == (0, 1, 2, 3)
    assert project.predictions.order(run.id, count=count - 1) is None
    with pytest.raises(UserProblem, match="keypoints have changed"):
        prepare_resumption(project)
    assert project.runs.one(run.id).state == "stopped"
    change(Skeleton("rat", ("paw", names[4], names[0])), {})
    assert project.predictions.order(run.id, count=count) == (-1, 4, 0)


def test_runs_with_predictions_are_told_from_those_without(project):
    for _ in range(3):
        project.runs.start("a", {})
    assert project.predictions.runs() == frozenset()
    project.predictions.put(2, 3, "dark", predict(3))
    project.predictions.put(3, 3, "dark", ())
    assert project.predictions.runs() == {2}
