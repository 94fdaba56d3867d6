"""What the mouse does on the canvas: one tool at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QTransform

from kpstudio.gui.canvas.pose import Pose

Point = NDArray[np.float64]


@dataclass(frozen=True)
class Touch:
    """Where the mouse is, and what is held with it.

    Args:
        point: (2,) image pixels.
        screen: The same in screen pixels of the canvas.
        reach: How far from it something still counts as touched, image pixels.
        modifiers: Keys that are held.
        snaps: Whether a keypoint shall go to the nearest peak of its heatmap.
    """

    point: Point
    screen: QPoint
    reach: float
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    snaps: bool = False

    def has(self, modifier: Qt.KeyboardModifier) -> bool:
        return bool(self.modifiers & modifier)


class Tool:
    """Turns presses, moves and releases of the left button into verbs of the workspace.

    Attributes:
        hint: What to do with it, for the bottom line; empty where there is nothing to say.
        is_done: It has done what it was chosen for, and the mouse selects again.
    """

    def __init__(self) -> None:
        self.hint = ""
        self.is_done = False

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    @property
    def held(self) -> Point | None:
        """(2,) the point that is being moved, image pixels; None while none is."""
        return None

    def forget(self) -> bool:
        """Let go of what is held, without a change; False where nothing was."""
        return False

    def press(self, touch: Touch) -> None:
        """The left button went down."""

    def move(self, touch: Touch) -> None:
        """The mouse has moved, with the button or without."""

    def release(self, touch: Touch) -> None:
        """The left button is up again."""

    def shown(self, poses: list[Pose]) -> Sequence[Pose]:
        """What is drawn in place of what there is."""
        return poses

    def paint(self, painter: QPainter, to_screen: QTransform) -> None:
        """Draw what only this tool has; the painter draws in screen pixels."""
