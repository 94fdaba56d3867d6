"""Looking and labelling on the canvas, with real mouse and key events."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication
from studio import MIDDLE, POSE, RIGHT

from kpstudio.core.annotation import HUMAN
from kpstudio.core.edit import Edit
from kpstudio.store.project import Project


def test_the_wheel_zooms_at_the_cursor(studio, project):
    studio.open(project)
    spot = studio.at(30, 90)
    before = studio.canvas.image_position(spot.toPointF())
    scale = studio.canvas.transform().m11()
    studio.wheel(spot, 3)
    after = studio.canvas.image_position(spot.toPointF())
    assert studio.canvas.transform().m11() == pytest.approx(scale * 1.2**3)
    assert after.x() == pytest.approx(before.x(), abs=0.2)
    assert after.y() == pytest.approx(before.y(), abs=0.2)


@pytest.mark.parametrize("uses_space", [False, True])
def test_middle_button_and_space_drag_pan(studio, project, uses_space, qtbot):
    studio.open(project)
    start, by = studio.at(70, 100), QPoint(50, -30)
    held = studio.canvas.image_position(start.toPointF())
    if uses_space:
        qtbot.keyPress(studio.canvas, Qt.Key.Key_Space)
    studio.pull(start, by, Qt.MouseButton.LeftButton if uses_space else MIDDLE)
    now = studio.canvas.image_position((start + by).toPointF())
    assert (now.x(), now.y()) == pytest.approx((held.x(), held.y()), abs=0.2)
    assert np.array_equal(studio.annotation.xy, POSE)


def test_f_fits_the_whole_image(studio, project):
    studio.open(project)
    studio.wheel(studio.at(10, 10), 8)
    studio.key(Qt.Key.Key_F)
    viewport = studio.canvas.viewport().rect()
    assert viewport.contains(studio.at(-0.5, -0.5))
    assert viewport.contains(studio.at(159.5, 119.5))
    assert studio.at(159.5, 0).x() - studio.at(-0.5, 0).x() > 0.5 * viewport.width()


def test_a_keypoint_is_stored_when_the_button_is_released_and_not_before(studio, project):
    studio.open(project)
    studio.press(*POSE[1])
    studio.move(90, 70)
    assert np.array_equal(studio.annotation.xy, POSE)
    studio.release(90, 70)
    assert studio.annotation.xy[1] == pytest.approx([90, 70], abs=0.2)
    assert np.array_equal(studio.annotation.xy[[0, 2]], POSE[[0, 2]])
    assert studio.annotation.source == HUMAN
    with Project.open(project, read_only=True) as stored:
        assert stored.annotations(studio.workspace.selection.image_id)[0] == studio.annotation


def test_a_moved_keypoint_keeps_who_it_is_and_names_who_moved_it(studio, project):
    with Project.open(project) as opened:
        (old,) = opened.annotations(1)
        known = replace(
            old, track="Minnie", extra='{"area": 71}', author="Ann", source="import:coco"
        )
        opened.apply(Edit.change("Name", old, known))
    studio.open(project)
    studio.drag(POSE[1], (90, 70))
    moved = studio.annotation
    assert (moved.track, moved.extra, moved.source) == ("Minnie", '{"area": 71}', HUMAN)
    with Project.open(project, read_only=True) as stored:
        assert moved.author == stored.author != "Ann"


def test_a_click_alone_moves_nothing(studio, project):
    studio.open(project)
    studio.click(POSE[0][0] + 1, POSE[0][1])
    assert np.array_equal(studio.annotation.xy, POSE)
    assert studio.workspace.selection.keypoint == 0


def test_escape_drops_a_keypoint_where_it_was(studio, project):
    studio.open(project)
    studio.press(*POSE[1])
    studio.move(100, 100)
    studio.key(Qt.Key.Key_Escape)
    studio.release(100, 100)
    assert np.array_equal(studio.annotation.xy, POSE)


def test_right_click_cycles_visibility_and_keeps_the_position(studio, project):
    studio.open(project)
    seen = []
    for _ in range(3):
        studio.click(*POSE[0], RIGHT)
        seen.append(int(studio.annotation.visibility[0]))
    assert seen == [1, 0, 2]
    assert np.array_equal(studio.annotation.xy, POSE)


def test_v_cycles_the_selected_keypoint(studio, project):
    studio.open(project)
    studio.click(*POSE[2])
    studio.key(Qt.Key.Key_V)
    assert studio.annotation.visibility.tolist() == [2, 2, 0]


def test_clicks_place_the_keypoints_of_an_unlabelled_image_in_order(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_U)
    studio.wait_for_image()
    assert studio.workspace.placing.next_keypoint == 0
    studio.click(20, 20)
    studio.click(60, 20, RIGHT)
    assert studio.workspace.placing.next_keypoint == 2
    studio.click(60, 80)
    assert studio.annotation.visibility.tolist() == [2, 1, 2]
    assert studio.annotation.xy == pytest.approx(np.array([[20, 20], [60, 20], [60, 80]]), abs=0.2)
    studio.click(140, 100)
    assert len(studio.workspace.labels.annotations) == 1, "a finished skeleton takes no more clicks"


def test_a_keypoint_can_be_skipped_and_placing_ended_early(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_U)
    studio.wait_for_image()
    studio.key(Qt.Key.Key_X)
    studio.click(60, 20)
    studio.key(Qt.Key.Key_Escape)
    studio.click(140, 100)
    assert studio.annotation.visibility.tolist() == [0, 2, 0]


def test_n_begins_another_annotation_on_a_labelled_image(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_N)
    studio.click(15, 100)
    assert len(studio.workspace.labels.annotations) == 2


def test_delete_removes_the_annotation_and_undo_brings_it_back(studio, project):
    studio.open(project)
    before = studio.annotation
    studio.click(*POSE[0])
    studio.key(Qt.Key.Key_Delete)
    assert studio.workspace.labels.annotations == ()
    studio.undo()
    assert studio.annotation == before


def test_undo_and_redo_go_all_the_way_also_after_closing_and_opening(open_studio, project):
    first = open_studio()
    first.open(project)
    states = [first.annotation]
    for step in range(1, 6):
        first.drag(tuple(first.annotation.xy[0]), (40 + 3 * step, 30 + 5 * step))
        states.append(first.annotation)
    assert len({tuple(state.xy[0]) for state in states}) == 6
    first.window.close()

    second = open_studio()
    second.open(project)
    for state in reversed(states[:-1]):
        second.undo()
        assert second.annotation == state
    for state in states[1:]:
        second.redo()
        assert second.annotation == state


def test_undo_goes_to_the_image_that_it_changes(studio, project):
    studio.open(project)
    first = studio.workspace.selection.image_id
    studio.drag(tuple(POSE[0]), (50, 50))
    studio.next_image()
    studio.undo()
    assert studio.workspace.selection.image_id == first
    assert np.array_equal(studio.annotation.xy, POSE)


def test_arrow_keys_step_through_the_images(studio, project):
    studio.open(project)
    first = studio.workspace.selection.image_id
    studio.key(Qt.Key.Key_Right)
    studio.wait_for_image()
    assert studio.workspace.position(studio.workspace.selection.image_id) == 1
    studio.key(Qt.Key.Key_Left)
    studio.wait_for_image()
    assert studio.workspace.selection.image_id == first


def test_an_unreadable_image_says_so_and_the_next_one_is_shown(studio, project):
    (project.parent / "image1.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    studio.open(project)
    studio.key(Qt.Key.Key_D)
    image_id = studio.workspace.selection.image_id
    studio.wait(lambda: studio.workspace.pixels.problem(image_id) is not None)
    assert "image1.png" in str(studio.workspace.pixels.problem(image_id))
    assert len(studio.workspace.labels.annotations) == 1
    studio.next_image()
    assert studio.canvas.shown_image_id != image_id


def test_a_full_disk_refuses_the_edit_and_the_canvas_shows_what_is_stored(studio, project):
    studio.open(project)
    stored = studio.workspace._project
    with stored.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for step in range(400):
        before = studio.annotation
        studio.drag(tuple(before.xy[0]), (45 + step % 7 * 5, 35 + step % 5 * 5))
        if studio.notice:
            break
    assert "disk is full" in studio.notice
    assert studio.annotation == before
    assert studio.workspace._project.annotations(before.image_id)[0] == before


def test_the_mouse_that_is_moved_to_the_canvas_brings_the_keyboard_and_a_closed_dialog_does_not(
    studio, project
):
    studio.open(project)
    canvas, table = studio.canvas, studio.window.keypoints.table
    table.setFocus()
    at = QPointF(studio.at(20, 20))
    everywhere = QPointF(canvas.viewport().mapToGlobal(at.toPoint()))
    QApplication.sendEvent(canvas, QEnterEvent(at, at, everywhere))
    assert table.hasFocus()
    for x in (24, 28):
        studio.move(x, 20)
    assert canvas.hasFocus()
