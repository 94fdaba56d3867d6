"""The way of who has no mouse: by Tab, Return and Escape, and always seeing where one is."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QTableWidget,
)
from studio import SIZE, make_project

from kpstudio.core.errors import UserProblem

DIALOGS = {
    "new": "folder",
    "edit_skeleton": "add",
    "export": "close",
    "settings": "reset_all",
    "shortcuts": "chip",
}


def opened(studio, name):
    studio.window.actions_by_name[name].trigger()
    (dialog,) = (each for each in studio.window.findChildren(QDialog) if each.isVisible())
    studio.wait(dialog.isActiveWindow)
    return dialog


def closed(studio, dialog):
    """Without a screen nobody gives the window behind a dialog the keyboard."""
    dialog.reject()
    QApplication.sendPostedEvents(dialog, 0)
    studio.window.activateWindow()
    studio.wait(studio.window.isActiveWindow)


def picture(top, control):
    """What is seen of a control, and a little around it."""
    corner = control.mapTo(top, QPoint())
    area = QRect(corner, control.size()).adjusted(-4, -4, 4, 4).intersected(top.rect())
    image = top.grab(area).toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return pixels[..., :3].astype(int)


def walk_by_tab(studio, top):
    """Every control that Tab stops at, once round, and those of them that look as without it.

    Some dozens of pixels have to look clearly other.
    """
    studio.key(Qt.Key.Key_Tab)
    stops, unseen = [], []
    while (control := QApplication.focusWidget()) not in stops:
        stops.append(control)
        if control is getattr(top, "canvas", None):
            # There Tab goes from subject to subject.
            break
        assert top.isAncestorOf(control)
        assert len(stops) < 60
        with_focus = picture(top, control)
        studio.key(Qt.Key.Key_Tab)
        if QApplication.focusWidget() is control:
            control.clearFocus()
        difference = np.abs(with_focus - picture(top, control)).max(axis=-1)
        if int((difference > 40).sum()) < 40:
            unseen.append((type(control).__name__, control.objectName()))
    return stops, unseen


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_seen_which_control_of_the_window_has_the_focus(studio, project, theme):
    studio.window.choose_theme(theme)
    studio.window.welcome.setFocus()
    stops, unseen = walk_by_tab(studio, studio.window)
    assert "Try the demo" in [each.text() for each in stops if isinstance(each, QPushButton)]
    assert unseen == []
    studio.open(project)
    studio.window.images.search.setFocus()
    stops, unseen = walk_by_tab(studio, studio.window)
    assert stops[-1] is studio.canvas
    assert unseen == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_seen_which_control_of_a_dialog_has_the_focus(studio, project, theme):
    studio.window.choose_theme(theme)
    studio.open(project)
    for name in DIALOGS:
        dialog = opened(studio, name)
        stops, unseen = walk_by_tab(studio, dialog)
        assert len(stops) > 3
        assert unseen == [], name
        closed(studio, dialog)


def test_tab_goes_through_what_is_seen_of_the_panels_and_is_caught_nowhere(studio, project):
    studio.open(project)
    studio.window.images.search.setFocus()
    names = []
    while not studio.canvas.hasFocus():
        focused = QApplication.focusWidget()
        assert not focused.visibleRegion().isEmpty(), focused.objectName()
        names.append(focused.objectName())
        assert len(names) < 40, names
        studio.key(Qt.Key.Key_Tab)
    assert {"search", "order", "image_list", "subjects", "keypoints", "train"} <= set(names)
    # They lie behind other tabs.
    assert not {"brightness", "history", "decoded", "issues"} & set(names)


def test_return_presses_the_button_that_has_the_focus(studio, project, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    studio.open(project)
    for name, button in DIALOGS.items():
        dialog = opened(studio, name)
        pressed = []
        for each in dialog.findChildren(QPushButton):
            each.clicked.connect(
                lambda _=False, each=each, to=pressed: to.append(each.objectName())
            )
        dialog.findChild(QPushButton, button).setFocus()
        studio.key(Qt.Key.Key_Return)
        assert pressed == [button], name
        closed(studio, dialog)


def test_return_in_the_search_of_shortcuts_goes_to_what_was_found(studio):
    dialog = opened(studio, "shortcuts")
    assert dialog.findChild(QLineEdit, "pattern").hasFocus()
    QTest.keyClicks(dialog.search, "redo")
    studio.key(Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.findChild(QTableWidget, "shortcuts").hasFocus()
    assert dialog.chosen.name == "redo"
    studio.key(Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_subject_is_placed_and_moved_without_a_mouse(studio, tmp_path):
    studio.open(make_project(tmp_path, images=1, labelled=0))
    shift = Qt.KeyboardModifier.ShiftModifier
    studio.key(Qt.Key.Key_Insert)
    middle = studio.annotation.xy[0].copy()
    np.testing.assert_allclose(middle, [(SIZE[0] - 1) / 2, (SIZE[1] - 1) / 2], atol=0.5)
    studio.key(Qt.Key.Key_Left, shift)
    studio.key(Qt.Key.Key_Down)
    studio.key(Qt.Key.Key_Insert)
    studio.key(Qt.Key.Key_Up, shift)
    studio.key(Qt.Key.Key_X)
    moved = np.array([[-10, 1], [-10, -9], [np.nan, np.nan]])
    np.testing.assert_allclose(studio.annotation.xy, middle + moved)
    studio.key(Qt.Key.Key_P)
    studio.key(Qt.Key.Key_Insert)
    assert studio.annotation.visibility.tolist() == [2, 2, 2]
    studio.key(Qt.Key.Key_Insert)
    assert studio.notice.startswith("No keypoint is being placed.")
    for _ in range(6):
        studio.undo()
    assert studio.workspace.labels.annotations == ()


def test_escape_on_the_canvas_closes_the_notice_when_nothing_else_is_to_be_ended(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_M)
    studio.workspace.problem_raised.emit(UserProblem("No.", "Why not?"))
    studio.key(Qt.Key.Key_Escape)
    assert studio.notice == "No. Why not?"
    studio.key(Qt.Key.Key_Escape)
    assert studio.notice == ""
