"""Words in a row, with the comma of the language of the window."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication


def enumerated(words: Iterable[str]) -> str:
    """One after another: "4 steps, 2 min"."""
    return QCoreApplication.translate("Enumeration", ", ").join(words)
