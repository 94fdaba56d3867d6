"""The canvas: the open image with its heatmaps, labels and ghosts, and the mouse on it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QFrame,
    QGraphicsScene,
    QGraphicsView,
    QLineEdit,
)

from kpstudio.core.errors import UserProblem
from kpstudio.gui.canvas.gestures import Gestures
from kpstudio.gui.canvas.layers import HeatmapItem, ImageItem
from kpstudio.gui.canvas.pose_painter import PosePainter, paint_tag
from kpstudio.gui.canvas.poses import overlaid_heatmaps
from kpstudio.gui.canvas.suggestion_painter import paint_hint, paint_suggestions
from kpstudio.gui.theme import ThemeSwitch, heatmap_colours, keypoint_colours
from kpstudio.workspace.workspace import Workspace

GRAB_RADIUS = 10.0
ZOOM_LIMITS = 0.02, 120.0
FIT_MARGIN = 16


class CanvasView(QGraphicsView):
    """Shows and edits the open image.

    Signals:
        cursor_moved(x, y): Image pixels under the cursor.
        image_shown(image_id): Its pixels are on the canvas.
    """

    cursor_moved = Signal(float, float)
    image_shown = Signal(int)

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace = workspace
        self._themes = themes
        self._gestures = Gestures(workspace)
        self._pan_from: QPoint | None = None
        self._cursor_at: QPointF | None = None
        self._is_space_held = False
        self._is_fitted = True
        self._problem: UserProblem | None = None
        self._painter: PosePainter | None = None
        self.shown_image_id: int | None = None
        self._image = ImageItem()
        self._heatmaps = HeatmapItem()
        scene = QGraphicsScene(self)
        scene.addItem(self._image)
        scene.addItem(self._heatmaps)
        self.setScene(scene)
        self._set_up()
        self._connect()

    def _set_up(self) -> None:
        self.setObjectName("canvas")
        # Files are dropped on the window, wherever they are let go.
        self.setAcceptDrops(False)
        self.setAccessibleName(self.tr("Canvas"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def _connect(self) -> None:
        workspace = self._workspace
        workspace.project_changed.connect(self._show_skeleton)
        workspace.labels.skeleton_changed.connect(self._show_skeleton)
        workspace.selection.image_changed.connect(self._open_image)
        workspace.selection.subject_changed.connect(self._redraw)
        workspace.labels.annotations_changed.connect(self._redraw)
        workspace.pixels.image_read.connect(self._show_pixels)
        workspace.pixels.image_failed.connect(self._show_problem)
        workspace.inference.predictions_changed.connect(self._redraw)
        workspace.overlay.changed.connect(self._redraw)
        workspace.click_to_fix.suggestions_changed.connect(self._redraw)
        self._themes.changed.connect(self._show_theme)
        self._show_skeleton()
        self._show_theme()

    # Views of the workspace

    def _show_skeleton(self) -> None:
        self._gestures.forget()
        skeleton = self._workspace.labels.skeleton
        self._painter = (
            PosePainter(skeleton.edges, keypoint_colours(skeleton), skeleton.keypoints)
            if skeleton
            else None
        )
        self._redraw()

    def _show_theme(self) -> None:
        self.setBackgroundBrush(QColor(self._themes.theme.canvas))
        self._redraw()

    def _open_image(self) -> None:
        self._gestures.forget()
        self._problem = None
        if self._workspace.selection.image_id is None:
            self._image.show_pixels(None)
            self.shown_image_id = None
        self._redraw()

    def _show_pixels(self, image_id: int, pixels: NDArray[np.uint8]) -> None:
        if image_id != self._workspace.selection.image_id or image_id == self.shown_image_id:
            return
        old_size = self._image.size
        self._image.show_pixels(pixels)
        self.shown_image_id, self._problem = image_id, None
        width, height = self._image.size
        self.setSceneRect(QRectF(-1.5 * width, -1.5 * height, 4 * width, 4 * height))
        if self._is_fitted or old_size != self._image.size:
            self.fit()
        self._redraw()
        self.image_shown.emit(image_id)

    def _show_problem(self, image_id: int, problem: UserProblem) -> None:
        if image_id == self._workspace.selection.image_id:
            self._image.show_pixels(None)
            self.shown_image_id, self._problem = None, problem
            self._redraw()

    def _redraw(self) -> None:
        overlay, is_current = self._workspace.overlay, self._has_current_pixels
        self._heatmaps.set_colours(heatmap_colours(overlay.colour_map, overlay.opacity))
        maps = overlaid_heatmaps(self._workspace) if overlay.has_heatmaps and is_current else []
        self._heatmaps.show_heatmaps(maps)
        self._show_cursor()
        self.viewport().update()

    @property
    def _has_current_pixels(self) -> bool:
        return self.shown_image_id == self._workspace.selection.image_id

    # Painting

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: ARG002
        """Skeletons, and the keypoint that is held."""
        if self._problem is not None:
            self._paint_problem(painter, self._problem)
        if self._painter is None or not self._has_current_pixels:
            return
        self._painter.paint(painter, self._gestures.poses(), self._gestures.hovered)
        if self._gestures.drag is None:
            self._paint_suggestions(painter)
            if self._cursor_at is not None:
                self._paint_next_name(painter, self._cursor_at)

    def _paint_suggestions(self, painter: QPainter) -> None:
        suggestions, labels = self._workspace.click_to_fix.suggestions, self._workspace.labels
        of_it = [a for a in labels.annotations if suggestions and a.id == suggestions.annotation_id]
        if suggestions is None or labels.skeleton is None or not of_it:
            return
        colours = keypoint_colours(labels.skeleton)
        paint_suggestions(painter, of_it[0].xy, suggestions.xy, colours)
        text = self.tr("T moves {0} more keypoints to their rings, Esc leaves them")
        if len(suggestions.keypoints) == 1:
            text = self.tr("T moves one more keypoint to its ring, Esc leaves it")
        text = text.format(len(suggestions.keypoints))
        paint_hint(painter, QRectF(self.viewport().rect()), text)

    def _paint_next_name(self, painter: QPainter, position: QPointF) -> None:
        index, skeleton = self._workspace.labels.next_keypoint, self._workspace.labels.skeleton
        if index is None or skeleton is None or self._gestures.hovered is not None:
            return
        painter.save()
        painter.resetTransform()
        colour = keypoint_colours(skeleton)[index]
        paint_tag(painter, position, skeleton.keypoints[index], colour)
        painter.restore()

    def _paint_problem(self, painter: QPainter, problem: UserProblem) -> None:
        painter.save()
        painter.resetTransform()
        area = QRectF(self.viewport().rect()).adjusted(60, 60, -60, -60)
        painter.setPen(QColor(self._themes.theme.text))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area, int(flags), f"{problem.message}\n\n{problem.hint}")
        painter.restore()

    # Zoom and pan

    def fit(self) -> None:
        """Show the whole image."""
        width, height = self._image.size
        if not width:
            return
        available = (
            self.viewport().rect().adjusted(FIT_MARGIN, FIT_MARGIN, -FIT_MARGIN, -FIT_MARGIN)
        )
        scale = min(available.width() / width, available.height() / height)
        self.resetTransform()
        self.scale(scale, scale)
        self.centerOn((width - 1) / 2, (height - 1) / 2)
        self._is_fitted = True

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zoom so that the image stays in place at a position of the viewport."""
        low, high = ZOOM_LIMITS
        current = self.transform().m11()
        factor = min(max(factor, low / current), high / current)
        before = self.image_position(at)
        self.scale(factor, factor)
        moved = self.transform().map(self.image_position(at)) - self.transform().map(before)
        self._pan(moved)
        self._is_fitted = False

    def _pan(self, by: QPointF) -> None:
        """Move the image against the direction, in screen pixels."""
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(horizontal.value() - round(by.x()))
        vertical.setValue(vertical.value() - round(by.y()))

    def image_position(self, position: QPointF) -> QPointF:
        """A position of the viewport in image pixels."""
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(position)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        self.zoom(1.2 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        button, position = event.button(), event.position()
        if button == Qt.MouseButton.MiddleButton or self._is_space_held:
            self._pan_from = position.toPoint()
            self._show_cursor()
        elif not self._has_current_pixels:
            return
        elif button == Qt.MouseButton.LeftButton:
            self._gestures.press(self._point(position), position.toPoint(), reach=self._reach)
        elif button == Qt.MouseButton.RightButton:
            self._gestures.press_right(self._point(position), reach=self._reach)
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick clicks are two clicks."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        self._cursor_at = position
        if self._pan_from is not None:
            self._pan(position - QPointF(self._pan_from))
            self._pan_from = position.toPoint()
            self._is_fitted = False
        elif self._has_current_pixels:
            self._gestures.move(self._point(position), position.toPoint(), reach=self._reach)
        at = self.image_position(position)
        self.cursor_moved.emit(at.x(), at.y())
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self._show_cursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._gestures.release(self._point(event.position()), reach=self._reach)
        self.viewport().update()

    def leaveEvent(self, event: object) -> None:  # noqa: ARG002
        self._cursor_at = self._gestures.hovered = None
        self.viewport().update()

    def enterEvent(self, event: object) -> None:  # noqa: ARG002
        """Keys are meant for what is under the cursor, unless somebody is typing."""
        if not isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox):
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._is_space_held = True
            self._show_cursor()
        elif event.key() == Qt.Key.Key_Escape:
            if self._gestures.drag is not None:
                self._gestures.forget()
            elif self._workspace.click_to_fix.suggestions is not None:
                self._workspace.click_to_fix.drop_suggestions()
            else:
                self._workspace.labels.finish_placing()
            self.viewport().update()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._workspace.step_image(1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._is_space_held = False
            self._show_cursor()
        else:
            event.ignore()

    def focusOutEvent(self, event: object) -> None:  # noqa: ARG002
        self._is_space_held = False
        self._show_cursor()

    # Inside

    @property
    def _reach(self) -> float:
        return GRAB_RADIUS / float(self.transform().m11())

    def _point(self, position: QPointF) -> NDArray[np.float64]:
        at = self.image_position(position)
        return np.array([at.x(), at.y()])

    def _show_cursor(self) -> None:
        if self._is_space_held or self._pan_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._workspace.labels.next_keypoint is not None:
            shape = Qt.CursorShape.CrossCursor
        else:
            shape = Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
