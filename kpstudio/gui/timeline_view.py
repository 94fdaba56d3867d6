"""The strip under the canvas: a video with its labelled frames, scores and the open frame."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from kpstudio.core.video_strip import VideoStrip
from kpstudio.gui.enumeration import enumerated
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace

MARGIN, TEXT = 10, 16
CURVE, BAR = 26, 10
HEIGHT = TEXT + CURVE + BAR + 14


class TimelineView(QWidget):
    """Hidden unless the open image is a frame of a video; a click or drag goes to a frame."""

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace = workspace
        self._timeline = workspace.timeline
        self._themes = themes
        self.setObjectName("timeline")
        self.setAccessibleName(self.tr("Video"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        workspace.timeline.changed.connect(self._show)
        workspace.selection.image_changed.connect(self.update)
        themes.changed.connect(self.update)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def x_of(self, frame: float) -> float:
        """Where a frame is, in pixels of the strip."""
        strip = self._timeline.strip
        last = max(1, strip.length - 1) if strip else 1
        return MARGIN + frame / last * (self.width() - 2 * MARGIN)

    def frame_at(self, x: float) -> float:
        strip = self._timeline.strip
        last = max(1, strip.length - 1) if strip else 1
        return (x - MARGIN) / max(1, self.width() - 2 * MARGIN) * last

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._timeline.open_nearest(self.frame_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._timeline.open_nearest(self.frame_at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        """A tip says what is known of the frame under the mouse."""
        strip = self._timeline.strip
        if isinstance(event, QHelpEvent) and strip is not None:
            position = strip.nearest(self.frame_at(event.pos().x()))
            QToolTip.showText(event.globalPos(), self.words(strip, position), self)
            return True
        return super().event(event)

    def words(self, strip: VideoStrip, position: int) -> str:
        """What is known of a frame."""
        words = [self.tr("frame {0}").format(strip.frames[position])]
        if strip.is_labelled[position]:
            words.append(self.tr("labelled"))
        if np.isfinite(strip.scores[position]):
            words.append(self.tr("score {0:.2f}").format(strip.scores[position]))
        return enumerated(words)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        strip, theme = self._timeline.strip, self._themes.theme
        if strip is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.window))
        bar = QRectF(MARGIN, self.height() - BAR - 6, self.width() - 2 * MARGIN, BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawRect(bar)
        self._paint_marks(painter, bar, strip.frames, QColor(theme.muted), 0.45)
        self._paint_marks(
            painter, bar, strip.frames[strip.is_labelled], QColor(theme.good), 1.0, 3.0
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint_scores(painter, bar, strip)
        self._paint_position(painter, bar, strip)

    def _paint_marks(
        self,
        painter: QPainter,
        bar: QRectF,
        frames: NDArray[np.int64],
        colour: QColor,
        share: float,
        least: float = 1.0,
    ) -> None:
        """One mark for each column of pixels that has a frame, however many it has."""
        wide = max(least, self.x_of(1) - self.x_of(0) - 1)
        columns = np.unique(np.round(self.x_of(0) + frames * (self.x_of(1) - self.x_of(0))))
        height = bar.height() * share
        top = bar.center().y() - height / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRects([QRectF(x - wide / 2, top, wide, height) for x in columns.tolist()])

    def _paint_scores(self, painter: QPainter, bar: QRectF, strip: VideoStrip) -> None:
        """The lowest score in each column of pixels, from 0 at the bottom to 1."""
        is_there = np.isfinite(strip.scores)
        if not is_there.any():
            return
        frames, scores = strip.frames[is_there], strip.scores[is_there]
        step = self.x_of(1) - self.x_of(0)
        columns, starts = np.unique(np.round(self.x_of(0) + frames * step), return_index=True)
        lowest = np.minimum.reduceat(scores, starts)
        bottom = bar.top() - 4
        y = bottom - CURVE * np.clip(lowest, 0, 1)
        points = [QPointF(*each) for each in zip(columns.tolist(), y.tolist(), strict=True)]
        theme = self._themes.theme
        limit = bottom - CURVE * self._workspace.preferences.low_score
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.border), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(bar.left(), limit), QPointF(bar.right(), limit))
        painter.setPen(QPen(QColor(theme.accent), 1.2))
        painter.drawPolyline(QPolygonF(points))
        if len(points) < self.width() / 6:
            painter.setBrush(QColor(theme.accent))
            for point in points:
                painter.drawEllipse(point, 1.6, 1.6)

    def _paint_position(self, painter: QPainter, bar: QRectF, strip: VideoStrip) -> None:
        theme, position = self._themes.theme, self._timeline.position
        painter.setPen(QColor(theme.muted))
        labelled = self.tr("{0} of {1} frames here, {2} labelled").format(
            len(strip.frames), strip.length, int(strip.is_labelled.sum())
        )
        text = QRectF(MARGIN, 2, self.width() - 2 * MARGIN, TEXT)
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, labelled)
        if position is None:
            return
        x = self.x_of(int(strip.frames[position]))
        painter.setPen(QPen(QColor(theme.text), 1.6))
        painter.drawLine(QPointF(x, TEXT + 4), QPointF(x, bar.bottom() + 3))
        painter.drawText(text, Qt.AlignmentFlag.AlignTop, self.words(strip, position))

    # Views of the workspace

    def _show(self) -> None:
        self.setVisible(self._timeline.strip is not None)
        self.update()
