"""From a folder of mouse frames to a COCO file, with the model in the loop: the real window."""

import contextlib
import io
import json
import os
import signal

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kpstudio.__main__ import main
from kpstudio.core.messages import TrainingSettings
from kpstudio.core.resources import resource_path
from kpstudio.store.project import Project
from kpstudio.workspace.inference import EngineState
from kpstudio.workspace.training import TrainingState

MOUSE = resource_path("skeletons", "mouse4.json")
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def mice(frames, tmp_path):
    """A project of 20 real frames, made on the command line."""
    path = tmp_path / "mice.kps"
    assert main(["new", str(path), "--skeleton", str(MOUSE)]) == 0
    assert main(["import", str(path), str(frames)]) == 0
    return path


def wait_for_engine(studio, *states):
    studio.wait(lambda: studio.workspace.inference.state in states, timeout_s=60)


def train(studio, minutes):
    """Press Train as a person does."""
    studio.window._docks[4].raise_()
    studio.window.training.minutes.setValue(minutes)
    QTest.mouseClick(studio.window.training.button, Qt.MouseButton.LeftButton)


def choose_decoder(studio, name):
    """Choose in the combo box with the keyboard, and wait for the answer."""
    studio.window._docks[3].raise_()
    box = studio.window.decoder.choice
    box.setFocus()
    wanted = box.findData(name)
    while box.currentIndex() != wanted:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < wanted else Qt.Key.Key_Up)
    inference = studio.workspace.inference
    studio.wait(lambda: inference.subjects_decoder and inference.subjects_decoder.name == name)


def assert_exported_labels_score_one(path):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(path))
        results = [{**each, "score": 1.0} for each in truth.dataset["annotations"]]
        evaluation = COCOeval(truth, truth.loadRes(results), "keypoints")
        evaluation.params.kpt_oks_sigmas = np.full(4, 0.05)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


def test_from_frames_to_coco_with_the_model_in_the_loop(studio, mice, tmp_path, monkeypatch):
    workspace, inference = studio.workspace, studio.workspace.inference

    # 4. The engine starts by itself, and says what is missing.
    inference.start_engine()
    assert "starting" in studio.window.status_line.engine_text()
    studio.open(mice)
    wait_for_engine(studio, EngineState.WITHOUT_RUN)
    assert "no trained model yet" in studio.window.status_line.engine_text()
    assert len(workspace.labels.labelled_image_ids) == 20

    # 3. Correct a label, and take it back.
    before = studio.annotation
    x, y = before.xy[3]
    studio.drag((x, y), (x + 12, y + 9))
    assert studio.annotation.xy[3] == pytest.approx([x + 12, y + 9], abs=1.5)
    studio.undo()
    assert studio.annotation == before

    # 5. Train in the background; a frame stays without a label for the model to predict.
    studio.key(Qt.Key.Key_Delete)
    train(studio, 0.15)
    studio.wait(lambda: workspace.training.state is TrainingState.RUNNING, timeout_s=60)
    studio.next_image()
    moved = studio.annotation.xy[0]
    studio.drag(tuple(moved), (moved[0] + 9, moved[1]))
    assert not np.array_equal(studio.annotation.xy[0], moved), "labelling goes on meanwhile"
    studio.undo()
    studio.key(Qt.Key.Key_A)
    studio.wait_for_image()
    studio.wait(lambda: not workspace.training.is_running, timeout_s=120)
    assert workspace.training.ended is not None
    assert workspace.training.ended.how == "finished"
    assert len(workspace.training.losses) > 2
    assert len(workspace.training.errors) >= 1

    # The new run predicts on the open image, and on the next one.
    studio.wait(lambda: inference.subjects_decoder is not None, timeout_s=60)
    assert inference.subjects_image_id == workspace.selection.image_id
    assert "Run 1" in studio.window.status_line.engine_text()
    subject = inference.subjects[0]
    assert subject.xy.shape == (4, 2)
    distance = np.linalg.norm(np.nanmean(subject.xy, axis=0) - before.xy.mean(axis=0))
    assert distance < 120, "a few seconds of training find the mouse roughly"

    # 7. Decoders change live, from cached heatmaps.
    passes, answers = inference.network_passes, {}
    for name in ("argmax", "dark", "quarter_offset", "dsnt"):
        choose_decoder(studio, name)
        answers[name] = inference.subjects[0].xy
    assert inference.network_passes == passes
    assert not np.array_equal(answers["argmax"], answers["dsnt"])
    model = studio.window.decoder.table.model()
    shown = float(model.data(model.index(0, 4)))
    moved_by = np.linalg.norm(answers["dsnt"][0] - answers["quarter_offset"][0])
    assert shown == pytest.approx(moved_by, abs=0.006)
    choose_decoder(studio, "dark")

    # 6. Heatmaps of this image are there.
    assert inference.subjects[0].heatmaps is not None
    assert studio.window.heatmaps.grid.subject is not None

    # 8. Enter accepts.
    studio.canvas.setFocus()
    studio.key(Qt.Key.Key_Return)
    assert np.array_equal(studio.annotation.xy, inference.subjects[0].xy)
    assert studio.annotation.source == "run:1"
    studio.next_image()
    studio.wait(lambda: inference.subjects_image_id == workspace.selection.image_id)

    # 9. Export.
    out = tmp_path / "labels.json"
    studio.key(Qt.Key.Key_E, CTRL)
    export = studio.window.export_dialog
    studio.wait(lambda: export.isVisible() and export.export_button.isEnabled())
    export.path.selectAll()
    QTest.keyClicks(export.path, str(out))
    QTest.mouseClick(export.export_button, Qt.MouseButton.LeftButton)
    studio.wait(lambda: "Exported" in studio.notice)
    QTest.mouseClick(export.close_button, Qt.MouseButton.LeftButton)
    assert len(json.loads(out.read_text())["annotations"]) == 20
    assert_exported_labels_score_one(out)


def test_a_stopped_training_keeps_its_best_and_predicts_with_it(studio, mice):
    training, inference = studio.workspace.training, studio.workspace.inference
    inference.start_engine()
    studio.open(mice)
    wait_for_engine(studio, EngineState.WITHOUT_RUN)
    # By steps: a busy machine could have spent a short time before the first error is known.
    studio.workspace.train(TrainingSettings(steps=99, input_size=64, batch=4))
    studio.wait(lambda: len(training.errors) >= 1, timeout_s=120)
    QTest.mouseClick(studio.window.training.button, Qt.MouseButton.LeftButton)
    studio.wait(lambda: not training.is_running, timeout_s=60)
    assert training.run is not None
    assert training.run.state == "stopped"
    assert training.run.has_checkpoint
    wait_for_engine(studio, EngineState.READY)


def test_an_engine_that_is_killed_while_predicting_is_said_and_restarted(studio, project):
    inference = studio.workspace.inference
    inference.start_engine()
    studio.open(project)
    wait_for_engine(studio, EngineState.WITHOUT_RUN)
    before = studio.annotation
    os.kill(inference.engine_pid, signal.SIGKILL)
    wait_for_engine(studio, EngineState.ENDED)
    assert "killed" in studio.window.status_line.engine_text()
    assert "labels are safe" in studio.notice
    assert studio.annotation == before
    studio.drag(tuple(before.xy[0]), (60, 60))
    assert studio.annotation.xy[0] == pytest.approx([60, 60], abs=0.3)
    QTest.mouseClick(studio.window.status_line.restart, Qt.MouseButton.LeftButton)
    wait_for_engine(studio, EngineState.WITHOUT_RUN)


@pytest.mark.thorough
def test_an_engine_that_is_killed_while_training_leaves_the_best_so_far(studio, mice):
    training = studio.workspace.training
    studio.open(mice)
    train(studio, 0.4)
    studio.wait(lambda: len(training.errors) >= 1, timeout_s=120)
    os.kill(training.engine_pid, signal.SIGKILL)
    studio.wait(lambda: not training.is_running)
    assert "ended early" in studio.notice
    assert "best model so far is kept" in studio.notice
    with Project.open(mice, read_only=True) as stored:
        (run,) = stored.runs.all()
        assert run.state == "stopped"
        assert run.has_checkpoint
