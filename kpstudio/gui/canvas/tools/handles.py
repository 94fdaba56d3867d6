"""A frame with handles, by which something on the canvas is moved, scaled and turned."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from kpstudio.core.geometry import Affine, Box
from kpstudio.gui.canvas.markers import HALO
from kpstudio.gui.canvas.tools.tool import Point

SIDES = tuple((x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if x or y)
INSIDE = (0, 0)
HANDLE = 4.0
# How far the handle that turns is above the frame, and how wide the frame is at least, in reaches.
KNOB_REACH, LEAST_REACH = 3.0, 2.0
# Degrees to which a turn snaps with Shift.
STEP_DEG = 15.0


@dataclass(frozen=True)
class Grip:
    """One handle: a side or corner as (-1, 0 or 1) along x and y, the inside, or the knob."""

    x: int
    y: int
    turns: bool = False

    @property
    def cursor(self) -> Qt.CursorShape:
        if self.turns:
            return Qt.CursorShape.PointingHandCursor
        if (self.x, self.y) == INSIDE:
            return Qt.CursorShape.SizeAllCursor
        if not self.x:
            return Qt.CursorShape.SizeVerCursor
        if not self.y:
            return Qt.CursorShape.SizeHorCursor
        is_falling = self.x == self.y
        return Qt.CursorShape.SizeFDiagCursor if is_falling else Qt.CursorShape.SizeBDiagCursor


TURN = Grip(0, -1, turns=True)


@dataclass(frozen=True)
class Handles:
    """The handles of an upright frame.

    Args:
        frame: Image pixels; at least so large that its handles do not touch.
        can_turn: Whether there is a knob above it.
    """

    frame: Box
    can_turn: bool

    @classmethod
    def around(cls, box: Box, *, reach: float, margin: float, can_turn: bool) -> "Handles":
        """The frame of a box, with so many reaches of room on each side."""
        room = 2 * margin * reach
        least = LEAST_REACH * reach
        width, height = max(box.width + room, least), max(box.height + room, least)
        return cls(Box.centred(*box.centre, width, height), can_turn)

    def position(self, grip: Grip, reach: float) -> Point:
        """(2,) image pixels."""
        x, y = self.frame.centre
        knob = KNOB_REACH * reach if grip.turns else 0.0
        return np.array(
            [x + grip.x * self.frame.width / 2, y + grip.y * self.frame.height / 2 - knob]
        )

    def hit(self, point: Point, reach: float) -> Grip | None:
        """The handle under a point; the inside of the frame is one, too."""
        grips = [Grip(x, y) for x, y in SIDES]
        if self.can_turn:
            grips.insert(0, TURN)
        distances = [float(np.linalg.norm(self.position(each, reach) - point)) for each in grips]
        nearest = int(np.argmin(distances))
        if distances[nearest] <= reach:
            return grips[nearest]
        corners = self.frame.corners()
        is_inside = bool((point >= corners[0]).all() and (point <= corners[2]).all())
        return Grip(*INSIDE) if is_inside else None

    def motion(self, grip: Grip, start: Point, end: Point, *, keeps: bool) -> Affine:
        """What dragging a handle does to what is in the frame.

        Args:
            grip: The handle.
            start: Where it was taken, image pixels.
            end: Where it is now.
            keeps: Of a corner, the proportions; of the knob, steps of 15 degrees.
        """
        middle = np.asarray(self.frame.centre)
        if grip.turns:
            turn = _angle(end - middle) - _angle(start - middle)
            if keeps:
                turn = math.radians(round(math.degrees(turn) / STEP_DEG) * STEP_DEG)
            return Affine.about(middle, turn_rad=turn)
        dx, dy = (end - start).tolist()
        if (grip.x, grip.y) == INSIDE:
            return Affine.moving(dx, dy)
        scale_x = max(1 + grip.x * dx / self.frame.width, 0.05)
        scale_y = max(1 + grip.y * dy / self.frame.height, 0.05)
        if keeps and grip.x and grip.y:
            scale_x = scale_y = max(scale_x, scale_y)
        half = np.array([self.frame.width, self.frame.height]) / 2
        fixed = middle - np.array([grip.x, grip.y]) * half
        return Affine.about(fixed, sx=scale_x, sy=scale_y)

    def paint(
        self, painter: QPainter, to_screen: QTransform, reach: float, motion: Affine | None
    ) -> None:
        """Draw the frame, moved along with what is in it, and its handles while it rests."""
        corners = self.frame.corners()
        if motion is not None:
            corners = motion.apply(corners)
        outline = QPolygonF([to_screen.map(QPointF(x, y)) for x, y in corners.tolist()])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(HALO, 3), QPen(QColor("white"), 1.2, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawPolygon(outline)
        if motion is not None:
            return
        painter.setPen(QPen(HALO, 1.5))
        painter.setBrush(QColor("white"))
        for x, y in SIDES:
            at = to_screen.map(QPointF(*self.position(Grip(x, y), reach).tolist()))
            painter.drawRect(QRectF(at.x() - HANDLE, at.y() - HANDLE, 2 * HANDLE, 2 * HANDLE))
        if self.can_turn:
            knob = to_screen.map(QPointF(*self.position(TURN, reach).tolist()))
            painter.drawEllipse(knob, HANDLE + 1, HANDLE + 1)


def _angle(vector: Point) -> float:
    return math.atan2(float(vector[1]), float(vector[0]))
