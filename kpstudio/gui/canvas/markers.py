"""Small pictures of markers: drawing one is much faster than drawing its outline anew."""

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

HALO = QColor(0, 0, 0, 170)
RIM = 1.5  # width of the dark line around a disc
# A marker lies on a quarter of a pixel: nobody sees less, and so few pictures can be kept.
PHASES = 4
_RADIUS_STEPS = 8  # to a pixel
_MARGIN = 3.5  # of the halo around a marker
_MOST_KINDS = 600


class Marker(IntEnum):
    """How a keypoint is marked."""

    DISC = 0
    HOLLOW = 1
    DOTTED = 2
    DIAMOND = 3
    CROSS = 4


class MarkerPictures:
    """Pictures of markers, each made once.

    A picture is square, and the middle of its marker is `half` device pixels from its top left,
    plus the phase.
    """

    def __init__(self) -> None:
        self._kinds: dict[tuple[Marker, int, int, float, float], tuple[int, list[QPixmap]]] = {}

    def of(
        self, marker: Marker, colour: QColor, radius: float, *, opacity: float, ratio: float
    ) -> tuple[int, list[QPixmap]]:
        """Half the size of the pictures, and one for each phase, those along x the fastest.

        Args:
            marker: What is drawn.
            colour: Of its inside or outline.
            radius: Logical pixels.
            opacity: Of the whole, 0 to 1.
            ratio: Device pixels per logical pixel.
        """
        steps = round(radius * _RADIUS_STEPS)
        key = marker, colour.rgba(), steps, opacity, ratio
        found = self._kinds.get(key)
        if found is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            found = self._kinds[key] = _pictures(
                marker, colour, steps / _RADIUS_STEPS, opacity, ratio
            )
        return found


def paint_marker(
    painter: QPainter, marker: Marker, point: QPointF, colour: QColor, radius: float
) -> None:
    """Draw one marker; the size of a cross is always the same."""
    _PAINTERS[marker](painter, point, colour, radius)


def paint_ring(painter: QPainter, point: QPointF, radius: float) -> None:
    """Draw what is around a keypoint that is selected."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 4), QPen(QColor("white"), 1.8)):
        painter.setPen(pen)
        painter.drawEllipse(point, radius, radius)


def _pictures(
    marker: Marker, colour: QColor, radius: float, opacity: float, ratio: float
) -> tuple[int, list[QPixmap]]:
    half = int((max(radius, 4.0) + _MARGIN) * ratio) + 1
    pictures = []
    for index in range(PHASES * PHASES):
        picture = QPixmap(2 * half + 1, 2 * half + 1)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setOpacity(opacity)
        painter.translate(half + index % PHASES / PHASES, half + index // PHASES / PHASES)
        painter.scale(ratio, ratio)
        paint_marker(painter, marker, QPointF(0, 0), colour, radius)
        painter.end()
        pictures.append(picture)
    return half, pictures


def _paint_disc(painter: QPainter, point: QPointF, colour: QColor, radius: float) -> None:
    painter.setPen(QPen(HALO, RIM))
    painter.setBrush(colour)
    painter.drawEllipse(point, radius, radius)


def _paint_hollow(
    painter: QPainter,
    point: QPointF,
    colour: QColor,
    radius: float,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 4), QPen(colour, 2, style)):
        painter.setPen(pen)
        painter.drawEllipse(point, radius, radius)


def _paint_dotted(painter: QPainter, point: QPointF, colour: QColor, radius: float) -> None:
    _paint_hollow(painter, point, colour, radius, Qt.PenStyle.DotLine)


def _paint_diamond(painter: QPainter, point: QPointF, colour: QColor, radius: float) -> None:
    outline = [
        point + QPointF(dx * radius, dy * radius) for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0))
    ]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 3.2), QPen(colour, 1.5)):
        painter.setPen(pen)
        painter.drawPolygon(outline)


def _paint_cross(painter: QPainter, point: QPointF, colour: QColor, radius: float) -> None:
    for pen in (QPen(HALO, 3.2), QPen(colour, 1.2)):
        painter.setPen(pen)
        for dx, dy in ((radius, radius), (radius, -radius)):
            painter.drawLine(point - QPointF(dx, dy), point + QPointF(dx, dy))


_PAINTERS: dict[Marker, Callable[[QPainter, QPointF, QColor, float], None]] = {
    Marker.DISC: _paint_disc,
    Marker.HOLLOW: _paint_hollow,
    Marker.DOTTED: _paint_dotted,
    Marker.DIAMOND: _paint_diamond,
    Marker.CROSS: _paint_cross,
}
