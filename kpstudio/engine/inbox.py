"""What the studio has asked for and what has not been done yet."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import FrameReader, Predict, Request, StopTraining

CHUNK_BYTES = 1 << 16


class ByteSource(Protocol):
    """An unbuffered stream: `read` answers with what is there, and with nothing at the end."""

    def read(self, size: int, /) -> bytes | None: ...


class Arrived(NamedTuple):
    """A request and its place in the order of arrival."""

    number: int
    request: Request


class Inbox:
    """Requests in the order in which they came, read by a thread of its own.

    Newest wins: of the `Predict`s that wait, only the last is kept. `StopTraining` is not queued
    behind the training that it shall stop: it is seen by `is_stopped`.
    """

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._frames: FrameReader[Request] = FrameReader(Request)
        self._waiting: deque[Arrived] = deque()
        self._changed = threading.Condition()
        self._arrivals = 0
        self._last_stop = 0
        self._is_closed = False
        self._problem: UserProblem | None = None
        self._thread = threading.Thread(target=self._read, name="inbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def problem(self) -> UserProblem | None:
        """Why the stream could not be understood to its end."""
        return self._problem

    def __iter__(self) -> Iterator[Arrived]:
        """Requests as they come, until the stream has ended and all of them are taken."""
        while (arrived := self._take()) is not None:
            yield arrived

    def is_stopped(self, training: int) -> bool:
        """Whether the training that arrived as this number shall end: asked to, or nobody left."""
        return self._is_closed or self._last_stop > training

    def abandon(self) -> None:
        """Nobody listens any more: forget what waits, and end."""
        with self._changed:
            self._waiting.clear()
            self._is_closed = True
            self._changed.notify_all()

    def _take(self) -> Arrived | None:
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            return self._waiting.popleft() if self._waiting else None

    def _read(self) -> None:
        try:
            while data := self._source.read(CHUNK_BYTES):
                for request in self._frames.feed(data):
                    self._put(request)
            if not self._frames.is_between_frames:
                self._problem = UserProblem("The studio's last message was cut off.")
        except UserProblem as problem:
            self._problem = problem
        except OSError as error:
            self._problem = UserProblem(f"The studio's messages cannot be read: {error}.")
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _put(self, request: Request) -> None:
        with self._changed:
            self._arrivals += 1
            if isinstance(request, StopTraining):
                self._last_stop = self._arrivals
                return
            if isinstance(request, Predict):
                for waiting in [a for a in self._waiting if isinstance(a.request, Predict)]:
                    self._waiting.remove(waiting)
            self._waiting.append(Arrived(self._arrivals, request))
            self._changed.notify_all()
