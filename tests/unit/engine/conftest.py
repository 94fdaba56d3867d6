import queue
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.messages import FrameReader, Hello, Reply, to_frame
from kpstudio.core.skeleton import Skeleton
from kpstudio.models import NETWORKS, CheckpointInfo, Framing, save_checkpoint

SKELETON = Skeleton("fly", ("head", "left", "right"), ((0, 1), (0, 2)), ((1, 2),))
WIDTH, HEIGHT = 101, 83


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Path:
    """A network that has learned nothing, in a whole checkpoint file."""
    torch.manual_seed(0)
    network = NETWORKS["efficientnet_lite0"]().build(len(SKELETON), is_pretrained=False)
    with torch.no_grad():
        network.find.maps.bias[0] = 0.5  # It is sure that there is something.
    framing = Framing(
        find_size=(96, 64),
        look_size=(64, 64),
        subject_size=37.0,
        find_subject_size=29.0,
        margin=1.5,
        is_upright=False,
        is_fixed_size=True,
    )
    path = tmp_path_factory.mktemp("checkpoint") / "model.safetensors"
    info = CheckpointInfo(network="efficientnet_lite0", skeleton=SKELETON, framing=framing)
    save_checkpoint(path, network, info)
    return path


@pytest.fixture
def pictures(tmp_path) -> list[Path]:
    """Images with three bright dots on noise, whose places are those of the dataset below."""
    random = np.random.default_rng(3)
    paths = []
    for index in range(5):
        pixels = random.integers(0, 60, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        for x, y in dots(index):
            cv2.circle(pixels, (int(x), int(y)), 4, (250, 240, 230), -1)
        paths.append(tmp_path / f"{index}.png")
        assert cv2.imwrite(str(paths[-1]), pixels)
    return paths


@pytest.fixture
def dataset(pictures) -> Dataset:
    """The pictures with their labels: one for validation, the others to learn from."""
    images = tuple(
        Image(index + 1, path, WIDTH, HEIGHT, "val" if index == 0 else "train")
        for index, path in enumerate(pictures)
    )
    annotations = tuple(
        Annotation(str(image.id), image.id, dots(index), np.full(3, 2))
        for index, image in enumerate(images)
    )
    return Dataset(SKELETON, images, annotations)


def dots(index: int) -> np.ndarray:
    return np.array([[41.0, 29.0], [31.0, 53.0], [59.0, 47.0]]) + 3 * index


class EngineChild:
    """A real engine process, spoken to as the studio does."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kpstudio.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        self._replies: queue.Queue = queue.Queue()
        self.hello: Hello | None = None
        self.errors = b""
        self._threads = [
            threading.Thread(target=self._read_replies),
            threading.Thread(target=self._read_errors),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, *messages) -> None:
        self.process.stdin.write(b"".join(map(to_frame, messages)))

    def expect(self, kind, *, timeout_s=60):
        """The next reply of a kind; others before it are passed over."""
        while True:
            reply = self._replies.get(timeout=timeout_s)
            if isinstance(reply, kind):
                return reply
            assert reply is not None, f"it ended before a {kind}: {self.errors.decode()}"

    def rest(self) -> list:
        """All replies until it ends."""
        return list(iter(lambda: self._replies.get(timeout=60), None))

    def wait(self) -> int:
        code = self.process.wait(60)
        for thread in self._threads:
            thread.join(10)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def _read_replies(self) -> None:
        reader = FrameReader(Reply)
        try:
            while data := self.process.stdout.read(1 << 16):
                for reply in reader.feed(data):
                    self._replies.put(reply)
        except ValueError:
            pass  # A test has closed the pipe.
        self._replies.put(None)

    def _read_errors(self) -> None:
        while data := self.process.stderr.read(1 << 16):
            self.errors += data


@pytest.fixture
def engine():
    child = EngineChild()
    yield child
    child.close()


@pytest.fixture(scope="module")
def shared_engine():
    """One for the tests that leave it as it was: each start takes seconds."""
    child = EngineChild()
    child.hello = child.expect(Hello)
    yield child
    child.process.stdin.close()
    assert child.wait() == 0
    child.close()
