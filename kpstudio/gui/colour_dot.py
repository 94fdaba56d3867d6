"""A round swatch for a table row."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap


def colour_dot(colour: QColor) -> QIcon:
    """A round swatch for a table row, of the same colour in a selected one."""
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QColor(0, 0, 0, 120))
    painter.setBrush(colour)
    painter.drawEllipse(4, 4, 16, 16)
    painter.end()
    pixmap.setDevicePixelRatio(2)
    dot = QIcon(pixmap)
    dot.addPixmap(pixmap, QIcon.Mode.Selected)
    return dot
