"""Short words in the corner of the canvas: what is other than usual there."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

MARGIN, HEIGHT = 10, 20


def paint_corner_notes(painter: QPainter, notes: Sequence[str], area: QRect) -> None:
    """Draw notes one over the other, from the lower left corner of an area up."""
    painter.save()
    painter.resetTransform()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    font = QFont(painter.font())
    font.setPixelSize(12)
    painter.setFont(font)
    bottom = area.bottom() - MARGIN - HEIGHT
    for place, note in enumerate(notes):
        width = painter.fontMetrics().horizontalAdvance(note) + 16
        frame = QRectF(area.left() + MARGIN, bottom - place * (HEIGHT + 4), width, HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(15, 17, 20, 200))
        painter.drawRoundedRect(frame, 4, 4)
        painter.setPen(QColor(225, 228, 232))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, note)
    painter.restore()
