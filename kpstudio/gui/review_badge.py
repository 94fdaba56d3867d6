"""Names of the states of a review, and small signs: each has a form of its own."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from kpstudio.core.dataset import Review
from kpstudio.gui.theme import Theme

SIZE = 14


def review_words(review: Review) -> str:
    """What a state is called."""
    return {
        "": QCoreApplication.translate("Review", "not reviewed"),
        "ready": QCoreApplication.translate("Review", "ready for review"),
        "accepted": QCoreApplication.translate("Review", "accepted"),
        "rejected": QCoreApplication.translate("Review", "rejected"),
    }[review]


def paint_review(painter: QPainter, corner: QPointF, review: Review, theme: Theme) -> None:
    """Draw a tick on a disc, a cross on a square, or a flag.

    Args:
        painter: With antialiasing.
        corner: Upper left one of a square of SIZE pixels.
        review: The state; nothing is drawn for what nobody has reviewed.
        theme: Of the colours.
    """
    if not review:
        return
    painter.save()
    painter.translate(corner)
    ink = QPen(QColor(theme.surface), 1.8)
    ink.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(Qt.PenStyle.NoPen)
    if review == "accepted":
        painter.setBrush(QColor(theme.good))
        painter.drawEllipse(QRectF(0.5, 0.5, 13, 13))
        painter.setPen(ink)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline([QPointF(4, 7.3), QPointF(6.2, 9.6), QPointF(10.2, 4.8)])
    elif review == "rejected":
        painter.setBrush(QColor(theme.danger))
        painter.drawRoundedRect(QRectF(1, 1, 12, 12), 2, 2)
        painter.setPen(ink)
        painter.drawLine(QPointF(4.5, 4.5), QPointF(9.5, 9.5))
        painter.drawLine(QPointF(4.5, 9.5), QPointF(9.5, 4.5))
    else:
        painter.setBrush(QColor(theme.accent))
        painter.drawPolygon([QPointF(3.5, 1.5), QPointF(13, 4.7), QPointF(3.5, 8)])
        painter.setPen(QPen(QColor(theme.accent), 1.6))
        painter.drawLine(QPointF(3, 1.5), QPointF(3, 13))
    painter.restore()


def paint_question(painter: QPainter, corner: QPointF, theme: Theme) -> None:
    """Draw a speech bubble: there is an open issue.

    Args:
        painter: With antialiasing.
        corner: Upper left one of a square of SIZE pixels.
        theme: Of the colours.
    """
    painter.save()
    painter.translate(corner)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.warning), 1.5))
    painter.drawRoundedRect(QRectF(1, 1.5, 12, 8.5), 2.5, 2.5)
    painter.drawPolyline([QPointF(4, 10), QPointF(4, 13), QPointF(7, 10)])
    painter.restore()


def paint_flag(painter: QPainter, corner: QPointF, theme: Theme) -> None:
    """Draw a bookmark: somebody wants to look at this again.

    Args:
        painter: With antialiasing.
        corner: Upper left one of a square of SIZE pixels.
        theme: Of the colours.
    """
    painter.save()
    painter.translate(corner)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.warning))
    outline = [(3.5, 1), (10.5, 1), (10.5, 13), (7, 9.6), (3.5, 13)]
    painter.drawPolygon([QPointF(*each) for each in outline])
    painter.restore()


def review_pixmap(review: Review, theme: Theme) -> QPixmap:
    """The sign of a state as a picture, sharp on dense screens too."""
    pixmap = QPixmap(2 * SIZE, 2 * SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(2)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    paint_review(painter, QPointF(0, 0), review, theme)
    painter.end()
    return pixmap
