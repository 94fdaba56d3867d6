import msgspec
import numpy as np
import pytest
from video_files import write_video

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import DecoderChoice, LoadCheckpoint, Predict
from kpstudio.decoders import HeadTraining
from kpstudio.engine.inference_session import InferenceSession
from kpstudio.inference.execution import available_executions


@pytest.fixture
def session(checkpoint):
    session = InferenceSession("cpu")
    session.load(LoadCheckpoint(1, str(checkpoint), 13))
    return session


def predict(path, decoder="argmax", **parameters):
    return Predict(2, 7, str(path), DecoderChoice(decoder, parameters))


def test_loading_tells_what_the_checkpoint_is_and_which_decoders_suit(checkpoint):
    loaded = InferenceSession("cpu").load(LoadCheckpoint(5, str(checkpoint), 13))
    assert (loaded.sequence, loaded.run_id) == (5, 13)
    assert loaded.keypoints == ("head", "left", "right")
    assert loaded.network == "efficientnet_lite0"
    assert set(loaded.advice) >= {"argmax", "quarter_offset", "dark", "dsnt"}
    assert loaded.advice["dark"].fit == "fits"


def test_the_parameters_that_follow_from_the_head_are_told(checkpoint):
    session = InferenceSession("cpu")
    loaded = session.load(LoadCheckpoint(5, str(checkpoint), 13))
    assert loaded.suited["dark"] == {"sigma": HeadTraining().sigma}
    assert loaded.suited["argmax"] == {}


def test_predicting_before_a_checkpoint_is_loaded_says_what_to_do(pictures):
    with pytest.raises(UserProblem, match="no trained network yet") as caught:
        InferenceSession("cpu").predict(predict(pictures[0]))
    assert "Train" in caught.value.hint


def test_points_lie_on_their_heatmaps(session, pictures):
    answer = session.predict(predict(pictures[0]))
    subject = answer.subjects[0]
    maps = subject.heatmaps.array()
    xy = subject.placement().inverse().apply(subject.xy.array())
    for keypoint in range(3):
        row, column = np.unravel_index(maps[keypoint].astype(float).argmax(), maps.shape[1:])
        np.testing.assert_allclose(xy[keypoint], [column, row], atol=0.51)


def test_another_decoder_does_not_run_the_network_again(session, pictures):
    first = session.predict(predict(pictures[0]))
    second = session.predict(predict(pictures[0], "dark"))
    assert first.network_passes == second.network_passes > 0
    assert second.subjects[0].heatmaps == first.subjects[0].heatmaps
    third = session.predict(predict(pictures[1], "dark"))
    assert third.network_passes > second.network_passes


def test_an_image_that_was_replaced_is_predicted_again(session, pictures):
    passes = session.predict(predict(pictures[0])).network_passes
    pictures[0].write_bytes(pictures[1].read_bytes())
    assert session.predict(predict(pictures[0])).network_passes > passes


def test_frames_of_a_video_are_different_images(session, tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=9)
    request = predict(path)
    passes = []
    for frame in (2, 7, 2):
        answer = session.predict(msgspec.structs.replace(request, frame=frame))
        passes.append(answer.network_passes)
    assert 0 < passes[0] < passes[1] == passes[2]
    with pytest.raises(UserProblem, match="no frame 9"):
        session.predict(msgspec.structs.replace(request, frame=9))


def test_passes_are_counted_over_all_checkpoints(session, pictures, checkpoint):
    passes = session.predict(predict(pictures[0])).network_passes
    session.load(LoadCheckpoint(3, str(checkpoint), 17))
    again = session.predict(predict(pictures[0]))
    assert again.run_id == 17
    assert again.network_passes == 2 * passes


def test_the_former_checkpoint_stays_when_the_new_one_is_not_one(session, pictures):
    with pytest.raises(UserProblem):
        session.load(LoadCheckpoint(3, str(pictures[0]), 17))
    assert session.predict(predict(pictures[1])).run_id == 13


def test_an_image_that_is_gone_is_a_problem_of_the_user(session, tmp_path):
    with pytest.raises(UserProblem, match="not there"):
        session.predict(predict(tmp_path / "gone.png"))


def test_a_parameter_out_of_range_is_refused(session, pictures):
    with pytest.raises(UserProblem, match="out of range"):
        session.predict(predict(pictures[0], "dark", sigma=-1.0))


def test_another_way_to_run_the_model_runs_it_again(checkpoint, pictures):
    session = InferenceSession("cpu")
    session.load(LoadCheckpoint(1, str(checkpoint), 13, "float32"))
    first = session.predict(predict(pictures[0]))
    session.load(LoadCheckpoint(2, str(checkpoint), 13, "float32"))
    again = session.predict(predict(pictures[0]))
    assert again.network_passes == first.network_passes
    ways = session._predictor.execution
    assert ways.precision == "float32"
    if "bfloat16" not in available_executions("cpu"):
        pytest.skip("this processor has no bfloat16 instructions")
    loaded = session.load(LoadCheckpoint(3, str(checkpoint), 13, "bfloat16"))
    assert "bfloat16" in loaded.execution
    assert session.predict(predict(pictures[0])).network_passes > again.network_passes


def test_a_decoder_of_another_head_is_refused(session, pictures):
    with pytest.raises(UserProblem, match="AWR reads votes, and the model gives heatmaps"):
        session.predict(predict(pictures[0], "awr"))
