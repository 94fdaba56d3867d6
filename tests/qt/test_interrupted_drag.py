"""What else happens while the mouse holds something on the canvas."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from studio import LEFT, MIDDLE, POSE, RIGHT, add_stored_run

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
BELOW = np.add(POSE, (0, 50))


@pytest.fixture
def two(studio, project):
    """The first image with two subjects, the second of which lies below the first."""
    studio.open(project)
    labels = studio.workspace.labels
    other = Annotation("other", studio.annotation.image_id, BELOW, np.array([2, 2, 2]))
    assert labels.apply(Edit.change("add", None, other))
    return studio


def places(studio):
    return {each.id: each.xy.tolist() for each in studio.workspace.labels.annotations}


def test_deleting_what_is_dragged_moves_no_other_subject(two):
    two.press(*POSE[1])
    two.move(POSE[1][0] + 20, POSE[1][1] + 5)
    two.key(Qt.Key.Key_Delete)
    two.release(POSE[1][0] + 20, POSE[1][1] + 5)
    assert places(two) == {"other": BELOW.tolist()}


def test_undo_in_the_middle_of_a_drag_drops_it(studio, project):
    studio.open(project)
    studio.drag(POSE[0], (50, 20))
    studio.press(50, 20)
    studio.move(90, 90)
    studio.undo()
    studio.release(90, 90)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
    studio.redo()
    np.testing.assert_allclose(studio.annotation.xy[0], (50, 20), atol=0.3)


def test_a_key_for_the_visibility_does_not_end_the_drag(two):
    two.press(*POSE[1])
    two.move(70, 50)
    two.key(Qt.Key.Key_1)
    two.move(72, 55)
    two.release(72, 55)
    moved = two.workspace.labels.find("label1")
    np.testing.assert_allclose(moved.xy[1], (72, 55), atol=0.3)
    assert moved.visibility.tolist() == [2, 1, 1]


def test_panning_with_the_middle_button_does_not_let_go_and_does_not_hold_on(studio, project):
    studio.open(project)
    viewport = studio.canvas.viewport()
    studio.wheel(studio.at(80, 60), 5)
    studio.press(*POSE[1])
    studio.move(85, 62)
    at = studio.at(85, 62)
    QTest.mousePress(viewport, MIDDLE, pos=at)
    QTest.mouseMove(viewport, at + QPoint(30, 10))
    QTest.mouseRelease(viewport, LEFT, pos=at + QPoint(30, 10))
    QTest.mouseRelease(viewport, MIDDLE, pos=at + QPoint(30, 10))
    stored = studio.annotation.xy.copy()
    studio.move(100, 100)
    studio.click(30, 100)
    np.testing.assert_array_equal(studio.annotation.xy, stored)
    assert studio.canvas.tool.held is None


def test_the_right_button_changes_nothing_while_the_left_one_holds(studio, project):
    studio.open(project)
    studio.press(*POSE[1])
    studio.move(90, 70)
    QTest.mousePress(studio.canvas.viewport(), RIGHT, pos=studio.at(90, 70))
    QTest.mouseRelease(studio.canvas.viewport(), RIGHT, pos=studio.at(90, 70))
    studio.release(90, 70)
    np.testing.assert_allclose(studio.annotation.xy[1], (90, 70), atol=0.3)
    assert studio.annotation.visibility.tolist() == [2, 2, 1]


def test_the_keypoint_that_is_placed_is_the_one_that_is_shown_when_a_key_skips(studio, project):
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.press(30, 40)
    studio.key(Qt.Key.Key_X)
    assert studio.canvas.tool.drag.keypoint == 1
    studio.release(30, 40)
    assert studio.annotation.visibility.tolist() == [0, 2, 0]


def test_o_marks_what_is_being_placed_and_places_nothing_twice(studio, project):
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.press(30, 40)
    studio.move(33, 44)
    studio.key(Qt.Key.Key_O)
    studio.release(33, 44)
    assert studio.annotation.visibility.tolist() == [1, 0, 0]


def test_tab_while_a_frame_is_turned_changes_no_other_subject(two):
    two.workspace.selection.select_annotation("label1")
    two.key(Qt.Key.Key_R)
    middle = (POSE.min(axis=0) + POSE.max(axis=0)) / 2
    two.press(*middle)
    two.move(*(np.add(middle, (9, 4))))
    two.key(Qt.Key.Key_Tab)
    two.release(*(np.add(middle, (9, 4))))
    assert places(two)["other"] == BELOW.tolist()


def test_a_ghost_that_is_answered_anew_while_it_is_dragged_is_still_the_same_one(studio, project):
    first, second = np.add(POSE, (3, 50)), np.add(POSE, (9, 4))
    add_stored_run(project, {2: first})
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.wait(lambda: studio.workspace.inference.subjects)
    studio.press(*first[1])
    studio.move(*(first[1] + (12, 6)))
    inference = studio.workspace.inference
    inference.subjects = (replace(inference.subjects[0], xy=second), *inference.subjects)
    inference.predictions_changed.emit()
    studio.release(*(first[1] + (12, 6)))
    labelled = studio.workspace.labels.annotations
    assert all(np.allclose(each.xy[0], first[0]) for each in labelled)


def test_closing_the_window_in_the_middle_of_a_drag_changes_nothing(open_studio, project):
    studio = open_studio()
    studio.open(project)
    studio.press(*POSE[1])
    studio.move(95, 75)
    studio.window.close()
    again = open_studio()
    again.open(project)
    np.testing.assert_array_equal(again.annotation.xy, POSE)


def test_another_image_in_the_middle_of_a_drag_leaves_both_as_they_are(studio, project):
    studio.open(project)
    studio.press(*POSE[1])
    studio.move(95, 75)
    studio.next_image()
    studio.release(95, 75)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
    studio.key(Qt.Key.Key_A)
    studio.wait_for_image()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_a_release_that_a_dialog_has_had_ends_the_drag(studio, project):
    studio.open(project)
    studio.press(*POSE[1])
    studio.move(95, 75)
    at = studio.at(99, 79)
    viewport = studio.canvas.viewport()
    no = Qt.MouseButton.NoButton
    everywhere = QPointF(viewport.mapToGlobal(at))
    none = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), everywhere, no, no, none)
    QApplication.sendEvent(viewport, event)
    assert studio.canvas.tool.held is None
    studio.release(99, 79)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
