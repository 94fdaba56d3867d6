"""Exporting through the window: one dialog, from the choice to the receipt."""

import json

import numpy as np
import pytest
from held_work import HeldWork
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QLabel
from studio import LEFT, POSE, add_stored_run

from kpstudio import formats
from kpstudio.store.project import Project

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def marked(project):
    """The first image is val and accepted, the second train and at night; a run has predicted."""
    with Project.open(project) as opened:
        opened.splits.divide(0.5)
        opened.marks.change_tags([2], add=["night"])
        opened.marks.set_review([1], "accepted")
    add_stored_run(project, {1: POSE, 2: POSE + 5})
    return project


@pytest.fixture
def dialog(studio, marked):
    studio.open(marked)
    studio.key(Qt.Key.Key_E, CTRL)
    dialog = studio.window.export_dialog
    studio.wait(lambda: dialog.isVisible() and dialog.export_button.isEnabled())
    return dialog


def said(dialog):
    return dialog.findChild(QLabel, "receipt").text()


def count(dialog):
    return dialog.findChild(QLabel, "count").text()


def choose(qtbot, choice, data):
    """With the arrow keys."""
    choice.setFocus()
    for _ in range(choice.findData(data)):
        qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentData() == data


def export(studio, dialog, qtbot):
    qtbot.mouseClick(dialog.export_button, LEFT)
    studio.wait(lambda: "Wrote" in said(dialog))


def write_into(qtbot, field, text):
    field.selectAll()
    qtbot.keyClicks(field, str(text))


def test_labels_are_exported_and_the_receipt_is_shown(studio, dialog, tmp_path, qtbot):
    assert dialog.path.text() == str((tmp_path / "small-labels.json").resolve())
    assert count(dialog) == "2 labelled images, 2 annotations"
    export(studio, dialog, qtbot)
    coco = json.loads((tmp_path / "small-labels.json").read_text())
    assert coco["annotations"][0]["keypoints"][:3] == [40.25, 30.5, 2]
    assert "2 images, 2 annotations, 6 keypoints: 4 visible, 2 occluded" in said(dialog)
    assert "1 image has no labels, and is left out." in said(dialog)
    assert "checked: read back equal" in said(dialog)
    assert "Exported" in studio.notice
    qtbot.mouseClick(dialog.close_button, LEFT)
    assert dialog.isHidden()


def test_the_file_is_chosen_and_enter_exports(studio, dialog, tmp_path, qtbot, monkeypatch):
    out = tmp_path / "other.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    qtbot.mouseClick(dialog._path_button, LEFT)
    qtbot.keyClick(dialog.path, Qt.Key.Key_Return)
    studio.wait(lambda: "Wrote" in said(dialog))
    assert len(json.loads(out.read_text())["images"]) == 2


def test_the_suggested_file_follows_the_format_until_somebody_names_one(dialog, tmp_path, qtbot):
    start = tmp_path.resolve() / "small-labels"
    assert dialog.path.text() == f"{start}.json"
    choose_format(qtbot, dialog, "cvat")
    assert dialog.path.text() == f"{start}.xml"
    choose_format(qtbot, dialog, "yolo")
    assert dialog.path.text() == str(start)
    write_into(qtbot, dialog.path, tmp_path / "mine.txt")
    choose_format(qtbot, dialog, "sleap")
    assert dialog.path.text() == str(tmp_path / "mine.txt")


def choose_format(qtbot, dialog, name):
    steps = dialog.format.findData(name) - dialog.format.currentIndex()
    for _ in range(abs(steps)):
        qtbot.keyClick(dialog.format, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    assert dialog.format.currentData() == name


def test_a_part_is_chosen_and_counted_before_it_is_written(studio, dialog, tmp_path, qtbot):
    choose(qtbot, dialog.tag, "night")
    assert count(dialog) == "1 labelled images, 1 annotations"
    choose(qtbot, dialog.review, "accepted")
    assert count(dialog) == "0 labelled images, 0 annotations"
    assert not dialog.export_button.isEnabled()
    qtbot.keyClick(dialog.review, Qt.Key.Key_Up)
    write_into(qtbot, dialog.path, tmp_path / "night.json")
    export(studio, dialog, qtbot)
    (image,) = json.loads((tmp_path / "night.json").read_text())["images"]
    assert image["file_name"] == "image1.png"


def test_subjects_are_cut_out_beside_a_card(studio, dialog, tmp_path, qtbot):
    assert not dialog.folder.isVisible()
    choose(qtbot, dialog.images, "crop")
    assert dialog.margin.isVisible()
    qtbot.mouseClick(dialog.card, LEFT, pos=QPoint(8, dialog.card.height() // 2))
    write_into(qtbot, dialog.path, tmp_path / "out.json")
    export(studio, dialog, qtbot)
    names = sorted(path.name for path in (tmp_path / "out-images").iterdir())
    assert names == ["image0_subject1.png", "image1_subject1.png"]
    assert (tmp_path / "out.md").read_text().startswith("# out")
    skeleton = studio.workspace.labels.skeleton
    back = formats.read(tmp_path / "out.json", skeleton)
    np.testing.assert_allclose(back.annotations[0].xy - back.annotations[0].xy[0], POSE - POSE[0])


def test_predictions_are_exported_with_their_scores(studio, dialog, tmp_path, qtbot):
    choose(qtbot, dialog.what, 1)
    export(studio, dialog, qtbot)
    found = json.loads((tmp_path / "small-labels.json").read_text())["annotations"]
    assert [each["score"] for each in found] == [0.8, 0.8]
    assert found[0]["keypoint_scores"] == [0.9, 0.9, 0.9]


def test_a_file_that_is_there_is_said_to_be_replaced(studio, dialog, tmp_path, qtbot):
    assert not dialog._replaces.isVisible()
    (tmp_path / "there.json").write_text("old")
    write_into(qtbot, dialog.path, tmp_path / "there.json")
    assert dialog._replaces.isVisible()


def test_a_problem_is_told_in_the_dialog(studio, dialog, tmp_path, qtbot):
    write_into(qtbot, dialog.path, tmp_path / "none" / "out.json")
    qtbot.mouseClick(dialog.export_button, LEFT)
    studio.wait(lambda: "was not written" in said(dialog))
    assert dialog.export_button.isEnabled()


def test_an_export_that_takes_long_is_stopped_by_escape(
    studio, dialog, tmp_path, qtbot, monkeypatch
):
    held = HeldWork()
    monkeypatch.setattr(formats, "export", lambda *_, report, **__: held.run(report))
    qtbot.mouseClick(dialog.export_button, LEFT)
    studio.wait(held.has_begun)
    assert dialog.close_button.text() == "Stop"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.close_button.text() == "Close"
    held.let_go()
    studio.wait(lambda: held.ended)
    assert held.ended == ["_Stopped"]
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isHidden()
