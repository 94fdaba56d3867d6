"""The wish to open the window, which only the part of the program that knows Qt can fulfil."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WindowRequest:
    """Open the window.

    Args:
        project: To open in it; None for the start page.
        screenshot: Save a picture of the window there when all is there, and end.
    """

    project: Path | None = None
    screenshot: Path | None = None
