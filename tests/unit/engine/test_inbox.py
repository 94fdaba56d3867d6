import io
import queue

import pytest

from kpstudio.core.messages import (
    DecoderChoice,
    LoadCheckpoint,
    Predict,
    StopTraining,
    Train,
    TrainingSettings,
    to_frame,
)
from kpstudio.core.skeleton import Skeleton
from kpstudio.engine.inbox import Inbox


class Pipe:
    """A stream that waits for what comes."""

    def __init__(self):
        self._chunks = queue.Queue()

    def put(self, data):
        self._chunks.put(data)

    def read(self, size):
        return self._chunks.get(timeout=20)


def predict(sequence):
    return Predict(sequence, 7, "image.png", DecoderChoice("dark"))


def train(sequence):
    from kpstudio.core.messages import DatasetMessage

    dataset = DatasetMessage(Skeleton("dot", ("dot",)), [], [])
    return Train(sequence, dataset, TrainingSettings(), "model.safetensors")


def taken(*messages, tail=b""):
    inbox = Inbox(io.BytesIO(b"".join(map(to_frame, messages)) + tail))
    inbox.start()
    inbox._thread.join(20)
    return inbox, list(inbox)


def test_of_the_predictions_that_wait_only_the_newest_is_kept():
    load = LoadCheckpoint(2, "model.safetensors", 5)
    _, arrived = taken(predict(1), load, predict(3), predict(4))
    assert [each.request for each in arrived] == [load, predict(4)]


def test_frames_may_be_cut_anywhere():
    class Dripping(io.BytesIO):
        def read(self, size):
            return super().read(1)

    data = to_frame(LoadCheckpoint(1, "a", 2)) + to_frame(predict(3))
    inbox = Inbox(Dripping(data))
    inbox.start()
    assert [each.request.sequence for each in inbox] == [1, 3]
    assert inbox.problem is None


def test_a_training_is_stopped_by_a_stop_that_came_after_it():
    pipe = Pipe()
    inbox = Inbox(pipe)
    inbox.start()
    pipe.put(to_frame(train(1)))
    first = next(iter(inbox))
    assert not inbox.is_stopped(first.number)
    pipe.put(to_frame(StopTraining(1)) + to_frame(train(2)))
    second = next(iter(inbox))
    assert inbox.is_stopped(first.number)
    assert not inbox.is_stopped(second.number)
    pipe.put(b"")
    assert list(inbox) == []
    assert inbox.is_stopped(second.number), "the end of the stream stops every training"


@pytest.mark.parametrize(
    "garbage", [b"this is not a message at all", b"\0\0\0\x05hello", to_frame(predict(1))[:-1]]
)
def test_what_is_not_a_message_ends_the_stream_with_a_problem(garbage):
    inbox, arrived = taken(LoadCheckpoint(1, "a", 2), tail=garbage)
    assert len(arrived) == 1
    assert inbox.problem is not None


def test_what_waits_is_forgotten_when_nobody_listens_any_more():
    pipe = Pipe()
    inbox = Inbox(pipe)
    inbox.abandon()
    assert list(inbox) == []
