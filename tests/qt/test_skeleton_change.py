"""What the workspace and its views make of other keypoints, by the verb, undo and redo."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from studio import POSE, SKELETON, add_stored_run

from kpstudio.core.messages import (
    ArrayMessage,
    CheckpointLoaded,
    DecoderChoice,
    Predicted,
    SubjectMessage,
)
from kpstudio.gui.theme import SIDE_COLOURS, keypoint_colours
from kpstudio.workspace.inference import EngineState

# The nose goes, the ears change places, a tail comes, and the left ear is called otherwise.
CHANGED = msgspec.structs.replace(
    SKELETON,
    keypoints=("right_ear", "ear", "tail", "paw"),
    edges=((2, 0),),
    flip_pairs=((1, 0),),
    colours=("", "", "#ff00ff", ""),
)
RENAMED = {"left_ear": "ear"}


def names_in(table):
    model = table.model()
    return [model.data(model.index(row, 0)) for row in range(model.rowCount())]


def test_labels_panels_and_canvas_follow_and_undo_brings_all_back(studio, project, qtbot):
    studio.open(project)
    labels, table = studio.workspace.labels, studio.window.keypoints.table
    before = studio.canvas.viewport().grab().toImage()
    with qtbot.waitSignals([labels.skeleton_changed, labels.history_changed]):
        labels.change_skeleton(CHANGED, RENAMED)
    np.testing.assert_array_equal(studio.annotation.xy[:2], POSE[[2, 1]])
    assert studio.annotation.visibility.tolist() == [1, 2, 0, 0]
    assert names_in(table) == list(CHANGED.keypoints)
    assert studio.window.actions_by_name["undo"].text() == "&Undo Edit skeleton"
    assert studio.canvas.viewport().grab().toImage() != before
    studio.undo()
    assert names_in(table) == list(SKELETON.keypoints)
    np.testing.assert_array_equal(studio.annotation.xy, POSE)
    assert studio.canvas.viewport().grab().toImage() == before
    studio.redo()
    assert names_in(table) == list(CHANGED.keypoints)


@pytest.mark.parametrize(("selected", "afterwards"), [(0, None), (1, 1), (2, 0)])
def test_the_selected_keypoint_stays_itself_or_is_let_go(studio, project, selected, afterwards):
    studio.open(project)
    studio.click(*POSE[selected])
    studio.workspace.labels.change_skeleton(CHANGED, RENAMED)
    assert studio.workspace.selection.keypoint == afterwards
    row = studio.window.keypoints.table.currentIndex().row()
    assert row == (-1 if afterwards is None else afterwards)
    # The keys that go through the keypoints know the new number of them.
    studio.workspace.selection.select_keypoint(3)
    studio.key(Qt.Key.Key_E)
    assert studio.workspace.selection.keypoint == 0


def test_placing_goes_on_with_the_new_keypoints(studio, project):
    studio.open(project)
    studio.next_image()
    studio.next_image()
    studio.click(50, 50)
    labels = studio.workspace.labels
    assert studio.workspace.placing.next_keypoint == 1
    labels.change_skeleton(CHANGED, RENAMED)
    assert CHANGED.keypoints[studio.workspace.placing.next_keypoint] == "ear"
    studio.click(60, 60)
    np.testing.assert_array_equal(np.round(studio.annotation.xy[1]), (60, 60))
    studio.click(70, 70)
    np.testing.assert_array_equal(np.round(studio.annotation.xy[2]), (70, 70))


def test_a_keypoint_has_its_own_colour_or_that_of_its_side():
    shown = [colour.name() for colour in keypoint_colours(CHANGED)]
    right, left, centre = (SIDE_COLOURS[side].lower() for side in ("right", "left", "centre"))
    assert shown == [right, left, "#ff00ff", centre]


def test_own_colours_are_drawn_on_the_canvas(studio, project):
    studio.open(project)
    x, y = POSE[1]
    painted = msgspec.structs.replace(SKELETON, colours=("", "#00ff00", ""))
    studio.workspace.labels.change_skeleton(painted)

    def drawn():
        return studio.canvas.viewport().grab().toImage().pixelColor(studio.at(x, y)).name()

    assert drawn() == "#00ff00"
    studio.undo()
    assert drawn() == SIDE_COLOURS["left"].lower()


def test_an_unchanged_skeleton_is_no_edit(studio, project):
    studio.open(project)
    undo = studio.workspace.labels.undo_label
    assert studio.workspace.labels.change_skeleton(SKELETON) is None
    assert studio.workspace.labels.undo_label == undo


@pytest.fixture
def inference(studio, project):
    """A project with a run, and an engine that has loaded its checkpoint."""
    add_stored_run(project, {0: POSE})
    studio.open(project)
    made = studio.workspace.inference
    made.device, made.state = "cpu", EngineState.WITHOUT_RUN
    made.load_newest_run()
    made._receive(loaded(made, SKELETON.keypoints))
    return made


def loaded(inference, keypoints):
    return CheckpointLoaded(
        inference._loading, inference.run.id, "efficientnet_lite0", keypoints, "dark", {}
    )


def answer(inference, image_id):
    """What an engine says whose model knows the first three keypoints."""
    maps = np.zeros((3, 5, 7), np.float16)
    maps[np.arange(3), 1, np.arange(3)] = 1
    subject = SubjectMessage(
        xy=ArrayMessage.of(POSE),
        scores=ArrayMessage.of(np.array([0.9, 0.8, 0.7])),
        covariance=ArrayMessage.of(np.stack([k * np.eye(2) for k in (1.0, 2.0, 3.0)])),
        other_peaks=ArrayMessage.of(np.zeros((3, 1, 3))),
        box=(0, 0, 150, 110),
        score=1.0,
        heatmaps=ArrayMessage.of(maps),
        cell_to_image=ArrayMessage.of(np.array([[4.0, 0, 1.5], [0, 4.0, 1.5]])),
    )
    return Predicted(
        inference._wanted,
        image_id,
        inference.run.id,
        DecoderChoice("dark"),
        (subject,),
        network_passes=1,
    )


def test_a_model_answers_for_the_keypoints_that_it_knows(studio, inference):
    image_id = studio.workspace.selection.image_id
    inference._receive(answer(inference, image_id))
    wanted = inference._wanted
    studio.workspace.labels.change_skeleton(CHANGED, RENAMED)
    assert inference._wanted > wanted, "it is asked again"
    # Until it answers, what is stored stands in.
    np.testing.assert_array_equal(inference.subjects[0].xy[:2], POSE[[2, 1]])
    inference._receive(answer(inference, image_id))
    (subject,) = inference.subjects
    np.testing.assert_array_equal(subject.xy[:2], POSE[[2, 1]])
    assert np.isnan(subject.xy[2:]).all()
    np.testing.assert_array_equal(subject.scores, [0.7, 0.8, 0, 0])
    np.testing.assert_array_equal(subject.covariance[:2, 0, 0], [3, 2])
    assert subject.heatmaps[0, 1, 2] == subject.heatmaps[1, 1, 1] == 1
    assert not subject.heatmaps[2:].any()
    assert names_in(studio.window.decoder.table) == list(CHANGED.keypoints)
    studio.workspace.selection.select_keypoint(3)
    studio.canvas.viewport().grab()
    studio.undo()
    inference._receive(answer(inference, image_id))
    np.testing.assert_array_equal(inference.subjects[0].xy, POSE)


def test_a_model_of_which_no_keypoint_is_left_is_refused_until_undo(studio, inference):
    other = msgspec.structs.replace(SKELETON, keypoints=("hand", "elbow"), edges=(), flip_pairs=())
    studio.workspace.labels.change_skeleton(other)
    assert inference.state is EngineState.WITHOUT_RUN
    assert "other keypoints: nose, left_ear, right_ear" in studio.notice
    studio.undo()
    assert inference.state is EngineState.LOADING
    inference._receive(loaded(inference, SKELETON.keypoints))
    assert inference.state is EngineState.PREDICTING
