"""Icons in the colour of the theme."""

from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from kpstudio.core.resources import resource_path

SIZE = 24
PLACEHOLDER = "#808080"


@cache
def icon(name: str, colour: str) -> QIcon:
    """The icon of that name in `resources/icons`, drawn in a colour."""
    text = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(text.replace(PLACEHOLDER, colour).encode()))
    made = QIcon()
    for scale in (1, 2):
        pixmap = QPixmap(SIZE * scale, SIZE * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        made.addPixmap(pixmap)
    return made


def application_icon() -> QIcon:
    return QIcon(str(resource_path("icons", "kpstudio.png")))
