"""One line of the history of a project."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["edit", "undo", "redo"]


@dataclass(frozen=True)
class HistoryEntry:
    """One change that was made to the annotations.

    Args:
        id: Grows with time.
        kind: "edit", "undo" or "redo".
        of: For undo and redo the id of their edit.
        label: As the undo menu says it.
        author: Who did it.
        time: Seconds since 1970 (UTC).
        seconds_open: How long the image had been open; None where nobody looked at one.
    """

    id: int
    kind: Kind
    of: int | None
    label: str
    author: str
    time: float
    seconds_open: float | None = None
