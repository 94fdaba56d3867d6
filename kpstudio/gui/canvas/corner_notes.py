"""Short words in the corner of the canvas: what is other than usual there, and what keys do now."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

MARGIN, HEIGHT, APART, PADDING = 10, 22, 4, 8


def paint_corner_notes(painter: QPainter, notes: Sequence[str], area: QRect) -> None:
    """Draw notes one below the other, from the upper left corner of an area down.

    The lower edge is left to the hints for newcomers. A note that is wider than the area loses
    its middle.
    """
    painter.save()
    painter.resetTransform()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    font = QFont(painter.font())
    font.setPixelSize(12)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    room = area.width() - 2 * (MARGIN + PADDING)
    for place, note in enumerate(notes):
        text = metrics.elidedText(note, Qt.TextElideMode.ElideMiddle, room)
        width = metrics.horizontalAdvance(text) + 2 * PADDING
        top = area.top() + MARGIN + place * (HEIGHT + APART)
        frame = QRectF(area.left() + MARGIN, top, width, HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(15, 17, 20, 200))
        painter.drawRoundedRect(frame, 4, 4)
        painter.setPen(QColor(235, 237, 240))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
