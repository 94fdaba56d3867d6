"""Going to the next image or subject of a kind, with real keys in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from studio import POSE, add_stored_run, make_project

from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.store.project import Project
from kpstudio.workspace.preferences import read_preferences

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def seven(tmp_path):
    """Seven images: 0, 1 and 5 are labelled."""
    path = make_project(tmp_path, images=7, labelled=2)
    with Project.open(path) as project:
        project.apply(Edit.change("Add", None, Annotation("late", 6, POSE, np.array([2, 2, 2]))))
    return path


def position(studio):
    return studio.workspace.position(studio.workspace.selection.image_id)


def test_u_goes_on_and_shift_u_back_among_images_without_labels(studio, seven):
    studio.open(seven)
    visited = []
    for _ in range(5):
        studio.key(Qt.Key.Key_U)
        visited.append(position(studio))
    assert visited == [2, 3, 4, 6, 2]
    for _ in range(2):
        studio.key(Qt.Key.Key_U, SHIFT)
        visited.append(position(studio))
    assert visited[-2:] == [6, 4]


def test_ctrl_f2_flags_images_and_f2_goes_from_one_to_the_next(studio, seven):
    studio.open(seven)
    studio.key(Qt.Key.Key_F2)
    studio.wait(lambda: "No image is flagged" in studio.notice)
    for place in (4, 1):
        studio.workspace.open_image_at(place)
        studio.key(Qt.Key.Key_F2, CTRL)
    assert studio.workspace.images[4].tags == ("flag",)
    model = studio.window.images.view.model()
    assert "flag" in model.data(model.index(1), Qt.ItemDataRole.ToolTipRole)
    studio.key(Qt.Key.Key_F2)
    studio.wait(lambda: position(studio) == 4)
    studio.key(Qt.Key.Key_F2, CTRL)
    assert studio.workspace.images[4].tags == ()
    studio.key(Qt.Key.Key_F2)
    studio.wait(lambda: position(studio) == 1)


def test_shift_j_goes_to_what_is_ready_for_review(studio, seven):
    with Project.open(seven) as project:
        project.marks.set_review([4, 6], "ready")
    studio.open(seven)
    for expected in (3, 5, 3):
        studio.key(Qt.Key.Key_J, SHIFT)
        studio.wait(lambda expected=expected: position(studio) == expected)


@pytest.fixture
def scored(seven):
    """Images 1, 2, 4 and 6 have predictions."""
    run = add_stored_run(seven, {})
    with Project.open(seven) as project:
        for place, score in ((1, 0.3), (2, 0.8), (4, 0.6), (6, 0.1)):
            answer = Prediction(place + 1, run, POSE, np.full(3, 0.9), Box(0, 0, 9, 9), score)
            project.predictions.put(run, place + 1, "dark", [answer])
    return seven


def test_shift_d_goes_to_images_of_a_low_score_and_the_limit_is_the_persons(
    studio, scored, monkeypatch
):
    studio.open(scored)
    for expected in (1, 6, 1):
        studio.key(Qt.Key.Key_D, SHIFT)
        studio.wait(lambda expected=expected: position(studio) == expected)
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_: (0.7, True))
    studio.window.actions_by_name["low_score"].trigger()
    studio.key(Qt.Key.Key_D, SHIFT)
    studio.wait(lambda: position(studio) == 4)
    assert read_preferences().low_score == 0.7


def test_the_queue_begins_with_what_the_model_knows_least(studio, scored):
    studio.open(scored)
    studio.key(Qt.Key.Key_Q, SHIFT)
    studio.wait(lambda: studio.workspace.selection.image_id == 7)
    assert studio.window.images.order.currentText() == "Least certain"
    assert "the lowest first" in studio.notice
    seen = [studio.workspace.selection.image_id]
    for _ in range(3):
        studio.key(Qt.Key.Key_D)
        seen.append(studio.workspace.selection.image_id)
    assert seen == [7, 2, 5, 3]


def test_who_asks_for_two_kinds_at_once_gets_the_second(studio, scored):
    with Project.open(scored) as project:
        project.marks.set_review([4], "ready")
    studio.open(scored)
    opened = []
    changed = studio.workspace.selection.image_changed
    changed.connect(lambda: opened.append(position(studio)))
    studio.key(Qt.Key.Key_D, SHIFT)
    studio.key(Qt.Key.Key_J, SHIFT)
    studio.wait(lambda: opened)
    assert opened == [3]


def test_tab_goes_through_labels_then_predictions_and_round(studio, project):
    add_stored_run(project, {0: POSE + 20})
    with Project.open(project) as opened:
        second = Annotation("second", 1, POSE - 15, np.array([2, 0, 2]))
        opened.apply(Edit.change("Add", None, second))
    studio.open(project)
    selection = studio.workspace.selection
    seen = []
    for _ in range(4):
        studio.key(Qt.Key.Key_Tab)
        seen.append((selection.annotation_id, selection.ghost))
    assert seen == [("label1", None), ("second", None), (None, 0), ("label1", None)]
    studio.key(Qt.Key.Key_Backtab, SHIFT)
    assert selection.ghost == 0
    studio.key(Qt.Key.Key_G)
    studio.key(Qt.Key.Key_Backtab, SHIFT)
    assert selection.annotation_id == "second", "predictions that are not shown are not gone to"
    assert studio.canvas.hasFocus()
    studio.key(Qt.Key.Key_F6)
    assert not studio.canvas.hasFocus()


def test_tab_on_an_image_without_subjects_says_so(studio, project):
    studio.open(project)
    studio.workspace.open_image_at(2)
    studio.key(Qt.Key.Key_Tab)
    assert "no subject" in studio.notice
