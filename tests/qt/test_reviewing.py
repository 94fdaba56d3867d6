"""Reviewing images and asking about them, with real keys and clicks in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget
from studio import LEFT, POSE, make_project

from kpstudio.gui.canvas.pins import HALF
from kpstudio.store.project import Project

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PLACE = (60.0, 95.0)


@pytest.fixture
def asked(project):
    """Issue 1 is pinned on the second image, 2 is about the third; Bob has answered the first."""
    with Project.open(project, author="Ann") as opened:
        ids = [image.id for image in opened.images()]
        opened.issues.open(ids[1], "Which <ear>?", xy=PLACE)
        opened.issues.open(ids[2], "Blurred?")
    with Project.open(project, author="Bob") as opened:
        opened.issues.reply(1, "The left one.")
    return project


def stored(studio):
    with Project.open(studio.workspace.path, read_only=True) as project:
        return project.issues.all()


def reviews(studio):
    with Project.open(studio.workspace.path, read_only=True) as project:
        return [image.review for image in project.images()]


def position(studio):
    return studio.workspace.position(studio.workspace.selection.image_id)


def beside(studio, xy, dx, dy):
    """Click that many pixels of the screen beside a place of the image."""
    spot = studio.at(*xy) + QPoint(round(dx), round(dy))
    QTest.mouseClick(studio.canvas.viewport(), LEFT, pos=spot)


def corner(studio, xy):
    beside(studio, xy, HALF, HALF)


def words(panel):
    model = panel.table.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_labels_are_accepted_rejected_and_taken_back_by_keys(studio, project):
    studio.open(project)
    label = studio.window.status_line.review
    assert label.text == "not reviewed"
    studio.key(Qt.Key.Key_Return, CTRL)
    studio.wait_for_image()
    assert position(studio) == 1
    studio.key(Qt.Key.Key_Backspace, CTRL)
    assert (position(studio), label.text) == (1, "rejected")
    assert reviews(studio) == ["accepted", "rejected", ""]
    studio.key(Qt.Key.Key_Backspace, CTRL | SHIFT)
    assert label.text == "not reviewed"
    studio.key(Qt.Key.Key_Return, CTRL | SHIFT)
    studio.wait_for_image()
    studio.key(Qt.Key.Key_Return, CTRL)
    assert (position(studio), label.text) == (2, "accepted")
    assert "last image" in studio.notice
    assert reviews(studio) == ["accepted", "ready", "accepted"]


def test_the_list_tells_review_and_issues_in_words_and_by_signs(studio, asked):
    studio.open(asked)
    view = studio.window.images.view
    said = Qt.ItemDataRole.AccessibleTextRole
    model = view.model()
    before = view.grab(view.visualRect(model.index(0, 0))).toImage()
    seen = [before]
    for key, modifiers, state in (
        (Qt.Key.Key_Backspace, CTRL, "rejected"),
        (Qt.Key.Key_Return, CTRL, "accepted"),
        (Qt.Key.Key_Return, CTRL | SHIFT, "ready for review"),
    ):
        studio.workspace.open_image_at(0)
        studio.key(key, modifiers)
        studio.workspace.open_image_at(0)
        assert model.data(model.index(0, 0), said) == f"image0.png, labelled, {state}"
        picture = view.grab(view.visualRect(model.index(0, 0))).toImage()
        assert all(picture != other for other in seen)
        seen.append(picture)
    assert model.data(model.index(1, 0), said).endswith("labelled, has an open issue")
    studio.workspace.issues.choose(1)
    studio.workspace.issues.close_chosen()
    assert model.data(model.index(1, 0), said).endswith("labelled")


def test_the_list_shows_what_is_ready_and_what_has_issues(studio, asked):
    studio.open(asked)
    studio.next_image()
    studio.key(Qt.Key.Key_Return, CTRL | SHIFT)
    studio.window.actions_by_name["find_ready"].trigger()
    studio.wait(lambda: [each.name for each in studio.workspace.images] == ["image1.png"])
    studio.window.actions_by_name["find_issues"].trigger()
    studio.wait(lambda: len(studio.workspace.images) == 2)
    assert studio.window.images.search.text() == "has:issue"
    studio.workspace.issues.choose(1)
    studio.workspace.issues.close_chosen()
    assert len(studio.workspace.images) == 2, "nothing vanishes from under the hands"
    studio.window.actions_by_name["find_issues"].trigger()
    studio.wait(lambda: [each.name for each in studio.workspace.images] == ["image2.png"])


def test_a_question_is_pinned_by_a_key_a_click_and_words(studio, project):
    studio.open(project)
    panel = studio.window.issues
    studio.key(Qt.Key.Key_I)
    assert studio.canvas.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    studio.click(*PLACE)
    studio.wait(panel.field.hasFocus)
    QTest.keyClicks(panel.field, "Dead end")
    QTest.keyClick(panel.field, Qt.Key.Key_Return, SHIFT)
    QTest.keyClicks(panel.field, "here? Now")
    studio.key(Qt.Key.Key_Backspace, CTRL)
    studio.key(Qt.Key.Key_Return, SHIFT)
    assert stored(studio) == ()
    studio.key(Qt.Key.Key_Return)
    (issue,) = stored(studio)
    assert issue.question == "Dead end\nhere?"
    assert issue.xy == pytest.approx(PLACE, abs=0.2)
    assert words(panel) == ["#1  Dead end"]
    assert panel.field.toPlainText() == ""
    assert np.array_equal(studio.annotation.xy, POSE)
    assert reviews(studio) == ["", "", ""], "these keys were meant for the field"


def test_a_click_on_a_pin_shows_its_thread_with_authors_and_leaves_labels_alone(studio, asked):
    studio.open(asked)
    studio.next_image()
    panel = studio.window.issues
    assert panel.visibleRegion().isEmpty()
    corner(studio, PLACE)
    studio.wait(lambda: not panel.visibleRegion().isEmpty())
    text = panel.conversation.toPlainText()
    assert "Ann" in text
    tip = panel.table.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "<p>Which &lt;ear&gt;?</p><p>The left one.</p>"
    assert text.index("Which <ear>?") < text.index("Bob") < text.index("The left one.")
    assert panel.table.currentIndex().row() == 0
    assert np.array_equal(studio.annotation.xy, POSE)


def test_the_middle_of_a_pin_is_hollow(studio, project):
    studio.open(project)
    empty = studio.canvas.grab().toImage()
    studio.workspace.issues.begin_draft(PLACE)
    assert studio.workspace.issues.say("What?")
    pinned = studio.canvas.grab().toImage()
    spot = studio.at(*PLACE)
    for dx in range(-7, 8):
        for dy in range(-7, 8):
            at = spot + QPoint(dx, dy)
            assert pinned.pixel(at) == empty.pixel(at)
    edge = spot + QPoint(round(HALF), round(HALF))
    assert pinned.pixel(edge) != empty.pixel(edge)


def test_a_keypoint_under_the_corner_of_a_pin_is_still_the_one_that_is_dragged(studio, project):
    studio.open(project)
    scale = studio.canvas.transform().m11()
    studio.workspace.issues.begin_draft((POSE[1][0] - HALF / scale, POSE[1][1]))
    studio.workspace.issues.say("Right here?")
    studio.workspace.issues.choose(None)
    studio.drag(tuple(POSE[1]), (90, 70))
    assert studio.annotation.xy[1] == pytest.approx([90, 70], abs=0.2)
    assert studio.workspace.issues.chosen_id is None


def test_clicks_that_place_keypoints_go_through_the_corners_of_a_pin(studio, asked):
    studio.open(asked)
    studio.workspace.open_image_at(2)
    studio.wait_for_image()
    studio.workspace.issues.begin_draft(PLACE)
    studio.workspace.issues.say("Nothing?")
    studio.workspace.issues.choose(None)
    corner(studio, PLACE)
    assert studio.annotation.visibility.tolist() == [2, 0, 0]
    beside(studio, PLACE, -HALF - 8, -HALF - 8)
    assert studio.workspace.issues.chosen_id == 3
    assert studio.annotation.visibility.tolist() == [2, 0, 0]


def test_an_issue_is_read_answered_closed_and_reopened_by_the_keyboard_alone(studio, asked):
    studio.open(asked)
    panel = studio.window.issues
    studio.key(Qt.Key.Key_J)
    studio.wait_for_image()
    assert (position(studio), studio.workspace.issues.chosen_id) == (1, 1)
    studio.key(Qt.Key.Key_J)
    assert (position(studio), studio.workspace.issues.chosen_id) == (2, 2)
    studio.key(Qt.Key.Key_J)
    assert studio.workspace.issues.chosen_id == 1, "after the last comes the first"
    panel.table.setFocus()
    studio.key(Qt.Key.Key_Tab)
    assert panel.conversation.hasFocus()
    studio.key(Qt.Key.Key_Tab)
    assert panel.field.hasFocus()
    QTest.keyClicks(panel.field, "Agreed.")
    studio.key(Qt.Key.Key_Return)
    assert [each.text for each in stored(studio)[0].comments][-1] == "Agreed."
    studio.key(Qt.Key.Key_Tab)
    studio.key(Qt.Key.Key_Tab)
    assert panel.settle.hasFocus()
    studio.key(Qt.Key.Key_Space)
    assert not stored(studio)[0].is_open
    assert panel.settle.text() == "Reopen"
    assert words(panel) == ["#2  Blurred?"]
    studio.key(Qt.Key.Key_Space)
    assert stored(studio)[0].is_open
    assert len(words(panel)) == 2


def test_the_rows_of_the_list_open_the_images_of_issues(studio, asked):
    studio.open(asked)
    studio.window.findChild(QDockWidget, "issues").raise_()
    panel = studio.window.issues
    studio.wait(lambda: not panel.visibleRegion().isEmpty())
    spot = panel.table.visualRect(panel.table.model().index(1, 0)).center()
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=spot)
    assert position(studio) == 2
    assert "Blurred?" in panel.conversation.toPlainText()
    studio.key(Qt.Key.Key_Up)
    assert position(studio) == 1
    panel.scope.setFocus()
    studio.key(Qt.Key.Key_Down)
    assert words(panel) == ["#1  Which <ear>?"]
    QTest.mouseClick(panel.settle, LEFT)
    assert words(panel) == ["#1  Which <ear>? (closed)"]


def test_a_question_may_be_about_the_selected_keypoint_or_the_whole_image(studio, project):
    studio.open(project)
    studio.click(*POSE[2])
    studio.key(Qt.Key.Key_I, SHIFT)
    studio.wait(studio.window.issues.field.hasFocus)
    QTest.keyClicks(studio.window.issues.field, "Sure?")
    studio.key(Qt.Key.Key_Return)
    studio.key(Qt.Key.Key_Escape)
    assert studio.canvas.hasFocus()
    studio.next_image()
    studio.key(Qt.Key.Key_I, SHIFT)
    QTest.keyClicks(studio.window.issues.field, "Keep it?")
    studio.key(Qt.Key.Key_Return)
    first, second = stored(studio)
    assert first.xy == tuple(POSE[2])
    assert (second.xy, second.image_id) == (None, studio.workspace.selection.image_id)


def test_escape_asks_nothing_and_pins_nothing(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_I)
    studio.key(Qt.Key.Key_Escape)
    studio.click(*PLACE)
    assert studio.workspace.issues.draft is None
    studio.key(Qt.Key.Key_I)
    studio.click(*PLACE)
    studio.key(Qt.Key.Key_Escape)
    assert studio.workspace.issues.draft is None
    assert studio.canvas.hasFocus()
    studio.key(Qt.Key.Key_I)
    studio.click(*PLACE)
    studio.workspace.step_image(1)
    assert studio.workspace.issues.draft is None, "it was about the other image"
    assert stored(studio) == ()


def test_a_pin_beside_the_image_lands_on_its_border(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_I)
    studio.click(165, 60)
    assert studio.workspace.issues.draft.xy == pytest.approx((159.5, 60), abs=0.2)


def test_what_cannot_be_stored_is_said_and_the_words_stay(studio, asked):
    studio.open(asked)
    studio.next_image()
    corner(studio, PLACE)
    panel = studio.window.issues
    studio.workspace._project.issues.remove(1)
    QTest.keyClicks(panel.field, "Too late?")
    QTest.mouseClick(panel.send, LEFT)
    assert "no issue 1" in studio.notice
    assert panel.field.toPlainText() == "Too late?"


def test_a_review_that_cannot_be_stored_is_not_shown(studio, project):
    studio.open(project)
    studio.workspace._project.database.read_only = True
    studio.key(Qt.Key.Key_Return, CTRL)
    assert "The review was not stored" in studio.notice
    assert (position(studio), studio.window.status_line.review.text) == (0, "not reviewed")
    studio.key(Qt.Key.Key_I, SHIFT)
    QTest.keyClicks(studio.window.issues.field, "Why?")
    studio.key(Qt.Key.Key_Return)
    assert "The question was not stored" in studio.notice
    assert studio.window.issues.field.toPlainText() == "Why?"
    assert studio.workspace.issues.draft is not None


def test_another_project_has_other_issues(studio, asked, tmp_path):
    studio.open(asked)
    studio.key(Qt.Key.Key_J)
    folder = tmp_path / "second"
    folder.mkdir()
    studio.open(make_project(folder))
    assert words(studio.window.issues) == []
    assert studio.workspace.issues.chosen is None
    studio.key(Qt.Key.Key_J)
    assert "No issue is open" in studio.notice
