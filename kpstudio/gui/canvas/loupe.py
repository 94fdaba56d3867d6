"""A magnified look at what is under the cursor while a keypoint is being put there."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from kpstudio.gui.canvas.drawn_picture import DrawnPicture
from kpstudio.gui.canvas.markers import HALO

RADIUS, DISTANCE = 76.0, 112.0
GAP, ARM = 3.0, 16.0
# A canvas that magnifies as much does not need another.
NEEDED_BELOW = 0.75


def paint_loupe(
    painter: QPainter,
    image: DrawnPicture,
    point: QPointF,
    cursor: QPointF,
    *,
    magnification: float,
    area: QRect,
    colour: QColor,
) -> None:
    """Draw a round piece of the image beside the cursor, its middle marked by a crosshair.

    Args:
        painter: Draws in screen pixels.
        image: Whole, whose pixel centres are at integers of `point`.
        point: What is in the middle, image pixels.
        cursor: Screen pixels; the loupe goes where it covers neither it nor the border.
        magnification: Screen pixels per image pixel.
        area: Of the canvas, screen pixels.
        colour: Of the crosshair: that of the keypoint.
    """
    middle = _beside(cursor, area)
    reach = RADIUS / magnification
    # Pixel i of a picture is drawn over [i, i + 1], and its centre is at i.
    source = QRectF(point.x() + 0.5 - reach, point.y() + 0.5 - reach, 2 * reach, 2 * reach)
    target = QRectF(middle.x() - RADIUS, middle.y() - RADIUS, 2 * RADIUS, 2 * RADIUS)
    circle = QPainterPath()
    circle.addEllipse(middle, RADIUS, RADIUS)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setClipPath(circle)
    painter.fillPath(circle, QColor("black"))
    image.paint(painter, source, target, is_smooth=False)
    painter.setClipping(False)
    for pen in (QPen(HALO, 3), QPen(colour, 1)):
        painter.setPen(pen)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(
                middle + QPointF(GAP * dx, GAP * dy), middle + QPointF(ARM * dx, ARM * dy)
            )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 5), QPen(QColor("white"), 1.6)):
        painter.setPen(pen)
        painter.drawEllipse(middle, RADIUS, RADIUS)
    painter.restore()


def loupe_area(cursor: QPointF, area: QRect) -> QRectF:
    """Where the loupe is, with its rim.

    Args:
        cursor: Screen pixels.
        area: Of the canvas, screen pixels.
    """
    middle, half = _beside(cursor, area), RADIUS + 3
    return QRectF(middle.x() - half, middle.y() - half, 2 * half, 2 * half)


def _beside(cursor: QPointF, area: QRect) -> QPointF:
    """Above and to the right, or wherever there is room."""
    room = QRectF(area).adjusted(RADIUS, RADIUS, -RADIUS, -RADIUS)
    for dx, dy in ((1, -1), (-1, -1), (1, 1), (-1, 1)):
        middle = cursor + QPointF(dx * DISTANCE, dy * DISTANCE)
        if room.contains(middle):
            return middle
    return QPointF(
        min(max(cursor.x() + DISTANCE, room.left()), room.right()),
        min(max(cursor.y() - DISTANCE, room.top()), room.bottom()),
    )
