"""The tools of the canvas, with real mouse and key events."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from studio import LEFT, POSE, SIZE, add_stored_run

from kpstudio.core.annotation import HUMAN
from kpstudio.core.geometry import Box
from kpstudio.gui.placing_order_dialog import PlacingOrderDialog

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_ctrl_and_a_drag_move_the_whole_annotation_as_one_step(studio, project):
    studio.open(project)
    studio.drag_with(POSE[0], POSE[0] + (7, 11), CTRL)
    np.testing.assert_allclose(studio.annotation.xy, np.add(POSE, (7, 11)), atol=0.3)
    studio.undo()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_ctrl_and_a_drag_on_an_edge_move_the_whole_annotation(studio, project):
    studio.open(project)
    middle = (POSE[0] + POSE[1]) / 2
    studio.drag_with(middle, np.add(middle, (-5, 9)), CTRL)
    np.testing.assert_allclose(studio.annotation.xy, np.add(POSE, (-5, 9)), atol=0.3)


def test_keypoints_that_are_chosen_in_a_frame_move_together(studio, project):
    studio.open(project)
    studio.drag_with((70, 75), (130, 30), SHIFT)
    assert studio.workspace.selection.chosen == {1, 2}
    studio.drag(POSE[1], (85, 50))
    np.testing.assert_allclose(studio.annotation.xy[[1, 2]], POSE[[1, 2]] + (5, -10), atol=0.3)
    np.testing.assert_array_equal(studio.annotation.xy[0], POSE[0])
    studio.undo()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_shift_and_clicks_choose_keypoints_one_by_one(studio, project):
    studio.open(project)
    viewport = studio.canvas.viewport()
    for index in (0, 2, 1, 2):
        QTest.mouseClick(viewport, LEFT, SHIFT, studio.at(*POSE[index]))
    assert studio.workspace.selection.chosen == {0, 1}
    studio.key(Qt.Key.Key_Escape)
    assert studio.workspace.selection.chosen == frozenset()


@pytest.mark.parametrize(
    ("modifier", "step"), [(Qt.KeyboardModifier.NoModifier, 1.0), (CTRL, 0.25), (SHIFT, 10.0)]
)
def test_arrows_move_the_selected_keypoint(studio, project, modifier, step):
    studio.open(project)
    studio.click(*POSE[1])
    studio.key(Qt.Key.Key_Left, modifier)
    studio.key(Qt.Key.Key_Down, modifier)
    np.testing.assert_allclose(studio.annotation.xy[1], POSE[1] + (-step, step))
    assert studio.workspace.selection.image_id == 1
    studio.undo()
    np.testing.assert_allclose(studio.annotation.xy[1], POSE[1] + (-step, 0))


def test_an_arrow_that_is_held_is_one_step(studio, project):
    studio.open(project)
    studio.click(*POSE[1])
    for _ in range(5):
        QTest.keyPress(studio.canvas, Qt.Key.Key_Up)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
    QTest.keyRelease(studio.canvas, Qt.Key.Key_Up)
    np.testing.assert_allclose(studio.annotation.xy[1], POSE[1] - (0, 5))
    studio.undo()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_an_arrow_that_is_still_held_is_stored_when_another_image_is_opened(studio, project):
    studio.open(project)
    studio.click(*POSE[1])
    QTest.keyPress(studio.canvas, Qt.Key.Key_Up)
    studio.next_image()
    studio.key(Qt.Key.Key_A)
    studio.wait_for_image()
    np.testing.assert_allclose(studio.annotation.xy[1], POSE[1] - (0, 1))


def test_a_held_keypoint_snaps_to_the_peak_of_its_heatmap_while_s_is_down(studio, project):
    peak = np.add(POSE, (6.25, -4.5))
    add_stored_run(project, {0: peak})
    studio.open(project)
    studio.wait(lambda: studio.workspace.inference.subjects)
    QTest.keyPress(studio.canvas, Qt.Key.Key_S)
    studio.drag(POSE[1], peak[1] + (3, 2))
    QTest.keyRelease(studio.canvas, Qt.Key.Key_S)
    np.testing.assert_allclose(studio.annotation.xy[1], peak[1])


def test_a_keypoint_stays_in_the_image_where_that_is_chosen(studio, project):
    studio.workspace.preferences.clamps_to_image = True
    studio.open(project)
    studio.drag(POSE[2], (SIZE[0] + 20, 50))
    np.testing.assert_allclose(studio.annotation.xy[2], (SIZE[0] - 1, 50), atol=0.3)


def test_a_keypoint_may_lie_outside_the_image_otherwise(studio, project):
    studio.open(project)
    studio.wheel(studio.at(80, 60), -3)
    studio.drag(POSE[2], (SIZE[0] + 20, 50))
    assert studio.annotation.xy[2][0] > SIZE[0] + 15


def test_a_skeleton_is_put_down_by_one_drag(studio, project):
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.key(Qt.Key.Key_N, SHIFT)
    studio.drag((20, 20), (100, 100))
    drawn = studio.annotation
    assert (drawn.visibility == 2).all()
    assert drawn.source == HUMAN
    np.testing.assert_allclose(drawn.xy.min(axis=0), (20, 20), atol=0.4)
    np.testing.assert_allclose(drawn.xy.max(axis=0), (100, 100), atol=0.4)
    # The nose is left of both ears, as it is in the labels.
    assert drawn.xy[0, 0] == pytest.approx(20, abs=0.4)
    studio.undo()
    assert studio.workspace.labels.annotations == ()


def test_a_drag_to_the_left_mirrors_the_skeleton(studio, project):
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.key(Qt.Key.Key_N, SHIFT)
    studio.drag((100, 20), (20, 100))
    assert studio.annotation.xy[0, 0] == pytest.approx(100, abs=0.4)


def test_escape_drops_a_skeleton_and_then_the_tool(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_N, SHIFT)
    studio.press(20, 20)
    studio.move(90, 90)
    studio.key(Qt.Key.Key_Escape)
    studio.release(90, 90)
    assert len(studio.workspace.labels.annotations) == 1
    assert studio.canvas.tool.hint
    studio.key(Qt.Key.Key_Escape)
    assert not studio.canvas.tool.hint


def test_a_corner_scales_and_the_inside_moves(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_R)
    reach = 10 / studio.canvas.transform().m11()
    low, high = POSE.min(axis=0) - 1.6 * reach, POSE.max(axis=0) + 1.6 * reach
    studio.drag(tuple(high), tuple(high + (high - low) * 0.25))
    expected = low + (POSE - low) * 1.25
    np.testing.assert_allclose(studio.annotation.xy, expected, atol=0.5)
    middle = (studio.annotation.xy.min(axis=0) + studio.annotation.xy.max(axis=0)) / 2
    studio.drag(tuple(middle), tuple(middle - (8, 6)))
    np.testing.assert_allclose(studio.annotation.xy, expected - (8, 6), atol=0.7)
    studio.undo()
    studio.undo()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_the_knob_turns_about_the_middle_in_steps_with_shift(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_R)
    reach = 10 / studio.canvas.transform().m11()
    low, high = POSE.min(axis=0), POSE.max(axis=0)
    middle = (low + high) / 2
    knob = np.array([middle[0], low[1] - (1.6 + 3.0) * reach])
    studio.drag_with(knob, np.add(middle, (40, 1)), SHIFT)
    turned = (POSE - middle) @ np.array([[0, 1], [-1, 0]]) + middle
    np.testing.assert_allclose(studio.annotation.xy, turned, atol=1e-6)


def test_a_box_is_drawn_edited_fitted_and_removed(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_B)
    studio.drag((30, 20), (130, 80))
    drawn = studio.annotation.box
    assert drawn is not None
    np.testing.assert_allclose(drawn.corners()[[0, 2]], [(30, 20), (130, 80)], atol=0.4)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
    studio.drag((130, 50), (140, 50))
    widened = studio.annotation.box
    assert widened.width == pytest.approx(drawn.width + 10, abs=0.5)
    assert widened.height == drawn.height
    studio.key(Qt.Key.Key_B, SHIFT)
    assert studio.annotation.box == Box.around(POSE)
    for _ in range(3):
        studio.undo()
    assert studio.annotation.box is None


def test_a_box_without_an_annotation_begins_one_whose_keypoints_come_next(studio, project):
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.key(Qt.Key.Key_B)
    studio.drag((30, 20), (130, 80))
    assert studio.annotation.box is not None
    studio.key(Qt.Key.Key_B)
    studio.key(Qt.Key.Key_P)
    studio.click(50, 50)
    assert studio.annotation.is_labelled.tolist() == [True, False, False]


def test_the_rule_tells_the_length_and_changes_nothing(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_M)
    studio.drag((30, 20), (60, 60))
    assert studio.canvas.tool.length == pytest.approx(50, abs=0.5)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_the_loupe_is_there_only_while_a_keypoint_is_held(studio, project):
    studio.open(project)
    studio.wheel(studio.at(80, 60), -4)

    def picture():
        return studio.canvas.viewport().grab().toImage()

    before = picture()
    studio.press(*POSE[1])
    studio.move(POSE[1][0] + 10, POSE[1][1])
    with_loupe = picture()
    studio.workspace.preferences.loupe = False
    studio.canvas.viewport().update()
    without = picture()
    studio.release(POSE[1][0] + 10, POSE[1][1])
    at = studio.at(POSE[1][0] + 10, POSE[1][1]) + QPoint(112, -112)
    assert with_loupe.pixelColor(at) != before.pixelColor(at)
    assert without.pixelColor(at) == before.pixelColor(at)


def test_w_hides_all_markers_while_it_is_held(studio, project):
    studio.open(project)
    at = studio.at(*POSE[0])
    shown = studio.canvas.viewport().grab().toImage()
    QTest.keyPress(studio.canvas, Qt.Key.Key_W)
    hidden = studio.canvas.viewport().grab().toImage()
    QTest.keyRelease(studio.canvas, Qt.Key.Key_W)
    again = studio.canvas.viewport().grab().toImage()
    ring = at + QPoint(4, 0)
    assert shown.pixelColor(ring) != hidden.pixelColor(ring)
    assert again == shown


def test_o_places_the_next_keypoint_occluded_under_the_cursor(studio, project):
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.move(33, 44)
    studio.key(Qt.Key.Key_O)
    assert studio.annotation.visibility.tolist() == [1, 0, 0]
    np.testing.assert_allclose(studio.annotation.xy[0], (33, 44), atol=0.3)


def test_keypoints_are_placed_in_the_order_that_was_chosen(studio, project):
    studio.open(project)
    studio.window.actions_by_name["placing_order"].trigger()
    dialog = studio.window.findChild(PlacingOrderDialog)
    dialog.list.setCurrentRow(2)
    QTest.mouseClick(dialog.up, LEFT)
    QTest.mouseClick(dialog.up, LEFT)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    studio.next_image()
    studio.next_image()
    for x in (30, 60, 90):
        studio.click(x, 50)
    np.testing.assert_allclose(studio.annotation.xy[:, 0], (60, 90, 30), atol=0.4)
    studio.workspace.close_project()
    studio.open(project)
    assert studio.workspace.placing.order == (2, 0, 1)


def test_a_skipped_keypoint_is_followed_by_the_next_of_the_chosen_order(studio, project):
    studio.open(project)
    studio.workspace.placing.set_order(["right_ear", "nose", "left_ear"])
    studio.next_image()
    studio.next_image()
    studio.key(Qt.Key.Key_X)
    assert studio.workspace.placing.next_keypoint == 0
    studio.key(Qt.Key.Key_X)
    assert studio.workspace.placing.next_keypoint == 1
