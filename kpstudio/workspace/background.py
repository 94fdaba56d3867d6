"""Work that would block the window, done in threads."""

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from kpstudio.core.errors import UserProblem

log = logging.getLogger(__name__)


class _Task(QRunnable):
    def __init__(self, run: Callable[[], None]) -> None:
        super().__init__()
        self._run = run

    def run(self) -> None:
        self._run()


class Background(QObject):
    """Runs functions in threads and hands their results back to the thread that owns it."""

    _answered = Signal(object, object)

    def __init__(self, parent: QObject | None = None, *, threads: int = 2) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._is_finished = False
        self._answered.connect(self._deliver)

    def run(
        self,
        work: Callable[[], Any],
        *,
        done: Callable[[Any], None],
        failed: Callable[[UserProblem], None],
        priority: int = 0,
    ) -> None:
        """Do `work` in a thread, then call `done` with its result or `failed` with the problem."""

        def task() -> None:
            try:
                result = work()
            except UserProblem as problem:
                self._answered.emit(failed, problem)
            except Exception as error:
                log.exception("background work failed")
                bug = UserProblem(
                    f"Something went wrong: {error!r}.", "The log file has the details."
                )
                self._answered.emit(failed, bug)
            else:
                self._answered.emit(done, result)

        self._pool.start(_Task(task), priority)

    def wait(self) -> None:
        """Wait for what has begun."""
        self._pool.waitForDone()

    def finish(self) -> None:
        """Wait for what has begun; what waits is dropped, and nothing is delivered any more."""
        self._is_finished = True
        self._pool.clear()
        self._pool.waitForDone()

    @Slot(object, object)
    def _deliver(self, receiver: Callable[[Any], None], value: Any) -> None:
        if not self._is_finished:
            receiver(value)
