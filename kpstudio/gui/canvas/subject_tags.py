"""Small tags on the canvas that say which subject of the list each pose is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPen,
    QPixmap,
    QTransform,
)

from kpstudio.core.annotation import NOT_LABELLED, Annotation
from kpstudio.gui.canvas.markers import HALO
from kpstudio.gui.canvas.pose import Pose
from kpstudio.gui.subject_identity import subject_colour, subject_name

HEIGHT, WIDEST = 17, 120
# Between the top of a subject and its tag: over points there is room for a marker with its ring.
_OVER_POINTS, _OVER_BOX = 12, 2
# The names of keypoints begin so far right of their points.
_LEFT_OF_NAMES = 9
# So far it may lie outside the upper and the left edge of the image.
_OUTSIDE = 14
_PADDING = 5
_MOST_PICTURES = 400
_INK = QColor("#0B0C0E")
# From this relative luminance on black is easier to read than white: (L + 0.05) squared is 0.0525.
_BRIGHT = 0.18


@dataclass(frozen=True)
class SubjectTag:
    """The tag of one subject.

    Args:
        text: Its name or number.
        colour: Of the subject, as ARGB.
        is_selected: It has a white frame.
        x: Of its place, image pixels.
        y: The upper end of the subject, image pixels.
        is_at_box: The place is the top left of a box, else the top of the keypoints.
        width: Logical pixels.
    """

    text: str
    colour: int
    is_selected: bool
    x: float
    y: float
    is_at_box: bool
    width: int

    def area(self, to_screen: QTransform) -> QRectF:
        """Where it is on the screen, logical pixels."""
        place = to_screen.map(QPointF(self.x, self.y))
        corner = to_screen.map(QPointF(-0.5, -0.5)) - QPointF(_OUTSIDE, _OUTSIDE)
        if self.is_at_box:
            left, over = place.x(), _OVER_BOX
        else:
            left, over = place.x() + _LEFT_OF_NAMES - self.width, _OVER_POINTS
        top = place.y() - over - HEIGHT
        return QRectF(max(left, corner.x()), max(top, corner.y()), self.width, HEIGHT)


class SubjectTags:
    """Knows the tags of the poses, and draws them from pictures that are made once."""

    def __init__(self) -> None:
        self._known: list[tuple[Pose, SubjectTag | None]] = []
        self._pictures: dict[tuple[str, int, bool, float], QPixmap] = {}

    def of(
        self, annotations: Sequence[Annotation], poses: Sequence[Pose]
    ) -> tuple[SubjectTag, ...]:
        """A tag for each annotation that is somewhere; none where there is only one subject.

        Args:
            annotations: Of the open image.
            poses: How they are shown, in the same order; more may follow.
        """
        if len(annotations) < 2 or len(poses) < len(annotations):
            return ()
        tags = []
        for place, (annotation, pose) in enumerate(zip(annotations, poses, strict=False)):
            text = subject_name(annotation, place)
            known = self._known[place] if place < len(self._known) else None
            if known is None or known[0] is not pose or (known[1] and known[1].text != text):
                known = pose, _tag(text, place, pose)
                self._known[place : place + 1] = [known]
            if known[1] is not None:
                tags.append(known[1])
        return tuple(tags)

    def paint(self, painter: QPainter, tags: Sequence[SubjectTag], areas: Sequence[QRect]) -> None:
        """Draw tags, that of the selected subject over the others.

        Args:
            painter: Maps image pixels to the screen.
            tags: Of the subjects.
            areas: What of the screen is drawn anew, logical pixels.
        """
        if not tags:
            return
        to_screen, ratio = painter.worldTransform(), painter.device().devicePixelRatio()
        painter.save()
        painter.resetTransform()
        for tag in sorted(tags, key=lambda each: each.is_selected):
            area = tag.area(to_screen)
            if any(area.intersects(QRectF(each)) for each in areas):
                # On whole pixels of the screen: text between two of them is hard to read.
                left, top = (
                    math.floor(each * ratio + 0.5) / ratio for each in (area.left(), area.top())
                )
                painter.drawPixmap(QPointF(left, top), self._picture(tag, ratio))
        painter.restore()

    def _picture(self, tag: SubjectTag, ratio: float) -> QPixmap:
        key = tag.text, tag.colour, tag.is_selected, ratio
        found = self._pictures.get(key)
        if found is None:
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            found = self._pictures[key] = _made_picture(tag, ratio)
        return found


def changed_tag_areas(
    before: Sequence[SubjectTag], now: Sequence[SubjectTag], to_screen: QTransform
) -> list[QRectF]:
    """Where tags were that are gone or elsewhere, and where they are, logical pixels."""
    changed = set(before) ^ set(now)
    return [tag.area(to_screen).adjusted(-1, -1, 1, 1) for tag in changed]


def _tag(text: str, place: int, pose: Pose) -> SubjectTag | None:
    colour, width = subject_colour(place).rgba(), _width(text)
    if pose.box is not None:
        return SubjectTag(text, colour, pose.is_selected, pose.box.x, pose.box.y, True, width)
    there = pose.xy[(pose.visibility != NOT_LABELLED) & np.isfinite(pose.xy).all(axis=1)]
    if not len(there):
        return None
    x, y = there[there[:, 1].argmin()].tolist()
    return SubjectTag(text, colour, pose.is_selected, x, y, False, width)


def _made_picture(tag: SubjectTag, ratio: float) -> QPixmap:
    width, colour = tag.width, QColor.fromRgba(tag.colour)
    picture = QPixmap(round(width * ratio), round(HEIGHT * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    frame = QColor("white") if tag.is_selected else HALO
    painter.setPen(QPen(frame, 2 if tag.is_selected else 1))
    painter.setBrush(colour)
    inset = 1.0 if tag.is_selected else 0.5
    painter.drawRoundedRect(
        QRectF(0, 0, width, HEIGHT).adjusted(inset, inset, -inset, -inset), 4, 4
    )
    painter.setFont(_font())
    painter.setPen(_INK if _luminance(colour) > _BRIGHT else QColor("white"))
    painter.drawText(QRectF(0, 0, width, HEIGHT), Qt.AlignmentFlag.AlignCenter, _shown(tag.text))
    painter.end()
    return picture


def _width(text: str) -> int:
    return max(QFontMetrics(_font()).horizontalAdvance(_shown(text)) + 2 * _PADDING, HEIGHT)


def _shown(text: str) -> str:
    """A long name with dots in the middle: its ends tell more."""
    most = WIDEST - 2 * _PADDING
    return QFontMetrics(_font()).elidedText(text, Qt.TextElideMode.ElideMiddle, most)


def _luminance(colour: QColor) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.2, https://www.w3.org/TR/WCAG22."""
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in (colour.redF(), colour.greenF(), colour.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _font() -> QFont:
    font = QFont(QGuiApplication.font())
    font.setPixelSize(11)
    font.setBold(True)
    return font
