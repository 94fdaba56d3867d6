"""Click-through on the window, as somebody in a hurry does it."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from studio import LEFT, POSE, RIGHT, add_stored_run

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project
from kpstudio.workspace.skeleton_source import supplied_skeletons

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def empty(studio, project):
    """An image without labels."""
    studio.open(project)
    studio.next_image()
    studio.next_image()
    return studio


def test_undo_while_placing_asks_for_the_same_keypoint_again(empty):
    placing = empty.workspace.placing
    empty.click(20, 20)
    empty.click(60, 20)
    empty.undo()
    assert placing.next_keypoint == 1
    empty.undo()
    assert placing.next_keypoint == 0
    empty.click(25, 25)
    assert empty.annotation.visibility.tolist() == [2, 0, 0]


def test_undo_of_a_first_keypoint_goes_on_with_a_new_subject(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_N)
    studio.click(15, 100)
    studio.undo()
    assert studio.workspace.placing.next_keypoint == 0
    studio.click(25, 100)
    studio.click(35, 100)
    new = studio.workspace.labels.annotations[1]
    assert new.visibility.tolist() == [2, 2, 0]


def test_redo_while_placing_goes_on_after_it(empty):
    empty.click(20, 20)
    empty.click(60, 20)
    empty.undo()
    empty.undo()
    empty.redo()
    empty.redo()
    assert empty.workspace.placing.next_keypoint == 2


def test_a_skipped_keypoint_is_not_asked_for_again(empty):
    empty.click(20, 20)
    empty.key(Qt.Key.Key_X)
    empty.click(60, 80)
    assert empty.workspace.placing.next_keypoint is None
    empty.click(140, 100)
    assert empty.annotation.visibility.tolist() == [2, 0, 2]
    empty.key(Qt.Key.Key_P)
    assert empty.workspace.placing.next_keypoint == 1


def test_keypoints_that_come_before_the_chosen_one_are_asked_for_after_it(empty):
    empty.click(20, 20)
    empty.workspace.selection.select_keypoint(2)
    empty.click(60, 80)
    assert empty.workspace.placing.next_keypoint == 1


def test_keypoints_that_almost_touch_are_placed_without_zooming(empty):
    empty.canvas.zoom(0.1, empty.canvas.rect().center().toPointF())
    reach = 10 / empty.canvas.transform().m11()
    for shift in (0, 0.3, 0.6):
        empty.click(60 + shift * reach, 50)
    assert empty.annotation.visibility.tolist() == [2, 2, 2]


def test_a_keypoint_is_placed_over_another_subject(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_N)
    studio.click(*POSE[1])
    studio.click(*POSE[2], button=RIGHT)
    first, second = studio.workspace.labels.annotations
    np.testing.assert_array_equal(first.xy, POSE)
    assert first.visibility.tolist() == [2, 2, 1]
    assert second.visibility.tolist() == [2, 1, 0]


def test_a_keypoint_is_placed_over_a_prediction(studio, project):
    add_stored_run(project, {0: np.add(POSE, (0, 40))})
    studio.open(project)
    studio.wait(lambda: studio.workspace.inference.subjects)
    studio.key(Qt.Key.Key_N)
    studio.click(*(np.add(POSE[1], (0, 40))))
    assert len(studio.workspace.labels.annotations) == 2


def test_a_placed_keypoint_can_be_dragged_before_the_next_one_is_placed(empty):
    empty.click(20, 20)
    empty.drag((20, 20), (50, 60))
    assert empty.annotation.visibility.tolist() == [2, 0, 0]
    np.testing.assert_allclose(empty.annotation.xy[0], (50, 60), atol=0.3)
    empty.click(100, 60)
    assert empty.annotation.visibility.tolist() == [2, 2, 0]


def test_a_right_click_on_the_keypoint_just_placed_marks_it_occluded(empty):
    empty.click(20, 20)
    empty.click(20, 20, RIGHT)
    assert empty.annotation.visibility.tolist() == [1, 0, 0]
    assert empty.workspace.placing.next_keypoint == 1


@pytest.mark.parametrize("key", [Qt.Key.Key_R, Qt.Key.Key_B, Qt.Key.Key_M])
def test_n_puts_the_tool_away_that_is_in_the_hand(studio, project, key):
    studio.open(project)
    studio.key(key)
    studio.key(Qt.Key.Key_N)
    studio.click(15, 100)
    assert len(studio.workspace.labels.annotations) == 2


def test_a_renamed_keypoint_keeps_its_place_in_the_order(studio, project):
    studio.open(project)
    placing, labels = studio.workspace.placing, studio.workspace.labels
    placing.set_order(["right_ear", "nose", "left_ear"])
    old = labels.skeleton
    new = Skeleton(
        name=old.name,
        keypoints=("nose", "left_ear", "right_tip"),
        edges=old.edges,
        flip_pairs=old.flip_pairs,
        category=old.category,
    )
    labels.change_skeleton(new, {"right_ear": "right_tip"})
    assert placing.order == (2, 0, 1)
    studio.workspace.close_project()
    studio.open(project)
    assert placing.order == (2, 0, 1)
    studio.undo()
    assert placing.order == (2, 0, 1)


def test_a_rename_in_the_middle_of_placing_goes_on_with_the_same_keypoint(empty):
    empty.click(20, 20)
    labels = empty.workspace.labels
    old = labels.skeleton
    new = Skeleton(
        name=old.name,
        keypoints=("left_tip", "nose", "right_ear"),
        edges=((1, 0), (1, 2)),
        flip_pairs=((0, 2),),
        category=old.category,
    )
    labels.change_skeleton(new, {"left_ear": "left_tip"})
    assert empty.workspace.placing.next_keypoint == 0
    empty.click(60, 20)
    assert empty.annotation.visibility.tolist() == [2, 2, 0]


def test_p_says_why_there_is_nothing_to_place(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_P)
    assert "Every keypoint" in studio.notice


def test_arrows_move_all_chosen_keypoints_as_one_step(studio, project):
    studio.open(project)
    viewport = studio.canvas.viewport()
    for index in (1, 2):
        QTest.mouseClick(viewport, LEFT, SHIFT, studio.at(*POSE[index]))
    studio.key(Qt.Key.Key_Left, SHIFT)
    assert studio.workspace.selection.image_id == 1
    expected = POSE - np.array([[0, 0], [10, 0], [10, 0]])
    np.testing.assert_allclose(studio.annotation.xy, expected)
    assert studio.workspace.selection.chosen == {1, 2}
    studio.undo()
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_deleting_the_subject_ends_its_placing(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_N)
    studio.click(15, 100)
    studio.key(Qt.Key.Key_Delete)
    studio.click(35, 100)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_tab_to_another_subject_ends_placing_and_p_goes_on(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_N)
    studio.click(15, 100)
    studio.key(Qt.Key.Key_Tab)
    assert studio.workspace.selection.annotation_id == "label1"
    assert studio.workspace.placing.next_keypoint is None
    studio.key(Qt.Key.Key_Tab)
    studio.key(Qt.Key.Key_P)
    assert studio.workspace.placing.next_keypoint == 1


def test_undo_of_the_last_keypoint_asks_for_it_again(empty):
    for x in (20, 60, 100):
        empty.click(x, 50)
    empty.undo()
    assert empty.workspace.placing.next_keypoint == 2
    empty.click(110, 60)
    assert empty.annotation.visibility.tolist() == [2, 2, 2]


def test_unlabelling_a_keypoint_of_a_finished_subject_begins_no_placing(empty):
    for x in (20, 60, 100):
        empty.click(x, 50)
    empty.key(Qt.Key.Key_0)
    assert empty.workspace.placing.next_keypoint is None


def test_a_skeleton_that_came_with_a_pose_is_drawn_as_that_before_anything_is_labelled(
    studio, tmp_path
):
    image = tmp_path / "plain.png"
    cv2.imwrite(str(image), np.zeros((131, 167, 3), dtype=np.uint8))
    (skeleton,) = (each for each in supplied_skeletons() if len(each) == 17)
    with Project.create(tmp_path / "people.kps", skeleton) as project:
        project.import_dataset(Dataset(skeleton, (Image(1, image, 167, 131),), ()), source="x")
    studio.open(tmp_path / "people.kps")
    studio.key(Qt.Key.Key_N, SHIFT)
    studio.drag((30, 20), (90, 120))
    nose, ankle = (studio.annotation.xy[skeleton.index(n)] for n in ("nose", "left_ankle"))
    assert nose[1] < 40
    assert ankle[1] > 100


def test_arrows_move_the_keypoint_that_was_placed_last(empty):
    empty.click(20, 20)
    x, y = empty.annotation.xy[0]
    empty.key(Qt.Key.Key_Left)
    empty.key(Qt.Key.Key_Down, CTRL)
    np.testing.assert_allclose(empty.annotation.xy[0], (x - 1, y + 0.25))
    assert empty.workspace.selection.image_id == 3
    assert empty.workspace.placing.next_keypoint == 1


def test_s_snaps_what_is_being_placed_to_the_peak_of_its_heatmap(studio, project):
    peak = np.add(POSE, (6.25, -4.5))
    add_stored_run(project, {2: peak})
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.wait(lambda: studio.workspace.inference.subjects)
    studio.key(Qt.Key.Key_N)
    QTest.keyPress(studio.canvas, Qt.Key.Key_S)
    studio.click(*np.add(peak[0], (3, 2)))
    QTest.keyRelease(studio.canvas, Qt.Key.Key_S)
    np.testing.assert_allclose(studio.annotation.xy[0], peak[0])


@pytest.mark.parametrize("key", [Qt.Key.Key_1, Qt.Key.Key_V])
def test_a_key_says_how_visible_the_keypoint_is_that_was_placed_last(empty, key):
    empty.click(20, 20)
    empty.key(key)
    assert empty.annotation.visibility.tolist() == [1, 0, 0]
    assert empty.workspace.placing.next_keypoint == 1
