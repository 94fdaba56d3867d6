import io
import signal
import threading

import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    PROTOCOL_VERSION,
    CheckpointLoaded,
    DatasetMessage,
    DecoderChoice,
    FrameReader,
    Hello,
    LoadCheckpoint,
    Predict,
    Predicted,
    Reply,
    RequestFailed,
    StopTraining,
    Train,
    TrainingEnded,
    TrainingSettings,
    TrainingStep,
    TrainingValidated,
    to_frame,
)
from kpstudio.engine import server
from kpstudio.engine.server import EngineServer
from kpstudio.inference.predictor import Predictor
from kpstudio.models.networks import NETWORKS


def predict(sequence, path, decoder="argmax"):
    return Predict(sequence, 7, str(path), DecoderChoice(decoder))


def train(dataset, checkpoint, *, sequence=11, **settings):
    message = DatasetMessage.of(dataset)
    return Train(sequence, message, TrainingSettings(**settings), str(checkpoint))


def served(*requests, tail=b""):
    """What an engine in this process answers to requests that are all there at once."""
    sink = io.BytesIO()
    code = EngineServer(
        io.BytesIO(b"".join(map(to_frame, requests)) + tail), sink, device="cpu"
    ).run()
    return code, list(FrameReader(Reply).feed(sink.getvalue()))


def test_the_first_reply_introduces_the_engine():
    code, (hello,) = served()
    assert code == 0
    assert isinstance(hello, Hello)
    assert hello.protocol == PROTOCOL_VERSION
    assert {each.name for each in hello.decoders} >= {"argmax", "quarter_offset", "dark", "dsnt"}
    assert [each.name for each in hello.networks] == list(NETWORKS)
    assert hello.device == "cpu" or hello.device.startswith("cuda:0 ")


def test_a_request_that_fails_does_not_end_the_engine(checkpoint, pictures, tmp_path):
    code, (_, failed, loaded, answer) = served(
        LoadCheckpoint(1, str(tmp_path / "none.safetensors"), 5),
        LoadCheckpoint(2, str(checkpoint), 5),
        predict(3, pictures[0]),
    )
    assert code == 0
    assert isinstance(failed, RequestFailed)
    assert (failed.sequence, failed.is_problem, failed.image_id) == (1, True, None)
    assert isinstance(loaded, CheckpointLoaded)
    assert isinstance(answer, Predicted)


def test_a_prediction_without_a_checkpoint_names_its_image(pictures):
    _, (_, failed) = served(predict(3, pictures[0]))
    assert (failed.sequence, failed.is_problem, failed.image_id) == (3, True, 7)
    assert failed.hint


def test_a_mistake_of_ours_is_told_with_its_type(checkpoint, pictures, monkeypatch):
    def fail(self, image, *, known):
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(Predictor, "heatmaps", fail)
    _, replies = served(LoadCheckpoint(2, str(checkpoint), 5), predict(3, pictures[0]))
    assert replies[-1] == RequestFailed(3, "ZeroDivisionError: on purpose", "", False, 7)


@pytest.mark.parametrize("garbage", [b"this is no message", b"\0\0\0\x03abc"])
def test_garbage_ends_the_engine_with_an_error(garbage, capfd):
    code, replies = served(tail=garbage)
    assert code == 1
    assert len(replies) == 1


def test_a_training_that_cannot_start_is_a_failed_request(dataset, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise UserProblem("Nothing is labelled.", "Label something.")

    monkeypatch.setattr(server, "fit", refuse)
    source = WaitingSource()
    sink = io.BytesIO()
    source.put(to_frame(train(dataset, tmp_path / "model.safetensors")))
    thread = threading.Timer(0.5, source.put, [b""])
    thread.start()
    EngineServer(source, sink, device="cpu").run()
    thread.join()
    *_, failed = FrameReader(Reply).feed(sink.getvalue())
    assert (failed.sequence, failed.message, failed.hint) == (
        11,
        "Nothing is labelled.",
        "Label something.",
    )


def test_a_training_is_told_when_the_studio_does_not_read_any_more(dataset, tmp_path, monkeypatch):
    told = []

    def fit(*args, report, should_stop, sequence, **kwargs):
        told.append(should_stop())
        report(TrainingStep(sequence, 1, 0.5, 0.1, 1.0, 9.0))
        told.append(should_stop())

    class Breaking(io.BytesIO):
        def write(self, data):
            if self.tell():
                raise BrokenPipeError
            return super().write(data)

    monkeypatch.setattr(server, "fit", fit)
    source = WaitingSource()
    source.put(to_frame(train(dataset, tmp_path / "model.safetensors")))
    assert EngineServer(source, Breaking(), device="cpu").run() == 0
    source.put(b"")
    assert told == [False, True]


def test_a_reply_that_is_taken_in_parts_arrives_whole():
    class Sipping(io.BytesIO):
        def write(self, data):
            return super().write(data[:7])

    sink = Sipping()
    EngineServer(io.BytesIO(), sink, device="cpu").run()
    (hello,) = FrameReader(Reply).feed(sink.getvalue())
    assert isinstance(hello, Hello)


class WaitingSource:
    """A stream whose chunks come when the test wants."""

    def __init__(self):
        import queue

        self._chunks = queue.Queue()

    def put(self, data):
        self._chunks.put(data)

    def read(self, size):
        return self._chunks.get(timeout=30)


def test_a_real_engine_predicts_and_answers_only_the_newest(shared_engine, checkpoint, pictures):
    engine = shared_engine
    assert engine.hello.protocol == PROTOCOL_VERSION
    engine.send(LoadCheckpoint(1, str(checkpoint), 13))
    assert engine.expect(CheckpointLoaded).run_id == 13

    # Ctrl+C in the terminal of the studio reaches the engine, too, and is not meant for it.
    engine.process.send_signal(signal.SIGINT)
    engine.send(predict(2, pictures[0]))
    first = engine.expect(Predicted)
    engine.send(predict(3, pictures[0], "dark"))
    second = engine.expect(Predicted)
    assert (first.sequence, second.sequence) == (2, 3)
    assert second.network_passes == first.network_passes

    engine.send(
        LoadCheckpoint(4, str(checkpoint), 13),
        *(predict(5 + index, pictures[index % 5]) for index in range(29)),
    )
    answers = [engine.expect(Predicted).sequence]
    while answers[-1] != 33:
        answers.append(engine.expect(Predicted).sequence)
    assert len(answers) < 5


def test_a_stopped_training_leaves_the_engine_ready(shared_engine, dataset, tmp_path):
    engine = shared_engine
    path = tmp_path / "run" / "model.safetensors"
    engine.send(train(dataset, path, minutes=3.0))
    engine.expect(TrainingStep)
    engine.send(StopTraining(11))
    ended = engine.expect(TrainingEnded)
    assert (ended.how, ended.checkpoint, ended.sequence) == ("stopped", str(path), 11)
    engine.send(LoadCheckpoint(12, str(path), 5), predict(13, dataset.images[0].path))
    assert engine.expect(Predicted).subjects


def test_the_end_of_the_input_ends_a_training_which_saves(engine, dataset, tmp_path):
    path = tmp_path / "model.safetensors"
    engine.send(train(dataset, path, minutes=3.0))
    engine.expect(TrainingStep)
    engine.process.stdin.close()
    ended = engine.expect(TrainingEnded)
    assert (ended.how, ended.checkpoint) == ("stopped", str(path))
    assert engine.wait() == 0
    assert Predictor.load(path, "cpu").checkpoint.skeleton.keypoints == dataset.skeleton.keypoints


def test_a_killed_training_leaves_the_best_so_far(engine, dataset, tmp_path):
    path = tmp_path / "model.safetensors"
    engine.send(train(dataset, path, steps=99, input_size=64, batch=4))
    engine.expect(TrainingValidated)
    engine.process.kill()
    assert engine.wait() != 0
    assert Predictor.load(path, "cpu").network_passes == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        # In this process `test_garbage_ends_the_engine_with_an_error` sends one.
        pytest.param(b"\0\0\0\x03abc", marks=pytest.mark.thorough),
    ],
)
def test_a_real_engine_refuses_another_protocol(engine, sent):
    engine.process.stdin.write(sent)
    engine.process.stdin.close()
    assert [type(each) for each in engine.rest()] == [Hello]
    assert engine.wait() == 1
    assert b"do not understand" in engine.errors or b"not a message" in engine.errors
