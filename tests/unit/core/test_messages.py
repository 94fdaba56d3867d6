import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.messages import (
    ArrayMessage,
    DatasetMessage,
    DecoderChoice,
    FrameReader,
    LoadCheckpoint,
    Predict,
    Request,
    StopTraining,
    to_frame,
)
from kpstudio.core.skeleton import Skeleton

MESSAGES = [
    Predict(1, 7, "/images/ä.png", DecoderChoice("dsnt", {"temperature": 20.0})),
    Predict(1, 7, "/clips/a.mp4", DecoderChoice("argmax"), frame=13),
    LoadCheckpoint(2, "/runs/1/model.safetensors", 1),
    StopTraining(3),
]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=80))
def test_messages_survive_a_stream_that_is_cut_anywhere(sizes):
    stream = b"".join(to_frame(message) for message in MESSAGES)
    reader = FrameReader(Request)
    received, start = [], 0
    for size in [*sizes, len(stream)]:
        received += reader.feed(stream[start : start + size])
        start += size
    assert received == MESSAGES
    assert reader.is_between_frames


@pytest.mark.parametrize("garbage", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02\xc1\xc1"])
def test_what_is_no_message_is_said(garbage):
    with pytest.raises(UserProblem):
        list(FrameReader(Request).feed(garbage))


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.uint8])
def test_arrays_travel_exactly(dtype):
    array = np.arange(2 * 3 * 5).reshape(2, 3, 5).astype(dtype)[:, ::-1]
    received = ArrayMessage.of(array).array()
    assert received.dtype == dtype
    assert np.array_equal(received, array)


def test_a_dataset_travels_exactly(tmp_path):
    skeleton = Skeleton("s", ("a", "b", "c"), flip_pairs=((1, 2),))
    xy = np.array([[1.25, 2.5], [np.nan, np.nan], [0.1, 1e-9]])
    dataset = Dataset(
        skeleton,
        (Image(5, tmp_path / "i.png", 11, 7, "val", "video 3"),),
        (Annotation("x", 5, xy, np.array([2, 0, 1]), box=Box(1, 2, 3, 4)),),
    )
    received = DatasetMessage.of(dataset).dataset()
    assert received.skeleton == skeleton
    assert received.images == dataset.images
    assert np.array_equal(received.annotations[0].xy, xy, equal_nan=True)
    assert received.annotations[0].visibility.tolist() == [2, 0, 1]
    assert received.annotations[0].box == Box(1, 2, 3, 4)
