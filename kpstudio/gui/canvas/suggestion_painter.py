"""Draws where keypoints are suggested to be: unlike a prediction, dotted lines to hollow rings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from kpstudio.gui.canvas.markers import HALO

RING = 6.5
MARGIN = 12.0


def paint_suggestions(
    painter: QPainter,
    present: NDArray[np.float64],
    suggested: NDArray[np.float64],
    colours: Sequence[QColor],
) -> None:
    """From each keypoint a dotted line to where it is suggested to be.

    Args:
        painter: Its transform maps image pixels to the screen.
        present: (K, 2) image pixels.
        suggested: (K, 2) image pixels, NaN where nothing is suggested.
        colours: One per keypoint.
    """
    to_screen = painter.worldTransform()
    painter.save()
    painter.resetTransform()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for index in np.flatnonzero(np.isfinite(suggested).all(axis=1)).tolist():
        start, end = (
            to_screen.map(QPointF(float(xy[index, 0]), float(xy[index, 1])))
            for xy in (present, suggested)
        )
        line = QLineF(start, end)
        # The line ends at the ring, so that what lies below its centre can be seen.
        line.setLength(max(line.length() - RING, 0.0))
        dotted = QPen(colours[index], 1.8)
        dotted.setDashPattern([0.1, 2.4])
        dotted.setCapStyle(Qt.PenCapStyle.RoundCap)
        for pen in (QPen(HALO, 3.6), dotted):
            painter.setPen(pen)
            painter.drawLine(line)
        for pen in (QPen(HALO, 4.2), QPen(colours[index], 2.0)):
            painter.setPen(pen)
            painter.drawEllipse(end, RING, RING)
    painter.restore()


def paint_hint(painter: QPainter, view: QRectF, text: str) -> None:
    """What the keys do now, in the lower left corner of the view."""
    painter.save()
    painter.resetTransform()
    font = QFont(painter.font())
    font.setPixelSize(12)
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(text)
    area = QRectF(view.left() + MARGIN, view.bottom() - MARGIN - 24, width + 20, 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(15, 17, 20, 215))
    painter.drawRoundedRect(area, 5, 5)
    painter.setPen(QColor("white"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
