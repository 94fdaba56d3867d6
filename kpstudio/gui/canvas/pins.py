"""Pins of issues on the canvas: hollow, so that what they are about stays to be seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTransform

from kpstudio.gui.canvas.markers import HALO
from kpstudio.workspace.workspace import Workspace

# Neither the colour of a side nor the white of what is selected.
OPEN, CLOSED = QColor("#FF8AE2"), QColor("#C3C9D2")
INK = QColor("#14161A")
HALF, ARM, GAP = 11.0, 6.0, 3.0
_HIT_WIDTH = 4.0


@dataclass(frozen=True)
class Pin:
    """One issue to draw.

    Args:
        issue_id: None of a question that has no words yet.
        xy: Image pixels.
        is_open: Nobody has settled it yet.
        is_chosen: Its thread is being read.
    """

    issue_id: int | None
    xy: tuple[float, float]
    is_open: bool
    is_chosen: bool

    @property
    def text(self) -> str:
        return "?" if self.issue_id is None else f"#{self.issue_id}"


def current_pins(workspace: Workspace) -> list[Pin]:
    """Open issues of the open image that have a place, the one that is read, and the draft."""
    issues = workspace.issues
    pins = [
        Pin(each.id, each.xy, each.is_open, each.id == issues.chosen_id)
        for each in issues.here
        if each.xy is not None and (each.is_open or each.id == issues.chosen_id)
    ]
    if issues.draft is not None and issues.draft.xy is not None:
        pins.append(Pin(None, issues.draft.xy, True, True))
    return pins


def paint_pins(painter: QPainter, pins: Sequence[Pin]) -> None:
    """Draw pins with a painter whose transform maps image pixels to the screen."""
    to_screen = painter.worldTransform()
    painter.save()
    painter.resetTransform()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(_font())
    for pin in sorted(pins, key=lambda each: each.is_chosen):
        point = to_screen.map(QPointF(*pin.xy))
        _paint_corners(painter, point, pin)
        _paint_number(painter, point, pin)
    painter.restore()


def pin_at(
    pins: Sequence[Pin], position: QPointF, to_screen: QTransform, *, only_numbers: bool
) -> int | None:
    """The id of the issue whose pin is at a position of the screen.

    Args:
        pins: As they are drawn.
        position: Screen pixels.
        to_screen: Maps image pixels to the screen.
        only_numbers: Not its corners, where something else may be meant.
    """
    for pin in sorted(pins, key=lambda each: not each.is_chosen):
        point = to_screen.map(QPointF(*pin.xy))
        away = position - point
        from_corners = abs(max(abs(away.x()), abs(away.y())) - HALF)
        is_hit = not only_numbers and from_corners <= _HIT_WIDTH
        if pin.issue_id is not None and (is_hit or _number_area(point, pin).contains(position)):
            return pin.issue_id
    return None


def _paint_corners(painter: QPainter, point: QPointF, pin: Pin) -> None:
    colour = OPEN if pin.is_open else CLOSED
    style = Qt.PenStyle.SolidLine if pin.is_open else Qt.PenStyle.DotLine
    width = 2.4 if pin.is_chosen else 2.0
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, width + 2), QPen(colour, width, style)):
        painter.setPen(pen)
        if pin.is_chosen:
            painter.drawRect(QRectF(point.x() - HALF, point.y() - HALF, 2 * HALF, 2 * HALF))
            continue
        for across in (-1, 1):
            for down in (-1, 1):
                corner = point + QPointF(across * HALF, down * HALF)
                painter.drawPolyline(
                    [corner - QPointF(across * ARM, 0), corner, corner - QPointF(0, down * ARM)]
                )


def _paint_number(painter: QPainter, point: QPointF, pin: Pin) -> None:
    area = _number_area(point, pin)
    colour = OPEN if pin.is_open else CLOSED
    painter.setPen(QPen(HALO if pin.is_chosen else colour, 1))
    painter.setBrush(colour if pin.is_chosen else QColor(15, 17, 20, 215))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(INK if pin.is_chosen else colour)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, pin.text)


def _number_area(point: QPointF, pin: Pin) -> QRectF:
    """To the upper left, because names of keypoints stand to the upper right."""
    width = QFontMetricsF(_font()).horizontalAdvance(pin.text) + 10
    return QRectF(point.x() - HALF - GAP - width, point.y() - HALF - GAP - 13, width, 17)


def _font() -> QFont:
    font = QFont()
    font.setPixelSize(12)
    font.setBold(True)
    return font
