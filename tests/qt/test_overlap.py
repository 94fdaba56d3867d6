"""Subjects that lie upon each other, and keypoints at the border of the image."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from studio import POSE, SIZE, SKELETON

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.store.project import Project

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def twins(studio, project):
    """Two subjects at the same place."""
    studio.open(project)
    other = Annotation("other", studio.annotation.image_id, POSE, np.array([2, 2, 2]))
    assert studio.workspace.labels.apply(Edit.change("add", None, other))
    return studio


@pytest.mark.parametrize("chosen", ["label1", "other"])
def test_of_two_subjects_at_one_place_the_selected_one_is_dragged(twins, chosen):
    find = twins.workspace.labels.find
    (left,) = {"label1", "other"} - {chosen}
    twins.workspace.selection.select_annotation(chosen)
    twins.drag(POSE[1], (90, 75))
    np.testing.assert_allclose(find(chosen).xy[1], (90, 75), atol=0.3)
    middle = (POSE[0] + POSE[2]) / 2
    twins.drag_with(middle, middle - (4, 8), CTRL)
    np.testing.assert_allclose(find(chosen).xy[0], POSE[0] - (4, 8), atol=0.3)
    np.testing.assert_array_equal(find(left).xy, POSE)


def test_a_click_selects_a_subject_whose_keypoint_is_clearly_nearer(twins):
    labels = twins.workspace.labels
    away = replace(labels.find("other"), xy=np.add(POSE, (6 / twins.canvas.transform().m11(), 0)))
    assert labels.apply(Edit.change("move", labels.find("other"), away))
    twins.workspace.selection.select_annotation("label1")
    twins.click(*away.xy[1])
    assert twins.workspace.selection.annotation_id == "other"


@pytest.fixture
def clamped(studio, project):
    studio.workspace.preferences.clamps_to_image = True
    studio.open(project)
    return studio


def test_a_whole_annotation_keeps_its_shape_at_the_border(clamped):
    clamped.drag_with(POSE[0], np.add(POSE[0], (100, 0)), CTRL)
    np.testing.assert_allclose(clamped.annotation.xy, np.add(POSE, (SIZE[0] - 1 - POSE[2][0], 0)))


def test_scaling_leaves_keypoints_at_the_border(clamped):
    clamped.key(Qt.Key.Key_R)
    reach = 10 / clamped.canvas.transform().m11()
    high = POSE.max(axis=0) + 1.6 * reach
    clamped.drag(tuple(high), tuple(np.add(high, (300, 0))))
    assert clamped.annotation.xy[:, 0].max() == SIZE[0] - 1


@pytest.fixture
def sizeless(studio, tmp_path):
    """An image of which the project does not know the size."""
    path = tmp_path / "plain.png"
    cv2.imwrite(str(path), np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8))
    with Project.create(tmp_path / "plain.kps", SKELETON) as project:
        label = Annotation("label1", 1, POSE, np.array([2, 2, 1]))
        project.import_dataset(Dataset(SKELETON, (Image(1, path),), (label,)), source="import:test")
    studio.workspace.preferences.clamps_to_image = True
    studio.open(tmp_path / "plain.kps")
    return studio


def test_without_a_known_size_that_of_the_pixels_is_the_border(sizeless):
    sizeless.drag(POSE[2], (SIZE[0] + 20, 50))
    np.testing.assert_allclose(sizeless.annotation.xy[2], (SIZE[0] - 1, 50), atol=0.3)
    sizeless.key(Qt.Key.Key_B)
    sizeless.drag((30, 20), (SIZE[0] + 9, 80))
    right = sizeless.annotation.box.x + sizeless.annotation.box.width
    assert right == SIZE[0] - 0.5


def test_a_subject_that_is_only_a_box_is_selected_by_its_outline(studio, project):
    studio.open(project)
    empty = np.full((3, 2), np.nan), np.zeros(3, dtype=int)
    boxed = Annotation("boxed", 1, *empty, box=Box(10, 70, 130, 41))
    assert studio.workspace.labels.apply(Edit.change("add", None, boxed))
    studio.click(60, 111)
    assert studio.workspace.selection.annotation_id == "boxed"
    studio.click(60, 90)
    assert studio.workspace.selection.annotation_id is None


def test_a_box_that_is_moved_stops_at_the_border_and_keeps_its_size(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_B)
    studio.drag((20, 20), (110, 70))
    before = studio.annotation.box
    studio.drag((60, 50), (60, -60))
    moved = studio.annotation.box
    assert (moved.width, moved.height) == pytest.approx((before.width, before.height))
    assert moved.y == -0.5


def test_a_click_with_an_unsteady_hand_replaces_no_box(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_B)
    studio.drag((20, 20), (110, 70))
    before = studio.annotation.box
    step = 2 / studio.canvas.transform().m11()
    studio.drag((140, 100), (140 + step, 100 + step))
    assert studio.annotation.box == before
    assert not studio.canvas.tool.forget()


def test_merging_keeps_the_box_of_either_subject(studio, project):
    studio.open(project)
    far = Annotation("far", 1, np.add(POSE, 3), np.array([2, 2, 2]), box=Box(5, 6, 150, 107))
    assert studio.workspace.labels.apply(Edit.change("add", None, far))
    studio.workspace.subjects.merge(["label1", "far"])
    assert studio.annotation.box == Box(5, 6, 150, 107)
