"""A picture on which the keypoints of a skeleton are put by clicks."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kpstudio.gui.canvas.drawn_picture import pixels_image
from kpstudio.gui.draft_model import DraftModel
from kpstudio.gui.skeleton_preview import SkeletonPreview
from kpstudio.gui.theme import ThemeSwitch

EDGE = 8


class PicturePreview(SkeletonPreview):
    """A click where nothing is adds a keypoint there; two clicks on keypoints join them.

    Args:
        model: Owner of the draft.
        pixels: (H, W, 3) RGB.
        themes: Colours.

    Signals:
        key_added(key): A keypoint was put on the picture, and has no name of its own yet.
    """

    key_added = Signal(int)
    _name_plate = QColor(15, 17, 20, 190)

    def __init__(
        self,
        model: DraftModel,
        pixels: NDArray[np.uint8],
        themes: ThemeSwitch,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(model, None, themes, parent)
        self.setAccessibleName(self.tr("First image; a click adds a keypoint"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._picture = pixels_image(pixels)
        self._places: dict[int, NDArray[np.float64]] = {}

    @property
    def clicked(self) -> NDArray[np.float64]:
        """(K, 2) in image pixels; NaN for keypoints that were only named."""
        nowhere = np.full(2, np.nan)
        keys = [each.key for each in self._model.draft.keypoints]
        return np.array([self._places.get(key, nowhere) for key in keys]).reshape(-1, 2)

    def screen_position(self, x: float, y: float) -> QPointF:
        """Image pixels to a position of the widget."""
        area = self._area()
        scale = area.width() / self._picture.width()
        return area.topLeft() + QPointF(x + 0.5, y + 0.5) * scale

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._model.draft.keypoints:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            text = self.tr("Click the first keypoint")
            painter.setPen(QPen(QColor("white")))
            width = painter.fontMetrics().horizontalAdvance(text) + 24
            tag = QRectF((self.width() - width) / 2, self.height() - 44, width, 28)
            painter.setBrush(QColor(15, 17, 20, 215))
            painter.drawRoundedRect(tag, 5, 5)
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)

    # Inside

    def _area(self) -> QRectF:
        """Where the picture is drawn."""
        inside = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        width, height = self._picture.width(), self._picture.height()
        scale = min(inside.width() / width, inside.height() / height) * self._zoom
        area = QRectF(0, 0, width * scale, height * scale)
        area.moveCenter(QPointF(self.width() / 2, self.height() / 2) + self._shift)
        return area

    def _positions(self) -> NDArray[np.float64]:
        on_screen = [self.screen_position(x, y) for x, y in self.clicked]
        return np.array([[each.x(), each.y()] for each in on_screen]).reshape(-1, 2)

    def _paint_background(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self._themes.theme.canvas))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(self._area(), self._picture)

    def _press_nowhere(self, at: QPointF) -> None:
        area = self._area()
        if not area.contains(at):
            return
        at_image = (at - area.topLeft()) * (self._picture.width() / area.width())
        draft, key = self._model.draft.with_added()
        self._places[key] = np.array([at_image.x() - 0.5, at_image.y() - 0.5])
        self._model.change(draft)
        self.key_added.emit(key)
