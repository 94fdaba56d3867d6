"""Work in the background that waits until a test lets it go on."""

import threading
from collections.abc import Callable


class HeldWork:
    """Something slow that tells how far it is, before it waits and after."""

    def __init__(self) -> None:
        self._begun, self._go_on = threading.Event(), threading.Event()
        self.ended: list[str] = []
        """The name of what its last report has raised."""

    def run(self, report: Callable[[int, int], None]) -> None:
        report(3, 13)
        self._begun.set()
        self._go_on.wait(20)
        try:
            report(4, 13)
        except BaseException as stopped:
            self.ended.append(type(stopped).__name__)
            raise

    def has_begun(self) -> bool:
        return self._begun.is_set()

    def let_go(self) -> None:
        self._go_on.set()
