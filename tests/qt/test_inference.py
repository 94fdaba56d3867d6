"""What the studio makes of the engine's answers; the engine itself is real in tests/e2e."""

import pytest
from studio import POSE, add_stored_run

from kpstudio.core.messages import CheckpointLoaded, Hello, RequestFailed
from kpstudio.workspace.inference import EngineState


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
