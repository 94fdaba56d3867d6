"""How commands speak: results on standard output, everything else on standard error."""

import sys
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from kpstudio.core.errors import UserProblem

LINE_EVERY_S = 5.0
REDRAW_EVERY_S = 0.2


def say(text: str) -> None:
    """A line for the person in front of the terminal."""
    print(text, file=sys.stderr, flush=True)


def print_result(text: str) -> None:
    print(text, flush=True)


def print_json(value: Any) -> None:
    """One JSON value on one line."""
    print(msgspec.json.encode(value).decode(), flush=True)


def print_problem(problem: UserProblem) -> None:
    say(f"kpstudio: {problem.message}")
    if problem.hint:
        say(f"  {problem.hint}")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Text columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return "\n".join(
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
            ]
        ).rstrip()
        for line in (header, *rows)
    )


def pixels(value: float | None) -> str:
    """A distance with the digits that mean something; “-” where there is none."""
    return "-" if value is None else f"{value:.2f}"


class ProgressLine:
    """One line that is redrawn in a terminal, and now and then a line in a log."""

    def __init__(self) -> None:
        self._redraws = sys.stderr.isatty()
        self._every_s = REDRAW_EVERY_S if self._redraws else LINE_EVERY_S
        self._last = -float("inf")
        self._drawn = 0

    def show(self, text: str) -> None:
        """Show it, unless the last one was shown just before."""
        now = time.monotonic()
        if now - self._last < self._every_s:
            return
        self._last = now
        if self._redraws:
            print(f"\r{text.ljust(self._drawn)}", end="", file=sys.stderr, flush=True)
            self._drawn = len(text)
        else:
            say(text)

    def clear(self) -> None:
        """Leave an empty line for what follows."""
        if self._drawn:
            print(f"\r{' ' * self._drawn}\r", end="", file=sys.stderr, flush=True)
            self._drawn = 0
