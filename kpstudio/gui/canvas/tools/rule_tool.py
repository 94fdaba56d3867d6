"""Measure a distance and an angle in the image."""

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from kpstudio.gui.canvas.markers import HALO
from kpstudio.gui.canvas.tag import paint_tag
from kpstudio.gui.canvas.tools.tool import Point, Tool, Touch

END = 5.0


class RuleTool(Tool):
    """A line with its length in image pixels; it stays until the next, or until Escape."""

    def __init__(self) -> None:
        super().__init__()
        self._start: Point | None = None
        self._end: Point | None = None
        self._is_held = False
        self.hint = QCoreApplication.translate("RuleTool", "Drag from here to there. Escape ends.")

    @property
    def held(self) -> Point | None:
        return self._end if self._is_held else None

    @property
    def length(self) -> float | None:
        """Image pixels; None where nothing is measured."""
        if self._start is None or self._end is None:
            return None
        return float(np.linalg.norm(self._end - self._start))

    def forget(self) -> bool:
        was_held, self._is_held = self._is_held, False
        if was_held:
            self._start = self._end = None
        return was_held

    def press(self, touch: Touch) -> None:
        self._start = self._end = touch.point
        self._is_held = True

    def move(self, touch: Touch) -> None:
        if self._is_held:
            self._end = touch.point

    def release(self, touch: Touch) -> None:
        self.move(touch)
        self._is_held = False

    def paint(self, painter: QPainter, to_screen: QTransform) -> None:
        length = self.length
        if self._start is None or self._end is None or not length:
            return
        a = to_screen.map(QPointF(*self._start.tolist()))
        b = to_screen.map(QPointF(*self._end.tolist()))
        for pen in (QPen(HALO, 3.5), QPen(QColor("white"), 1.4)):
            painter.setPen(pen)
            painter.drawLine(a, b)
            for end in (a, b):
                painter.drawEllipse(end, END, END)
        dx, dy = (self._end - self._start).tolist()
        angle = math.degrees(math.atan2(-dy, dx))
        text = f"{length:.1f} px  {angle:.0f}°  ({dx:+.1f}, {dy:+.1f})"
        paint_tag(painter, b, text, QColor("white"))
