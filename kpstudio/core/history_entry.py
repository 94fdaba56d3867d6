"""One line of the history of a project."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["edit", "undo", "redo"]


@dataclass(frozen=True)
class HistoryEntry:
    """One change that was made to the annotations.

    Args:
        id: Grows with time; below 0 where it was made in another copy.
        kind: "edit", "undo" or "redo".
        of: For undo and redo the id of their edit.
        label: As the undo menu says it.
        author: Who did it.
        time: Seconds since 1970 (UTC).
        seconds_open: How long the image had been open; None where nobody looked at one.
        merge: Id of the merge that brought it from another copy of the project; None of a change
            that was made here. It says what was done there: undo takes back the whole merge.
    """

    id: int
    kind: Kind
    of: int | None
    label: str
    author: str
    time: float
    seconds_open: float | None = None
    merge: int | None = None


@dataclass(frozen=True)
class Touched:
    """What a change was about.

    Args:
        image_ids: The images whose labels it touched; none for one of the skeleton.
        annotation_ids: The annotations.
    """

    image_ids: frozenset[int] = frozenset()
    annotation_ids: frozenset[str] = frozenset()
