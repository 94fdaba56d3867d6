"""The engine: requests in, replies out, one at a time."""

import logging
import os
import sys
from pathlib import Path
from typing import Protocol

import torch

from kpstudio import __version__
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    PROTOCOL_VERSION,
    Hello,
    LoadCheckpoint,
    Message,
    Predict,
    Request,
    RequestFailed,
    Train,
    TrainingEnded,
    TrainingEvent,
    to_frame,
)
from kpstudio.decoders import describe_decoders
from kpstudio.engine.inbox import Arrived, ByteSource, Inbox
from kpstudio.engine.inference_session import InferenceSession
from kpstudio.inference.execution import available_executions
from kpstudio.inference.predictor import choose_device
from kpstudio.models import describe_heads, describe_networks
from kpstudio.training.fit import fit

TRAINING_NICENESS = 10

log = logging.getLogger(__name__)


class ByteSink(Protocol):
    """An unbuffered stream: `write` may take only a part, and says how much."""

    def write(self, data: memoryview, /) -> int | None: ...


class _StudioGone(Exception):
    """Nobody reads the replies any more."""


class EngineServer:
    """Serves one studio until its stream ends.

    Args:
        source: Frames of requests.
        sink: Takes frames of replies, and nothing else may write to it.
        device: "auto", or a torch device.
    """

    def __init__(self, source: ByteSource, sink: ByteSink, *, device: str = "auto") -> None:
        self._inbox = Inbox(source)
        self._sink = sink
        self._session = InferenceSession(device)

    def run(self) -> int:
        """Serve, and return the exit code of the process."""
        self._inbox.start()
        try:
            self._send(hello())
            for arrived in self._inbox:
                self._answer(arrived)
        except _StudioGone:
            return 0
        if self._inbox.problem is not None:
            log.error("%s", self._inbox.problem)
            return 1
        return 0

    def _answer(self, arrived: Arrived) -> None:
        request = arrived.request
        try:
            if isinstance(request, LoadCheckpoint):
                self._send(self._session.load(request))
            elif isinstance(request, Predict):
                self._send(self._session.predict(request))
            elif isinstance(request, Train):
                self._train(arrived.number, request)
        except UserProblem as problem:
            self._send(_failure(request, problem.message, problem.hint, is_problem=True))
        except torch.OutOfMemoryError as error:
            log.error("%s", error)
            self._send(
                _failure(
                    request,
                    "The memory of the graphics card is full.",
                    "Close other programs that use it, and try again.",
                    is_problem=True,
                )
            )
        except _StudioGone:
            raise
        except Exception as error:
            log.exception("a request failed")
            message = f"{type(error).__name__}: {error}"
            self._send(_failure(request, message, "", is_problem=False))

    def _train(self, number: int, request: Train) -> None:
        if self._inbox.is_stopped(number):
            self._send(TrainingEnded(request.sequence, "stopped", None, 0, None, 0.0))
            return
        _be_nice()
        fit(
            request.dataset.dataset(),
            request.settings,
            checkpoint=Path(request.checkpoint),
            report=self._report,
            should_stop=lambda: self._inbox.is_stopped(number),
            sequence=request.sequence,
            is_resumed=request.is_resumed,
        )

    def _report(self, event: TrainingEvent) -> None:
        # A studio that is gone shall not tear the training down: it stops, saves and ends.
        try:
            self._send(event)
        except _StudioGone:
            self._inbox.abandon()

    def _send(self, message: Message) -> None:
        rest = memoryview(to_frame(message))
        try:
            while rest:
                rest = rest[self._sink.write(rest) or 0 :]
        except OSError as error:
            raise _StudioGone from error


def hello() -> Hello:
    """Who this engine is, and what it can do."""
    return Hello(
        protocol=PROTOCOL_VERSION,
        version=__version__,
        device=describe_device(),
        executions=available_executions(choose_device()),
        decoders=describe_decoders(),
        networks=describe_networks(),
        heads=describe_heads(),
    )


def describe_device() -> str:
    """The device of "auto", as the bottom line of the window says it."""
    if torch.cuda.is_available():
        return f"cuda:0 {torch.cuda.get_device_name(0)}"
    return "cpu"


def _failure(request: Request, message: str, hint: str, *, is_problem: bool) -> RequestFailed:
    image_id = request.image_id if isinstance(request, Predict) else None
    return RequestFailed(request.sequence, message, hint, is_problem, image_id)


def _be_nice() -> None:
    """Leave the processor to the window and to other programs, where the system knows how."""
    if sys.platform == "win32":
        return
    current = os.nice(0)
    if current < TRAINING_NICENESS:
        os.nice(TRAINING_NICENESS - current)
