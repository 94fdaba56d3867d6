"""Predictions beside the labels: accepting, dragging, and leaving labels alone."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from studio import POSE, add_stored_run

from kpstudio.core.annotation import HUMAN

# A little beside the labels, far enough to be grabbed on its own.
GHOST = POSE + np.array([[0.0, 14.0], [0.0, 14.0], [0.0, 14.0]])


@pytest.fixture
def with_ghosts(studio, project):
    """Ghosts on a labelled and on an unlabelled image, without an engine."""
    run_id = add_stored_run(project, {0: GHOST, 2: GHOST})
    studio.open(project)
    assert len(studio.workspace.inference.subjects) == 1
    return run_id


def go_to_unlabelled(studio):
    studio.key(Qt.Key.Key_U)
    studio.wait_for_image()


def test_enter_accepts_the_prediction_with_the_run_as_its_source(studio, with_ghosts):
    go_to_unlabelled(studio)
    studio.key(Qt.Key.Key_Return)
    assert np.array_equal(studio.annotation.xy, GHOST)
    assert studio.annotation.visibility.tolist() == [2, 2, 2]
    assert studio.annotation.source == f"run:{with_ghosts}"
    studio.undo()
    assert studio.workspace.labels.annotations == ()
    studio.redo()
    assert np.array_equal(studio.annotation.xy, GHOST)


def test_enter_never_moves_what_is_labelled(studio, with_ghosts):
    studio.key(Qt.Key.Key_Return)
    assert np.array_equal(studio.annotation.xy, POSE)
    assert "labelled already" in studio.notice


def test_a_clicked_ghost_replaces_the_label_under_it(studio, with_ghosts):
    before = studio.annotation
    studio.click(*GHOST[1])
    assert studio.workspace.selection.ghost == 0
    studio.key(Qt.Key.Key_Return)
    assert studio.annotation.id == before.id
    assert np.array_equal(studio.annotation.xy, GHOST)
    studio.undo()
    assert studio.annotation == before


def test_a_dragged_ghost_is_accepted_and_moved(studio, with_ghosts):
    go_to_unlabelled(studio)
    studio.drag(tuple(GHOST[0]), (60, 100))
    assert studio.annotation.xy[0] == pytest.approx([60, 100], abs=0.3)
    assert np.array_equal(studio.annotation.xy[1:], GHOST[1:])
    assert studio.annotation.source == f"run:{with_ghosts}"


def test_a_ghost_dragged_beside_a_label_changes_only_that_keypoint(studio, with_ghosts):
    studio.drag(tuple(GHOST[1]), (90, 100))
    assert studio.annotation.xy[1] == pytest.approx([90, 100], abs=0.3)
    assert np.array_equal(studio.annotation.xy[[0, 2]], POSE[[0, 2]])
    assert studio.annotation.source == HUMAN


def test_hidden_predictions_cannot_be_grabbed(studio, with_ghosts):
    go_to_unlabelled(studio)
    studio.key(Qt.Key.Key_G)
    studio.click(*GHOST[0])
    assert studio.annotation.visibility.tolist() == [2, 0, 0]
    assert studio.annotation.source == HUMAN


def test_enter_in_a_number_field_only_ends_the_typing(studio, with_ghosts):
    go_to_unlabelled(studio)
    studio.window.training.minutes.setFocus()
    studio.key(Qt.Key.Key_Return)
    assert studio.workspace.labels.annotations == ()


def test_accepting_without_a_prediction_says_what_to_do(studio, project):
    studio.open(project)
    studio.key(Qt.Key.Key_Return)
    assert "no prediction" in studio.notice
    assert "Train" in studio.notice
