"""What a person would dislike to see: cut words, a title said twice, what cannot be reached."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialogButtonBox,
    QDockWidget,
    QLabel,
    QToolButton,
    QWidget,
)
from studio import POSE, SKELETON, add_stored_run, make_project

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.gui.dock_titles import Grip
from kpstudio.gui.elided_label import ElidedLabel
from kpstudio.gui.placing_order_dialog import PlacingOrderDialog
from kpstudio.store.project import Project
from kpstudio.workspace.predicted_subject import PredictedSubject

from .test_run_panel import path as path

PANELS = (
    "images",
    "keypoints",
    "heatmaps",
    "appearance",
    "issues",
    "decoder",
    "training",
    "history",
    "effort",
)


def show_panel(studio, name):
    dock = studio.window.findChild(QDockWidget, name)
    dock.show()
    dock.raise_()
    studio.wait(lambda: not dock.widget().visibleRegion().isEmpty())
    QApplication.processEvents()
    return dock.widget()


def cut_texts(root):
    """Labels and buttons that have less room than their text needs."""
    found = []
    for each in root.findChildren(QWidget):
        if not each.isVisibleTo(root) or isinstance(each, ElidedLabel | QToolButton):
            continue
        if isinstance(each, QLabel) and each.text():
            has_room = (
                each.height() >= each.heightForWidth(each.width())
                if each.wordWrap()
                else each.width() >= each.sizeHint().width()
            )
        elif isinstance(each, QAbstractButton) and each.text():
            has_room = each.width() >= each.minimumSizeHint().width()
        else:
            continue
        if not has_room:
            found.append(each.text())
    return found


def test_no_text_of_a_panel_is_cut_in_a_small_window(studio, path):
    studio.open(path)
    assert studio.window.size() == QSize(1280, 720)
    found = {name: cut_texts(show_panel(studio, name)) for name in PANELS}
    assert {name: texts for name, texts in found.items() if texts} == {}
    panel = show_panel(studio, "history")
    panel.restore_project.setFixedWidth(20)
    assert cut_texts(panel) == ["Restore project"]


def test_all_of_the_training_panel_can_be_scrolled_to(studio, path):
    studio.open(path)
    scrolled = show_panel(studio, "training")
    run, bar = studio.window.training.curves, scrolled.verticalScrollBar()
    before = bar.maximum()
    studio.wait(lambda: run.curves is not None and bar.maximum() > before)
    for place, part in (
        (bar.minimum(), studio.window.training.button),
        (bar.minimum(), run.choice),
        (bar.maximum(), run.curves.loss),
        (bar.maximum(), run.curves.error),
    ):
        bar.setValue(place)
        inside = QRect(part.mapTo(scrolled.viewport(), QPoint()), part.size())
        assert scrolled.viewport().rect().contains(inside)
        assert part.height() >= part.minimumSizeHint().height()


def takes_wheel(field):
    """Turn the wheel over a field; what it does not take goes to the panel that scrolls."""
    at = field.rect().center()
    event = QWheelEvent(
        QPointF(at),
        QPointF(field.mapToGlobal(at)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)
    return event.isAccepted()


def test_scrolling_past_a_field_changes_nothing(studio, path):
    studio.open(path)
    show_panel(studio, "training")
    panel = studio.window.training
    for field, value in (
        (panel.minutes, panel.minutes.value),
        (panel.curves.choice, panel.curves.choice.currentIndex),
    ):
        before = value()
        assert not takes_wheel(field)
        assert value() == before
        field.setFocus()
        assert takes_wheel(field)
        assert value() != before


def test_many_subjects_leave_room_for_the_keypoints(studio, tmp_path):
    path = make_project(tmp_path, labelled=0)
    with Project.open(path) as project:
        for index in range(11):
            one = Annotation(
                f"s{index}", 1, POSE + index, np.full(3, 2), source="import:" + "x" * 50
            )
            project.apply(Edit.change("Add", None, one))
    studio.open(path)
    keypoints = studio.window.keypoints
    keypoints.resize(340, 660)
    assert keypoints.subjects.height() == pytest.approx(5 * 24 + 30, abs=12)
    keypoints.resize(340, 300)
    assert keypoints.subjects.height() <= 160
    assert keypoints.table.height() >= 90
    assert keypoints.subjects.columnWidth(0) > keypoints.subjects.columnWidth(2)


def test_a_panel_in_a_tab_has_a_grip_and_one_alone_has_its_title(studio, project):
    studio.open(project)
    docks = {each: studio.window.findChild(QDockWidget, each) for each in PANELS}
    has_grip = {each: isinstance(dock.titleBarWidget(), Grip) for each, dock in docks.items()}
    assert [name for name, grip in has_grip.items() if not grip] == ["images", "effort"]
    docks["training"].setFloating(True)
    studio.wait(lambda: docks["training"].titleBarWidget() is None)
    docks["history"].close()
    studio.wait(lambda: docks["decoder"].titleBarWidget() is None)
    docks["history"].show()
    studio.wait(lambda: isinstance(docks["decoder"].titleBarWidget(), Grip))
    docks["training"].setFloating(False)
    studio.wait(lambda: isinstance(docks["training"].titleBarWidget(), Grip))


@pytest.fixture
def decoded(studio, project):
    """A prediction, decoded in one way so far."""
    add_stored_run(project, {0: POSE})
    studio.open(project)
    inference = studio.workspace.inference
    scores = np.array([0.9, 0.8, 0.1])
    inference.subjects = (PredictedSubject(POSE.copy(), scores, Box(0, 0, 60, 40), 1.0),)
    inference.predictions_changed.emit()
    return inference


def test_the_names_in_the_table_of_decoded_keypoints_have_the_room(studio, decoded):
    table = studio.window.decoder.table
    show_panel(studio, "decoder")
    # There is no other decoder to compare with, and nothing is known of the doubt.
    assert [table.isColumnHidden(each) for each in range(5)] == [False, False, False, True, True]
    needed = max(table.fontMetrics().horizontalAdvance(name) for name in SKELETON.keypoints)
    assert table.columnWidth(0) > needed + 20
    decoded.previous = decoded.subjects
    decoded.subjects = tuple(decoded.subjects)
    decoded.predictions_changed.emit()
    assert not table.isColumnHidden(4)
    assert sum(table.columnWidth(each) for each in range(5)) <= table.viewport().width()


def test_the_buttons_that_close_the_order_of_placing_stand_together(studio, project):
    studio.open(project)
    studio.window.actions_by_name["placing_order"].trigger()
    dialog = studio.window.findChild(PlacingOrderDialog)
    box = dialog.findChild(QDialogButtonBox)
    kinds = QDialogButtonBox.ButtonRole
    roles = [box.buttonRole(each) for each in box.buttons()]
    assert set(roles) == {kinds.AcceptRole, kinds.RejectRole, kinds.ResetRole}
    for button in (dialog.up, dialog.down):
        assert button not in box.buttons()
        assert button.mapTo(dialog, QPoint()).y() < dialog.list.geometry().bottom()
    dialog.close()


def test_the_notes_on_the_canvas_are_not_below_the_hint_for_newcomers(studio, tmp_path):
    studio.open(make_project(tmp_path, images=2, labelled=0))
    canvas, hint = studio.canvas, studio.window.hints
    assert hint.isVisible()
    before = canvas.viewport().grab().toImage()
    studio.workspace.appearance.adjust(brightness=0.5)
    after = canvas.viewport().grab().toImage()
    place = QRect(10, 10, 120, 22)
    assert after.copy(place) != before.copy(place)
    assert not hint.geometry().intersects(place)
