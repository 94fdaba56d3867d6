"""Importing through the window: by the menu and by dropping, with and without doubts."""

import json
import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest
from held_work import HeldWork
from newts import BODY, NEWT, change, change_all, draw_newts
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from studio import LEFT

from kpstudio import formats
from kpstudio.gui.import_dialog import FindingFrame
from kpstudio.gui.new_project_dialog import NewProjectDialog
from kpstudio.store.project import Project

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def newts(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    return draw_newts(folder)


@pytest.fixture
def empty(tmp_path):
    path = tmp_path / "newts.kps"
    with Project.create(path, NEWT):
        pass
    return path


@pytest.fixture
def opened(studio, empty):
    assert studio.workspace.open_project(empty)
    return studio


def write(data, tmp_path):
    path = tmp_path / "labels.json"
    formats.write(data, path)
    return path


def back_to(studio):
    """A desktop activates the window when its dialog closes; the offscreen one does not."""
    studio.window.activateWindow()
    studio.wait(studio.window.isActiveWindow)
    studio.canvas.setFocus()


def ask(studio, monkeypatch, path):
    """Import through the menu's shortcut."""
    back_to(studio)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    studio.key(Qt.Key.Key_I, CTRL_SHIFT)


def dialog_of(studio):
    dialog = studio.window.import_dialog
    studio.wait(lambda: dialog.isVisible() and dialog.accept_button.isVisible())
    return dialog


def texts(dialog):
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_clean_labels_are_imported_without_a_question(opened, newts, tmp_path, monkeypatch):
    ask(opened, monkeypatch, write(newts, tmp_path))
    opened.wait(lambda: len(opened.workspace.images) == 13)
    opened.wait_for_image()
    assert opened.window.import_dialog.isHidden()
    assert "13 images and 13 annotations" in opened.notice


def test_what_is_only_worth_a_look_is_told_after_the_import(opened, newts, tmp_path, monkeypatch):
    for image in newts.images[:2]:
        image.path.unlink()
    rest = replace(newts, annotations=newts.annotations[2:])
    path = write(rest, tmp_path)
    file = json.loads(path.read_text())
    file["images"] += [
        {"id": image.id, "file_name": image.path.as_posix(), "width": 71, "height": 53}
        for image in newts.images[:2]
    ]
    path.write_text(json.dumps(file))
    ask(opened, monkeypatch, path)
    opened.wait(lambda: "Imported 13 images" in opened.notice)
    assert "2 of 13 images are not there; none has labels. For example: " in opened.notice
    assert "newt1.png." in opened.notice


def test_doubts_are_shown_and_the_import_is_one_step_that_can_be_undone(
    opened, newts, tmp_path, monkeypatch, qtbot
):
    ask(opened, monkeypatch, write(newts.moved(0, -30), tmp_path))
    dialog = dialog_of(opened)
    (frame,) = dialog.findChildren(FindingFrame)
    assert frame.property("severity") == "warning"
    assert any("39 keypoints lie outside the image" in text for text in texts(frame))
    assert any("13 images, 13 of them labelled" in text for text in texts(dialog))
    assert not len(opened.workspace.images)
    assert not dialog.moves.isVisible()
    qtbot.mouseClick(dialog.accept_button, LEFT)
    opened.wait(lambda: len(opened.workspace.labels.labelled_image_ids) == 13)
    opened.wait_for_image()
    opened.wait(dialog.isHidden)
    back_to(opened)
    opened.undo()
    assert not opened.workspace.labels.labelled_image_ids
    opened.redo()
    assert len(opened.workspace.labels.labelled_image_ids) == 13


@pytest.mark.parametrize("by_key", [True, False])
def test_a_refused_import_changes_nothing(opened, newts, tmp_path, monkeypatch, qtbot, by_key):
    ask(opened, monkeypatch, write(newts.moved(0, -30), tmp_path))
    dialog = dialog_of(opened)
    if by_key:
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        qtbot.mouseClick(dialog.cancel_button, LEFT)
    assert dialog.isHidden()
    assert not len(opened.workspace.images)
    assert opened.workspace.importing.pending is None


def test_errors_have_to_be_imported_on_purpose(opened, newts, tmp_path, monkeypatch, qtbot):
    """Enter cancels; the button says what it does."""
    path = write(change_all(newts, lambda xy: xy / (71, 53)), tmp_path)
    ask(opened, monkeypatch, path)
    dialog = dialog_of(opened)
    assert dialog.accept_button.text() == "Import anyway"
    opened.wait(lambda: dialog.cancel_button.isDefault())
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isHidden()
    assert not len(opened.workspace.images)
    ask(opened, monkeypatch, path)
    qtbot.mouseClick(dialog_of(opened).accept_button, LEFT)
    opened.wait(lambda: len(opened.workspace.images) == 13)


def test_positions_are_moved_as_the_report_suggests(opened, newts, tmp_path, monkeypatch, qtbot):
    edges = BODY.copy()
    edges[3:] = (0, 20), (70, 52)
    whole = change(change_all(newts, np.round), 0, xy=np.round(edges))
    ask(opened, monkeypatch, write(whole.moved(1, 1), tmp_path))
    dialog = dialog_of(opened)
    assert dialog.moves.text() == "Move all positions by (−1, −1) px"
    qtbot.mouseClick(dialog.moves, LEFT, pos=QPoint(9, dialog.moves.height() // 2))
    qtbot.mouseClick(dialog.accept_button, LEFT)
    opened.wait_for_image()
    np.testing.assert_array_equal(opened.annotation.xy, np.round(edges))


def test_what_says_only_that_it_is_labelled_is_taken_as_visible(
    opened, newts, tmp_path, monkeypatch, qtbot
):
    ones = tuple(replace(each, visibility=np.array([1, 1, 0, 1, 1])) for each in newts.annotations)
    path = write(replace(newts, annotations=ones), tmp_path)
    ask(opened, monkeypatch, path)
    dialog = dialog_of(opened)
    assert dialog.all_visible.isVisible()
    assert not dialog.moves.isVisible()
    qtbot.mouseClick(dialog.all_visible, LEFT, pos=QPoint(9, dialog.all_visible.height() // 2))
    qtbot.mouseClick(dialog.accept_button, LEFT)
    opened.wait_for_image()
    assert opened.annotation.visibility.tolist() == [2, 2, 0, 2, 2]


def test_a_long_look_shows_how_far_it_is_and_can_be_stopped(
    opened, newts, tmp_path, monkeypatch, qtbot
):
    held = HeldWork()
    monkeypatch.setattr(formats, "check_dataset", lambda *_, report, **__: held.run(report))
    ask(opened, monkeypatch, write(newts, tmp_path))
    dialog = opened.window.import_dialog
    opened.wait(lambda: held.has_begun() and dialog.isVisible())
    assert any("labels.json" in text for text in texts(dialog))
    assert not dialog.accept_button.isVisible()
    qtbot.mouseClick(dialog.cancel_button, LEFT)
    assert dialog.isHidden()
    held.let_go()
    opened.wait(lambda: held.ended)
    assert held.ended == ["_Stopped"]
    assert not len(opened.workspace.images)


def test_a_window_that_is_closed_while_it_stores_keeps_the_whole_import(
    opened, newts, empty, tmp_path, monkeypatch, qtbot
):
    begun, go_on = threading.Event(), threading.Event()
    import_dataset = Project.import_dataset

    def slow(*args, **options):
        begun.set()
        assert go_on.wait(20)
        return import_dataset(*args, **options)

    monkeypatch.setattr(Project, "import_dataset", slow)
    ask(opened, monkeypatch, write(newts.moved(0, -30), tmp_path))
    dialog = dialog_of(opened)
    qtbot.mouseClick(dialog.accept_button, LEFT)
    opened.wait(begun.is_set)
    assert any("Storing labels.json" in text for text in texts(dialog))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    threading.Timer(0.2, go_on.set).start()
    opened.window.close()
    with Project.open(empty) as stored:
        assert len(stored.labelled_image_ids()) == 13
        assert stored.undo_label == "Import labels.json"


def test_a_file_that_cannot_be_read_is_told_in_the_notice(opened, tmp_path, monkeypatch):
    (tmp_path / "labels.json").write_text("[]")
    ask(opened, monkeypatch, tmp_path / "labels.json")
    opened.wait(lambda: "not a COCO keypoints file" in opened.notice)
    assert opened.window.import_dialog.isHidden()


# Dropping


def drag(studio, paths):
    """Over the canvas, as far as the hint; returns the data and the place."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    target = studio.canvas.viewport()
    place = QPoint(300, 200)
    plain = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, *plain)
    QApplication.sendEvent(target, enter)
    if enter.isAccepted():
        move = QDragMoveEvent(place, Qt.DropAction.CopyAction, *plain)
        QApplication.sendEvent(studio.window, move)
        assert move.isAccepted()
    return enter.isAccepted(), plain


def drop(studio, paths):
    is_accepted, plain = drag(studio, paths)
    assert is_accepted
    event = QDropEvent(QPoint(300, 200), Qt.DropAction.CopyAction, *plain)
    QApplication.sendEvent(studio.window, event)
    assert event.isAccepted()


def test_files_and_folders_are_imported_where_they_are_dropped(opened, newts, tmp_path):
    (tmp_path / "more").mkdir()
    extra = tmp_path / "more" / "extra.png"
    extra.write_bytes(newts.images[0].path.read_bytes())
    paths = [write(newts, tmp_path), tmp_path / "more"]
    hint = opened.window.drop_hint
    drag(opened, paths)
    assert hint.isVisible()
    assert "Drop to import 2 files and folders into newts.kps" in texts(hint)
    drop(opened, paths)
    assert hint.isHidden()
    opened.wait(lambda: len(opened.workspace.images) == 14)
    assert len(opened.workspace.labels.labelled_image_ids) == 13
    opened.undo()
    assert not opened.workspace.labels.labelled_image_ids


def test_the_hint_goes_when_the_drag_leaves(opened, newts):
    drag(opened, [newts.images[0].path])
    assert opened.window.drop_hint.isVisible()
    QApplication.sendEvent(opened.window, QDragLeaveEvent())
    assert opened.window.drop_hint.isHidden()
    assert not len(opened.workspace.images)


def test_a_project_is_opened_where_it_is_dropped(studio, project):
    drag(studio, [project])
    assert "Drop to open small.kps" in texts(studio.window.drop_hint)
    drop(studio, [project])
    studio.wait_for_image()
    assert studio.workspace.path == project


def test_without_a_project_a_drop_begins_one(studio, newts):
    path = newts.images[0].path
    drag(studio, [path])
    assert f"Drop to begin a project with {path.name}" in texts(studio.window.drop_hint)
    drop(studio, [path])
    dialog = studio.window.findChild(NewProjectDialog)
    assert dialog.sources == (path,)
    dialog.reject()


def test_what_is_no_file_is_not_taken(opened):
    data = QMimeData()
    data.setText("hello")
    enter = QDragEnterEvent(
        QPoint(300, 200), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(opened.window, enter)
    assert opened.window.drop_hint.isHidden()


def test_f5_finds_what_has_appeared_in_an_imported_folder(studio, project, tmp_path):
    studio.open(project)
    folder = tmp_path / "night"
    folder.mkdir()
    shutil.copy(tmp_path / "image0.png", folder / "a.png")
    studio.workspace.import_sources([folder])
    studio.wait(lambda: studio.workspace.total_images == 4)
    shutil.copy(tmp_path / "image1.png", folder / "b.png")
    QTest.keyClick(studio.window, Qt.Key.Key_F5)
    studio.wait(lambda: studio.workspace.total_images == 5)
    assert {"a.png", "b.png"} < {image.path.name for image in studio.workspace.images}
