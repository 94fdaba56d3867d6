"""A name beside a point of the canvas, readable on every image."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

DARK = 0.4  # text of a darker colour would not be readable


def paint_tag(painter: QPainter, point: QPointF, text: str, colour: QColor) -> None:
    """A name beside a point, readable on every image."""
    font = _tag_font(painter.font())
    painter.setFont(font)
    area = tag_area(point, text, font=font, right=painter.viewport().right() + 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(15, 17, 20, 215))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(colour if colour.lightnessF() > DARK else QColor("white"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def tag_area(point: QPointF, text: str, *, font: QFont, right: int) -> QRectF:
    """Where the name beside a point is: to its left where there is no room to its right."""
    width = QFontMetrics(_tag_font(font)).horizontalAdvance(text)
    area = QRectF(point.x() + 11, point.y() - 20, width + 12, 18)
    if area.right() > right - 1 and point.x() > area.width():
        area.moveRight(point.x() - 11)
    return area


def _tag_font(font: QFont) -> QFont:
    tag = QFont(font)
    tag.setPixelSize(12)
    return tag
