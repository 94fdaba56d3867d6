"""Modules that take long to import, imported while the window goes on."""

import logging
from collections.abc import Callable
from importlib import import_module

from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.workspace.background import Background
from kpstudio.workspace.collection_pause import collection_pause

log = logging.getLogger(__name__)

_AHEAD, _WANTED = 0, 1


class Imports(QObject):
    """Imports in a thread, one module after the other.

    A statement that imports one of them meanwhile waits for it, as it would have to anyway.

    Signals:
        imported(name): A module is there, whether it was wanted or read ahead.
        problem_raised(problem): What is wanted now cannot be imported.
    """

    imported = Signal(str)
    problem_raised = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self, threads=1)
        self._waiting = 0

    @property
    def is_idle(self) -> bool:
        return self._waiting == 0

    def read_ahead(self, names: tuple[str, ...]) -> None:
        """Import modules that will be wanted, after those that are wanted now."""
        for name in names:
            self._begin(name, lambda: None, self._note, _AHEAD)

    def want(self, name: str, done: Callable[[], object]) -> None:
        """Import a module, then go on with what needs it.

        Args:
            name: Of the module, in full.
            done: Called later, also where the module is there already.
        """
        self._begin(name, done, self.problem_raised.emit, _WANTED)

    def finish(self) -> None:
        """Wait for the module that is being imported, and leave the others."""
        self._background.finish()

    def _begin(
        self,
        name: str,
        done: Callable[[], object],
        failed: Callable[[UserProblem], None],
        priority: int,
    ) -> None:
        self._waiting += 1

        def read() -> None:
            with collection_pause():
                import_module(name)

        def go_on(_: None) -> None:
            self._waiting -= 1
            self.imported.emit(name)
            done()

        def give_up(problem: UserProblem) -> None:
            self._waiting -= 1
            failed(problem)

        self._background.run(read, done=go_on, failed=give_up, priority=priority)

    def _note(self, problem: UserProblem) -> None:
        # Whoever needs it will import it again, and say so then.
        log.warning("not imported ahead: %s", problem.message)
