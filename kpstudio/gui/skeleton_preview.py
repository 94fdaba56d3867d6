"""A picture of the skeleton that is being edited, in which edges are drawn with the mouse."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from kpstudio.core.typical_pose import complete_pose
from kpstudio.gui.canvas.hit import nearest_keypoint
from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.gui.canvas.pose_painter import PosePainter
from kpstudio.gui.draft_model import DraftModel, draft_colour
from kpstudio.gui.theme import ThemeSwitch

REACH = 12.0
MARGIN = 44
# With so few there is room for their names.
MOST_NAMED, NAME_WIDTH = 24, 76
LARGEST_ZOOM = 30.0


class SkeletonPreview(QWidget):
    """Two clicks, or a drag, join two keypoints or part them; Shift goes on from the second.

    Args:
        model: Owner of the draft.
        pose: (K, 2) of the keypoints that were there at first, in a box from -0.5 to 0.5; NaN where
            one has no place. None for a circle.
        themes: Colours.

    Signals:
        key_pressed(key): A keypoint was clicked.
    """

    key_pressed = Signal(int)

    def __init__(
        self,
        model: DraftModel,
        pose: NDArray[np.float64] | None,
        themes: ThemeSwitch,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("skeleton_preview")
        self.setAccessibleName(self.tr("Picture of the skeleton; click two keypoints to join them"))
        self.setMinimumSize(260, 240)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._model, self._themes = model, themes
        origins = [each.origin for each in model.draft.keypoints]
        self._known: dict[str, NDArray[np.float64]] = {}
        if pose is not None:
            self._known = {
                name: xy for name, xy in zip(origins, pose, strict=True) if np.isfinite(xy).all()
            }
        self._selected: tuple[int, ...] = ()
        self._start: int | None = None
        self._pressed: int | None = None
        self._hovered: int | None = None
        self._cursor = QPointF()
        self._pan_from: QPointF | None = None
        self._zoom, self._shift = 1.0, QPointF()
        model.draft_changed.connect(self._follow)
        themes.changed.connect(self.update)

    # What names are written on: none where the background is plain.
    _name_plate: QColor | None = None

    def sizeHint(self) -> QSize:
        return QSize(400, 420)

    def show_selected(self, keys: tuple[int, ...]) -> None:
        self._selected = keys
        self.update()

    @property
    def start(self) -> int | None:
        """The keypoint from which an edge is being drawn."""
        return self._start

    def position(self, key: int) -> QPointF:
        """Where a keypoint is drawn."""
        x, y = self._positions()[self._model.draft.index(key)]
        return QPointF(x, y)

    # Geometry

    def _layout(self) -> NDArray[np.float64]:
        """(K, 2): where labels put them, else on a circle, outside where there are labels."""
        unknown = np.full(2, np.nan)
        keypoints = self._model.draft.keypoints
        places = [self._known.get(each.origin, unknown) for each in keypoints]
        return complete_pose(np.array(places).reshape(-1, 2))

    def _positions(self) -> NDArray[np.float64]:
        """(K, 2) in pixels of the widget."""
        places = self._layout()
        if not len(places):
            return places
        low, high = places.min(axis=0), places.max(axis=0)
        extent = np.maximum(high - low, 1e-6)
        size = np.array([self.width(), self.height()], dtype=np.float64)
        margin = np.array([NAME_WIDTH if len(places) <= MOST_NAMED else MARGIN, MARGIN])
        scale = float(np.min((size - 2 * margin) / extent)) if len(places) > 1 else 1.0
        fitted = (places - (low + high) / 2) * scale * self._zoom + size / 2
        return np.asarray(fitted + np.array([self._shift.x(), self._shift.y()]))

    def _hit(self, at: QPointF) -> int | None:
        found = nearest_keypoint([self._positions()], (at.x(), at.y()), radius=REACH)
        return None if found is None else self._model.key(found[1])

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        draft, theme = self._model.draft, self._themes.theme
        painter = QPainter(self)
        self._paint_background(painter)
        if not draft.keypoints:
            return
        index = {each.key: position for position, each in enumerate(draft.keypoints)}
        positions = self._positions()
        # A keypoint whose edge is being drawn is shown as the selected one is.
        shown = self._start if self._start is not None else next(iter(self._selected), None)
        pose = Pose(
            PoseKind.LABEL,
            positions,
            np.full(len(index), 2),
            is_selected=True,
            keypoint=None if shown is None else index[shown],
        )
        if len(positions) <= MOST_NAMED:
            tagged = {index[key] for key in (shown, self._hovered) if key is not None}
            names = {
                row: each.name for row, each in enumerate(draft.keypoints) if row not in tagged
            }
            painter.setPen(QColor(theme.muted if self._name_plate is None else "white"))
            _paint_names(painter, positions, names, plate=self._name_plate)
        self._paint_rubber_band(painter)
        pose_painter = PosePainter(
            [(index[a], index[b]) for a, b in draft.edges],
            [draft_colour(draft, each.key) for each in draft.keypoints],
            [each.name or "?" for each in draft.keypoints],
        )
        hovered = self._hovered
        pose_painter.paint(painter, [pose])
        named = None if hovered is None else (0, index[hovered])
        pose_painter.paint_names(painter, [pose], named)

    def _paint_background(self, painter: QPainter) -> None:
        theme = self._themes.theme
        painter.fillRect(self.rect(), QColor(theme.canvas))
        if not self._model.draft.keypoints:
            painter.setPen(QColor(theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("No keypoint yet"))

    def _press_nowhere(self, at: QPointF) -> None:
        """A press where there is no keypoint, while no edge is being drawn."""

    def _paint_rubber_band(self, painter: QPainter) -> None:
        if self._start is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(self._themes.theme.accent), 2, Qt.PenStyle.DotLine))
        painter.drawLine(self.position(self._start), self._cursor)

    def _follow(self) -> None:
        there = {each.key for each in self._model.draft.keypoints}
        self._start = self._start if self._start in there else None
        self._hovered = self._hovered if self._hovered in there else None
        self._selected = tuple(key for key in self._selected if key in there)
        self.update()

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._cursor = event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = event.position()
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        hit = self._hit(event.position())
        if hit is None and self._start is None:
            self._press_nowhere(event.position())
        elif hit is None or hit == self._start:
            self._start = self._pressed = None
        elif self._start is None:
            self._start = self._pressed = hit
            self.key_pressed.emit(hit)
        else:
            self._join(hit, goes_on=_has_shift(event))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick clicks are two clicks."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._shift += event.position() - self._pan_from
            self._pan_from = event.position()
        self._cursor = event.position()
        self._hovered = self._hit(event.position())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A drag from one keypoint to another ends on it; a click leaves the edge to be drawn."""
        self._pan_from = None
        hit, pressed = self._hit(event.position()), self._pressed
        self._pressed = None
        if pressed is not None and hit != pressed:
            if hit is None:
                self._start = None
            else:
                self._join(hit, goes_on=_has_shift(event))
        self.update()

    def _join(self, end: int, *, goes_on: bool) -> None:
        start, self._start = self._start, end if goes_on else None
        self._pressed = None
        if start is not None:
            self._model.change(self._model.draft.with_edge_toggled(start, end))
            self.key_pressed.emit(end)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        factor = 1.2 ** (event.angleDelta().y() / 120)
        factor = min(max(factor, 1 / self._zoom), LARGEST_ZOOM / self._zoom)
        centre = QPointF(self.width() / 2, self.height() / 2)
        offset = event.position() - centre
        self._shift = offset - (offset - self._shift) * factor
        self._zoom *= factor
        if self._zoom <= 1:
            self._shift = QPointF()
        event.accept()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._start is not None:
            self._start = None
            self.update()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: object) -> None:  # noqa: ARG002
        self._hovered = None
        self.update()


def _has_shift(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def _paint_names(
    painter: QPainter,
    positions: NDArray[np.float64],
    names: Mapping[int, str],
    *,
    plate: QColor | None,
) -> None:
    """Names beside their keypoints: away from the middle, or else where there is room."""
    font = painter.font()
    font.setPixelSize(11)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    height = metrics.ascent()
    there = positions[np.isfinite(positions).all(axis=1)]
    middle = float(np.median(there[:, 0])) if len(there) else 0.0
    taken = [QRectF(x - 5, y - 5, 10, 10) for x, y in there]
    for row, name in names.items():
        x, y = positions[row]
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, NAME_WIDTH)
        width = metrics.horizontalAdvance(text)
        left, right = x - 9 - width, x + 9
        places = [(right, y), (left, y)] if x >= middle else [(left, y), (right, y)]
        places += [(x - width / 2, y - 15), (x - width / 2, y + 15)]
        for corner, centre in places:
            area = QRectF(corner, centre - height / 2, width, height)
            if not any(area.intersects(each) for each in taken):
                taken.append(area)
                if plate is not None:
                    painter.fillRect(area.adjusted(-3, -2, 3, 2), plate)
                painter.drawText(QPointF(corner, centre + height / 2 - 1), text)
                break
