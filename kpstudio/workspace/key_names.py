"""What the keys are called that run verbs, for texts that name them."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal


class KeyNames(QObject):
    """A person may have set other keys, so no text names one by itself.

    The window tells the names, because it has the verbs and knows how keys are written here.

    Signals:
        changed: Texts that name keys are to be shown anew.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: Mapping[str, str] = {}

    def tell(self, names: Mapping[str, str]) -> None:
        """Replace all of them.

        Args:
            names: By the verb: its key, or where it stands in the menus if it has none.
        """
        if names != self._names:
            self._names = dict(names)
            self.changed.emit()

    def of(self, verb: str) -> str:
        """How a verb is reached; empty while no window has told."""
        return self._names[verb] if self._names else ""
