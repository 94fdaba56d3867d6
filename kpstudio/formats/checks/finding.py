"""One thing that is worth knowing about a dataset before it is imported."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The worst first."""

MOST_EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do.

    Args:
        severity: "error" where the labels would be wrong or useless, "warning" where they may be,
            "note" where somebody might want to look.
        kind: A fixed word for programs, such as "missing_images".
        message: A sentence with figures.
        hint: What to do about it.
        count: How many images, annotations or keypoints it is about.
        examples: Some of them, by name.
        offset: What to add to every position, in pixels, where that is the cure.
        is_presence: Whether the cure is to read visibility 1 as “labelled”, and so as visible.
    """

    severity: Severity
    kind: str
    message: str
    hint: str
    count: int
    examples: tuple[str, ...] = ()
    offset: tuple[float, float] | None = None
    is_presence: bool = False


def some(names: Iterable[str]) -> tuple[str, ...]:
    """As many examples as are shown, none twice."""
    return tuple(islice(dict.fromkeys(names), MOST_EXAMPLES))


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 image", "2 images"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
