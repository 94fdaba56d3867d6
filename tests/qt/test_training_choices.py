"""What is chosen before a training, in the panel and its dialog, with mouse and keyboard."""

import json
import struct

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QDoubleSpinBox
from studio import make_project

from kpstudio.core.augmentation import AugmentationChoice
from kpstudio.core.messages import TrainingSettings
from kpstudio.core.run_files import LAST_NAME
from kpstudio.store.project import Project
from kpstudio.store.training_plan import read_augmentation

LEFT = Qt.MouseButton.LeftButton


def in_dialog(studio, act):
    """Open the dialog of the augmentation with the mouse, and do something in it."""

    def later():
        act(QApplication.activeModalWidget())

    QTimer.singleShot(0, later)
    QTest.mouseClick(studio.window.training.augmentation, LEFT)


def keep_state(path):
    """The head of a file from which a training can go on."""
    header = json.dumps({"__metadata__": {"training": "{}"}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def press(dialog, button):
    QTest.mouseClick(dialog.findChild(QDialogButtonBox).button(button), LEFT)


def choose_face_and_turn(dialog):
    preset = dialog.findChild(QComboBox, "preset")
    preset.setFocus()
    while preset.currentData() != "face":
        QTest.keyClick(preset, Qt.Key.Key_Down)
    rotation = dialog.findChild(QDoubleSpinBox, "rotation")
    assert rotation.value() == 30.0
    rotation.selectAll()
    QTest.keyClicks(rotation, "12")
    QTest.keyClick(rotation, Qt.Key.Key_Tab)


def test_the_augmentation_is_chosen_changed_and_kept(studio, project):
    studio.open(project)
    button = studio.window.training.augmentation
    assert button.text() == "Augmentation: Automatic…"

    def act(dialog):
        choose_face_and_turn(dialog)
        press(dialog, QDialogButtonBox.StandardButton.Ok)

    in_dialog(studio, act)
    assert button.text() == "Augmentation: Face (changed)…"
    studio.workspace.close_project()
    with Project.open(project) as stored:
        assert read_augmentation(stored) == AugmentationChoice("face", {"rotation": 12.0})
    studio.open(project)
    assert button.text() == "Augmentation: Face (changed)…"


def test_changes_can_be_taken_back_and_nothing_is_kept_when_cancelled(studio, project):
    studio.open(project)

    def reset(dialog):
        choose_face_and_turn(dialog)
        press(dialog, QDialogButtonBox.StandardButton.Reset)
        assert dialog.findChild(QDoubleSpinBox, "rotation").value() == 30.0
        press(dialog, QDialogButtonBox.StandardButton.Ok)

    in_dialog(studio, reset)
    assert studio.window.training.augmentation.text() == "Augmentation: Face…"

    def cancel(dialog):
        choose_face_and_turn(dialog)
        press(dialog, QDialogButtonBox.StandardButton.Cancel)

    in_dialog(studio, cancel)
    assert studio.workspace.training.augmentation == AugmentationChoice("face")


def test_a_run_that_was_broken_off_can_be_continued(studio, tmp_path, monkeypatch):
    path = make_project(tmp_path)
    studio.open(path)
    assert not studio.window.training.go_on.isVisibleTo(studio.window)
    studio.workspace.close_project()
    with Project.open(path) as stored:
        run = stored.runs.start("efficientnet_lite0", TrainingSettings(minutes=7.0))
        keep_state(run.folder / LAST_NAME)
        stored.runs.finish(run.id, state="stopped", steps=123)
    studio.open(path)
    button = studio.window.training.go_on
    assert button.isVisibleTo(studio.window)
    assert button.text() == f"Continue {run.name}"
    assert "123 steps" in button.toolTip()
    training = studio.workspace.training
    monkeypatch.setattr(training._engine, "start", lambda: None)
    QTest.mouseClick(button, LEFT)
    request = training._request
    assert request.is_resumed
    assert request.settings.minutes == 7.0
    assert request.checkpoint == str(run.folder / "model.safetensors")
    assert not button.isVisibleTo(studio.window)


def test_the_panel_says_how_many_steps_the_time_is_for(studio, tmp_path):
    path = make_project(tmp_path)
    with Project.open(path) as stored:
        run = stored.runs.start("efficientnet_lite0", TrainingSettings(minutes=2.0))
        stored.runs.finish(run.id, state="finished", steps=500)
    studio.open(path)
    panel = studio.window.training
    panel.minutes.selectAll()
    QTest.keyClicks(panel.minutes, "4")
    QTest.keyClick(panel.minutes, Qt.Key.Key_Tab)
    assert panel._state.text().startswith("About 1000 steps in this time.")
