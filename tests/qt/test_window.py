"""Opening, importing, exporting, relocating: through the menus, and what goes wrong with them."""

import json
import shutil

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QToolButton,
)
from studio import make_project

from kpstudio import app
from kpstudio.core.skeleton import Skeleton
from kpstudio.gui.new_project_dialog import NewProjectDialog
from kpstudio.gui.skeleton_dialog import SkeletonDialog
from kpstudio.store.project import Project
from kpstudio.workspace.skeleton_source import supplied_skeletons


@pytest.fixture
def answer(monkeypatch):
    """What the person answers to the questions for files, one after the other."""

    def set_answers(*paths):
        answers = [str(path) for path in paths]
        for name in ("getOpenFileName", "getSaveFileName"):
            monkeypatch.setattr(QFileDialog, name, lambda *_: (answers.pop(0), ""))
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: answers.pop(0))

    return set_answers


def ask_for_project(studio):
    """File > New project; the dialog that it opens."""
    studio.key(Qt.Key.Key_N, CTRL)
    dialog = studio.window.findChild(NewProjectDialog)
    studio.wait(dialog.isActiveWindow)
    return dialog


def press(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def close_with(dialog, key):
    """End a dialog by a key; without a screen nobody gives the window behind it the keyboard."""
    window = dialog.parent()
    QTest.keyClick(dialog.choices, key)
    assert not dialog.isVisible()
    window.activateWindow()
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


CTRL = Qt.KeyboardModifier.ControlModifier


def test_a_project_opens_from_the_menu_and_then_from_the_recent_ones(open_studio, project, answer):
    studio = open_studio()
    assert studio.window.welcome.isVisible()
    answer(project)
    studio.key(Qt.Key.Key_O, CTRL)
    studio.wait_for_image()
    assert studio.canvas.isVisible()
    studio.window.close()

    again = open_studio()
    again.window._recent_menu.aboutToShow.emit()
    again.window._recent_menu.actions()[0].trigger()
    again.wait_for_image()
    assert again.workspace.path == project


def recent_buttons(studio, name="recent"):
    buttons = studio.window.welcome.findChildren(QPushButton if name == "recent" else QToolButton)
    return [each for each in buttons if each.objectName() == name and each.isVisible()]


def test_the_start_page_offers_recent_projects(open_studio, project, qtbot):
    first = open_studio()
    first.open(project)
    first.window.close()
    second = open_studio()
    (button,) = recent_buttons(second)
    assert button.accessibleName() == f"{project.name}  ·  {project.parent}"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    second.wait_for_image()
    assert second.workspace.path == project
    assert second.canvas.hasFocus()


def test_a_recent_project_that_was_moved_says_so_and_can_be_taken_off_the_list(
    open_studio, project, tmp_path, qtbot
):
    other = tmp_path / "mice & co"
    other.mkdir()
    moved = make_project(other, images=1)
    first = open_studio()
    first.open(project)
    first.open(moved)
    first.window.close()
    moved.rename(tmp_path / "elsewhere.kps")
    studio = open_studio()
    gone, there = recent_buttons(studio)
    assert gone.accessibleName() == f"small.kps  ·  not found in {other}"
    qtbot.mouseClick(gone, Qt.MouseButton.LeftButton)
    assert studio.notice.startswith(f"small.kps is not in {other} any more.")
    assert studio.workspace.path is None
    studio.window._recent_menu.aboutToShow.emit()
    texts = [each.text() for each in studio.window._recent_menu.actions()]
    assert texts == [
        f"small.kps  ·  not found in {other}".replace("&", "&&"),
        there.accessibleName(),
    ]
    qtbot.mouseClick(recent_buttons(studio, "forget")[0], Qt.MouseButton.LeftButton)
    studio.wait(lambda: len(recent_buttons(studio)) == 1)
    assert recent_buttons(studio)[0].accessibleName() == f"small.kps  ·  {project.parent}"
    studio.window.close()
    assert len(recent_buttons(open_studio())) == 1


def test_a_new_project_is_made_and_filled_from_the_window(studio, tmp_path, answer, frames):
    answer(tmp_path / "made")
    dialog = ask_for_project(studio)
    assert dialog.choices.currentItem().text() == "mouse4  ·  4 keypoints"
    close_with(dialog, Qt.Key.Key_Return)
    assert studio.workspace.path == (tmp_path / "made.kps").resolve()
    answer(frames)
    studio.key(Qt.Key.Key_I, CTRL)
    studio.wait(lambda: len(studio.workspace.images) == 20)
    studio.wait_for_image()
    assert len(studio.workspace.labels.labelled_image_ids) == 20
    assert "20 images" in studio.notice
    studio.undo()
    assert not studio.workspace.labels.labelled_image_ids
    studio.redo()
    assert len(studio.workspace.labels.labelled_image_ids) == 20


def test_images_that_have_moved_are_found_again(studio, project, tmp_path, answer):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in tmp_path.glob("*.png"):
        shutil.move(path, elsewhere)
    assert studio.workspace.open_project(project)
    studio.wait(lambda: "3 of 3 images are not where they were" in studio.notice)
    assert "Relocate" in studio.notice
    answer(elsewhere)
    studio.window.actions_by_name["relocate"].trigger()
    studio.wait_for_image()
    assert "3 images were found again" in studio.notice
    assert len(studio.workspace.labels.annotations) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"not a project at all", "not a kpstudio project"), (None, "no such file")],
)
def test_what_is_not_a_project_is_refused_and_the_window_stays(studio, tmp_path, content, words):
    path = tmp_path / "other.kps"
    if content is not None:
        path.write_bytes(content)
    assert not studio.workspace.open_project(path)
    assert words in studio.notice.lower() or "project" in studio.notice
    assert studio.window.welcome.isVisible()
    if content is not None:
        assert path.read_bytes() == content


def test_a_project_that_is_open_elsewhere_is_refused(studio, project):
    with Project.open(project):
        assert not studio.workspace.open_project(project)
        assert "open" in studio.notice
    studio.open(project)


def test_another_project_takes_the_place_of_the_first(studio, project, tmp_path):
    studio.open(project)
    folder = tmp_path / "second"
    folder.mkdir()
    studio.open(make_project(folder, images=5, labelled=0))
    assert len(studio.workspace.images) == 5
    with Project.open(project) as released:
        assert len(released.images()) == 3


def test_a_file_that_names_no_keypoints_is_refused_where_it_was_chosen(studio, tmp_path, answer):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"keypoints": 3}')
    answer(wrong)
    dialog = ask_for_project(studio)
    press(dialog, "file")
    assert "not a skeleton" in dialog.message.text()
    assert dialog.choices.count() == len(supplied_skeletons())
    close_with(dialog, Qt.Key.Key_Escape)
    assert studio.workspace.path is None


@pytest.mark.parametrize("kind", ["skeleton", "coco", "dlc"])
def test_a_new_project_takes_its_keypoints_from_a_file(studio, tmp_path, answer, kind):
    names = ["hip", "knee", "foot"]
    source = tmp_path / ("labels.csv" if kind == "dlc" else "labels.json")
    if kind == "skeleton":
        source.write_text(json.dumps({"name": "leg", "keypoints": names}))
    elif kind == "coco":
        category = {"id": 1, "name": "leg", "keypoints": names, "skeleton": [[1, 2]]}
        source.write_text(json.dumps({"images": [], "annotations": [], "categories": [category]}))
    else:
        rows = [["scorer"] + ["me"] * 6, ["bodyparts"] + [n for n in names for _ in "xy"]]
        rows += [["coords"] + ["x", "y"] * 3, ["a.png", *"123456"]]
        source.write_text("\n".join(",".join(row) for row in rows) + "\n")
    answer(source, tmp_path / "made.kps")
    dialog = ask_for_project(studio)
    press(dialog, "file")
    assert dialog.findChild(QLabel, "keypoint_names").text() == "hip, knee, foot"
    close_with(dialog, Qt.Key.Key_Return)
    assert studio.workspace.labels.skeleton.keypoints == ("hip", "knee", "foot")


def test_a_new_project_gets_keypoints_that_are_named_there_and_then(studio, tmp_path, answer):
    answer(tmp_path / "made.kps")
    dialog = ask_for_project(studio)
    press(dialog, "empty")
    editor = dialog.findChild(SkeletonDialog)
    assert not editor.ok.isEnabled()
    QTest.keyClick(editor.table, Qt.Key.Key_Insert)
    QTest.keyClicks(editor.table.viewport().findChild(QLineEdit), "beak")
    QTest.mouseClick(editor.ok, Qt.MouseButton.LeftButton)
    assert dialog.choices.currentItem().text() == "my keypoints  ·  1 keypoints"
    close_with(dialog, Qt.Key.Key_Return)
    assert studio.workspace.labels.skeleton == Skeleton("my keypoints", ("beak",))


def test_a_supplied_skeleton_can_be_changed_for_the_new_project_only(studio, tmp_path, answer):
    before = supplied_skeletons()
    answer(tmp_path / "made.kps")
    dialog = ask_for_project(studio)
    QTest.keyClick(dialog.choices, Qt.Key.Key_Down)
    press(dialog, "edit")
    editor = dialog.findChild(SkeletonDialog)
    editor.table.select_keys((0,))
    QTest.keyClick(editor.table, Qt.Key.Key_Delete)
    QTest.mouseClick(editor.ok, Qt.MouseButton.LeftButton)
    close_with(dialog, Qt.Key.Key_Return)
    assert studio.workspace.labels.skeleton.keypoints == before[1].keypoints[1:]
    assert supplied_skeletons() == before


def test_f1_shows_every_shortcut(studio):
    studio.key(Qt.Key.Key_F1)
    dialogs = [d for d in studio.window.findChildren(QDialog) if d.isVisible()]
    assert len(dialogs) == 1
    dialogs[0].close()


def test_every_action_has_a_name_and_no_shortcut_is_taken_twice(studio):
    keys = [key for entry in studio.window.entries for key in entry.keys]
    assert len(keys) == len(set(keys))
    names = [entry.name for entry in studio.window.entries]
    assert len(names) == len(set(names))


def test_an_unexpected_error_leaves_the_window_open_with_a_report(studio, project, monkeypatch):
    import sys

    studio.open(project)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    app.install_crash_hook(studio.window)
    try:
        raise RuntimeError("a bug")
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (box,) = studio.window.findChildren(QMessageBox)
    assert "a bug" in box.detailedText()
    assert studio.window.isVisible()
    box.close()


def test_docks_come_back_as_they_were(open_studio):
    first = open_studio()
    first.window._docks[0].hide()
    first.window.close()
    second = open_studio()
    assert not second.window._docks[0].isVisible()
    assert second.window._docks[1].isVisibleTo(second.window)


def test_settings_that_are_damaged_are_replaced_by_the_defaults(own_settings, open_studio):
    own_settings.mkdir()
    (own_settings / "preferences.json").write_text("{ no json")
    assert open_studio().workspace.preferences.recent == []
