"""Work in the background that tells how far it is, and that can be stopped."""

import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.workspace.background import Background

_TELL_EVERY_S = 0.05

Report = Callable[[int, int], None]


class _Stopped(Exception):
    """The user does not want it any more."""


class Stoppable(QObject):
    """One piece of work at a time; a newer one takes the place of an older one.

    Signals:
        running_changed: Something began or ended.
        progressed(done, total): How far it is.
    """

    running_changed = Signal()
    progressed = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self, threads=1)
        self._stop: threading.Event | None = None

    @property
    def is_running(self) -> bool:
        return self._stop is not None

    def start(
        self,
        work: Callable[[Report], Any],
        *,
        done: Callable[[Any], None],
        failed: Callable[[UserProblem], None],
    ) -> None:
        """Do `work` in a thread; neither `done` nor `failed` is called after `stop`.

        Args:
            work: Is handed a function to be called with how far it is, which ends it on `stop`.
            done: Is called with its result.
            failed: Is called with its problem.
        """
        self.stop()
        stop = self._stop = threading.Event()
        last = 0.0

        def report(count: int, total: int) -> None:
            nonlocal last
            if stop.is_set():
                raise _Stopped
            now = time.monotonic()
            if now >= last + _TELL_EVERY_S:
                last = now
                self.progressed.emit(count, total)

        def run() -> Any:
            try:
                return work(report)
            except _Stopped:
                return None

        def end(receiver: Callable[[Any], None]) -> Callable[[Any], None]:
            def deliver(value: Any) -> None:
                if self._stop is stop:
                    self._stop = None
                    self.running_changed.emit()
                    receiver(value)

            return deliver

        self._background.run(run, done=end(done), failed=end(failed))
        self.running_changed.emit()

    def stop(self) -> None:
        """End it at its next report; its result is dropped."""
        if self._stop is not None:
            self._stop.set()
            self._stop = None
            self.running_changed.emit()

    def wait(self) -> None:
        """Wait for the end of what cannot be stopped halfway."""
        self._background.wait()

    def finish(self) -> None:
        """The program ends: stop, and wait."""
        self.stop()
        self._background.finish()
