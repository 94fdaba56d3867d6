"""What the studio makes of the engine's answers; the engine itself is real in tests/e2e."""

import pytest
from studio import POSE, add_stored_run

from kpstudio.core.messages import Advice, CheckpointLoaded, Hello, RequestFailed
from kpstudio.workspace.inference import AUTOMATIC, EngineState


@pytest.fixture
def inference(studio, project):
    """A project with a run, and an engine that has said hello."""
    add_stored_run(project, {0: POSE})
    studio.open(project)
    made = studio.workspace.inference
    made.device = "cpu"
    made.state = EngineState.WITHOUT_RUN
    made.load_newest_run()
    assert made.state is EngineState.LOADING
    return made


def loaded(inference, keypoints):
    return CheckpointLoaded(1, inference.run.id, "efficientnet_lite0", keypoints, "dark", {})


def test_a_checkpoint_for_another_skeleton_predicts_nothing(studio, inference):
    inference._receive(loaded(inference, ("hand", "elbow")))
    assert inference.state is EngineState.WITHOUT_RUN
    assert "other keypoints: hand, elbow" in studio.notice
    assert "Train again" in studio.notice


def test_a_checkpoint_of_this_skeleton_is_ready(studio, inference):
    inference._receive(loaded(inference, ("nose", "left_ear", "right_ear")))
    assert inference.state in (EngineState.READY, EngineState.PREDICTING)
    assert "efficientnet_lite0" in studio.window.status_line.engine_text()


def test_a_checkpoint_that_cannot_be_loaded_is_said(studio, inference):
    inference._receive(RequestFailed(1, "model.safetensors is damaged.", "Train again.", True))
    assert inference.state is EngineState.WITHOUT_RUN
    assert "damaged" in studio.notice


def test_an_engine_of_another_version_is_refused(studio, inference):
    inference._receive(Hello(99, "9.9", "cpu", (), (), (), ()))
    assert "9.9" in studio.notice
    assert "same version" in studio.notice


def test_the_answer_to_an_older_choice_is_not_taken_for_the_newest(studio, inference):
    keypoints = ("nose", "left_ear", "right_ear")
    first = loaded(inference, keypoints)
    inference.choose_execution("bfloat16")
    inference.choose_execution("compiled")
    inference._receive(first)
    assert inference.state is EngineState.LOADING
    newest = inference._loading
    inference._receive(RequestFailed(newest, "It cannot be compiled here.", "Choose auto.", True))
    assert "cannot be compiled" in studio.notice
    assert inference.wanted_execution == AUTOMATIC
    assert inference.state is EngineState.LOADING
    assert inference._loading > newest
    done = CheckpointLoaded(
        inference._loading, inference.run.id, "x", keypoints, "dark", {}, {}, "float32, 9 ms"
    )
    inference._receive(done)
    assert inference.execution == "float32, 9 ms"
    studio.workspace.close_project()
    assert inference.execution == ""


def test_a_decoder_that_cannot_read_the_next_model_gives_way(studio, inference):
    keypoints = ("nose", "left_ear", "right_ear")
    advice = {name: Advice("fits", "") for name in ("argmax", "dark")}
    inference._receive(
        CheckpointLoaded(inference._loading, inference.run.id, "x", keypoints, "dark", advice)
    )
    inference.choose_decoder("argmax")
    inference.subjects_decoder = inference.decoder
    inference.load_newest_run()
    votes = {"awr": Advice("fits", "")}
    inference._receive(
        CheckpointLoaded(inference._loading, inference.run.id, "x", keypoints, "awr", votes)
    )
    assert inference.decoder.name == "awr"
