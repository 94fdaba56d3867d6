"""The canvas: the open image with its heatmaps, labels and ghosts, and the mouse on it."""

from dataclasses import dataclass

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
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Affine
from kpstudio.gui.canvas.hit import nearest_edge, nearest_keypoint
from kpstudio.gui.canvas.layers import HeatmapItem, ImageItem
from kpstudio.gui.canvas.pose_painter import Pose, PoseKind, PosePainter, paint_tag
from kpstudio.gui.theme import ThemeSwitch, heatmap_colours, keypoint_colours
from kpstudio.workspace.workspace import Workspace

GRAB_RADIUS = 10.0
DRAG_THRESHOLD = 3
ZOOM_LIMITS = 0.02, 120.0
FIT_MARGIN = 16


@dataclass
class Drag:
    """A keypoint that is being held.

    Args:
        kind: What it belongs to; None for a keypoint that is being placed.
        subject: Index among the poses of its kind.
        keypoint: Its index.
        grab: From the cursor to the keypoint, image pixels: the keypoint does not jump.
        start: Where the button went down, screen pixels.
        xy: Where it is now, image pixels.
        is_moved: It has left its place; a click alone moves nothing.
    """

    kind: PoseKind | None
    subject: int
    keypoint: int
    grab: NDArray[np.float64]
    start: QPoint
    xy: NDArray[np.float64]
    is_moved: bool = False


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
        self._drag: Drag | None = None
        self._pan_from: QPoint | None = None
        self._hovered: tuple[int, int] | None = None
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
        workspace.project_changed.connect(self._show_project)
        workspace.selection.image_changed.connect(self._open_image)
        workspace.selection.subject_changed.connect(self._redraw)
        workspace.labels.annotations_changed.connect(self._redraw)
        workspace.pixels.image_read.connect(self._show_pixels)
        workspace.pixels.image_failed.connect(self._show_problem)
        workspace.inference.predictions_changed.connect(self._redraw)
        workspace.overlay.changed.connect(self._redraw)
        self._themes.changed.connect(self._show_theme)
        self._show_project()
        self._show_theme()

    # Views of the workspace

    def _show_project(self) -> None:
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
        self._drag, self._hovered, self._problem = None, None, None
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
        maps = self._overlaid_maps() if overlay.has_heatmaps and is_current else []
        self._heatmaps.show_heatmaps(maps)
        self._show_cursor()
        self.viewport().update()

    @property
    def _has_current_pixels(self) -> bool:
        return self.shown_image_id == self._workspace.selection.image_id

    def _overlaid_maps(self) -> list[tuple[NDArray[np.floating], Affine]]:
        """The selected keypoint's map of every subject, or the maximum over all keypoints."""
        keypoint = self._workspace.selection.keypoint
        shows_all = self._workspace.overlay.shows_all_keypoints or keypoint is None
        return [
            (
                subject.heatmaps.max(axis=0) if shows_all else subject.heatmaps[keypoint],
                subject.cell_to_image,
            )
            for subject in self._workspace.inference.subjects
            if subject.heatmaps is not None and subject.cell_to_image is not None
        ]

    def _poses(self) -> list[Pose]:
        selection, labels = self._workspace.selection, self._workspace.labels
        poses = [
            Pose(
                PoseKind.LABEL,
                annotation.xy,
                annotation.visibility,
                annotation.id == selection.annotation_id,
                selection.keypoint,
            )
            for annotation in labels.annotations
        ]
        if self._workspace.overlay.has_ghosts:
            poses += [
                Pose(
                    PoseKind.GHOST,
                    subject.xy,
                    np.where(np.isfinite(subject.xy).all(axis=1), 2, 0),
                    index == selection.ghost,
                    selection.keypoint,
                )
                for index, subject in enumerate(self._workspace.inference.subjects)
            ]
        return poses

    # Painting

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: ARG002
        """Skeletons, and the keypoint that is held."""
        if self._problem is not None:
            self._paint_problem(painter, self._problem)
        if self._painter is None or not self._has_current_pixels:
            return
        self._painter.paint(painter, self._shown_poses(), self._hovered)
        if self._drag is None and self._cursor_at is not None:
            self._paint_next_name(painter, self._cursor_at)

    def _shown_poses(self) -> list[Pose]:
        poses, drag = self._poses(), self._drag
        if drag is None or not (drag.is_moved or drag.kind is None):
            return poses
        if drag.kind is None:
            count = len(poses[0].xy) if poses else len(self._workspace.labels.skeleton or ())
            xy, visibility = np.full((count, 2), np.nan), np.zeros(count, dtype=np.int8)
            xy[drag.keypoint], visibility[drag.keypoint] = drag.xy, 2
            return [*poses, Pose(PoseKind.LABEL, xy, visibility, True, drag.keypoint)]
        old = poses[drag.subject]
        xy, visibility = old.xy.copy(), np.array(old.visibility)
        xy[drag.keypoint] = drag.xy
        visibility[drag.keypoint] = visibility[drag.keypoint] or 2
        poses[drag.subject] = Pose(drag.kind, xy, visibility, True, drag.keypoint)
        return poses

    def _paint_next_name(self, painter: QPainter, position: QPointF) -> None:
        index, skeleton = self._workspace.labels.next_keypoint, self._workspace.labels.skeleton
        if index is None or skeleton is None or self._hovered is not None:
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
        is_pan = button == Qt.MouseButton.MiddleButton or self._is_space_held
        if is_pan:
            self._pan_from = position.toPoint()
            self._show_cursor()
        elif not self._has_current_pixels:
            return
        elif button == Qt.MouseButton.LeftButton:
            self._press_left(position)
        elif button == Qt.MouseButton.RightButton:
            self._press_right(position)
        self.viewport().update()

    def _press_left(self, position: QPointF) -> None:
        point = self._point(position)
        hit = self._hit(point)
        labels, selection = self._workspace.labels, self._workspace.selection
        if hit is not None:
            subject, keypoint = hit
            pose = self._poses()[subject]
            self._drag = Drag(
                pose.kind,
                subject,
                keypoint,
                pose.xy[keypoint] - point,
                position.toPoint(),
                pose.xy[keypoint],
            )
            self._select(subject, keypoint)
        elif labels.next_keypoint is not None:
            self._drag = Drag(
                None, -1, labels.next_keypoint, np.zeros(2), position.toPoint(), point
            )
        else:
            skeleton = labels.skeleton
            subject_hit = nearest_edge(
                self._drawn(), skeleton.edges if skeleton else (), _pair(point), radius=self._reach
            )
            if subject_hit is None:
                selection.select_annotation(None)
            else:
                self._select(subject_hit, None)

    def _press_right(self, position: QPointF) -> None:
        point = self._point(position)
        labels = self._workspace.labels
        hit = self._hit(point)
        if hit is not None and hit[0] < len(labels.annotations):
            annotation = labels.annotations[hit[0]]
            self._workspace.selection.select_annotation(annotation.id, hit[1])
            labels.cycle_visibility(annotation.id, hit[1])
        elif hit is None and labels.next_keypoint is not None:
            labels.place_next_keypoint(_pair(point), is_occluded=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        self._cursor_at = position
        if self._pan_from is not None:
            self._pan(position - QPointF(self._pan_from))
            self._pan_from = position.toPoint()
            self._is_fitted = False
        elif self._drag is not None:
            drag = self._drag
            distance = (position.toPoint() - drag.start).manhattanLength()
            drag.is_moved = drag.is_moved or distance >= DRAG_THRESHOLD
            if drag.is_moved:
                drag.xy = self._point(position) + drag.grab
        elif self._has_current_pixels:
            self._hovered = self._hit(self._point(position))
        at = self.image_position(position)
        self.cursor_moved.emit(at.x(), at.y())
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self._show_cursor()
        elif self._drag is not None and event.button() == Qt.MouseButton.LeftButton:
            drag, self._drag = self._drag, None
            self._drop(drag)
            self._hovered = self._hit(self._point(event.position()))
        self.viewport().update()

    def _drop(self, drag: Drag) -> None:
        labels = self._workspace.labels
        if drag.kind is None:
            labels.place_next_keypoint(_pair(drag.xy))
        elif not drag.is_moved:
            return
        elif drag.kind is PoseKind.LABEL:
            if drag.subject < len(labels.annotations):
                annotation = labels.annotations[drag.subject]
                labels.move_keypoint(annotation.id, drag.keypoint, _pair(drag.xy))
        else:
            ghost = drag.subject - len(labels.annotations)
            self._workspace.accept_moved_keypoint(ghost, drag.keypoint, _pair(drag.xy))

    def leaveEvent(self, event: object) -> None:  # noqa: ARG002
        self._cursor_at = self._hovered = None
        self.viewport().update()

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._is_space_held = True
            self._show_cursor()
        elif event.key() == Qt.Key.Key_Escape:
            if self._drag is not None:
                self._drag = None
            else:
                self._workspace.labels.finish_placing()
            self.viewport().update()
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

    def _select(self, subject: int, keypoint: int | None) -> None:
        annotations = self._workspace.labels.annotations
        if subject < len(annotations):
            self._workspace.selection.select_annotation(annotations[subject].id, keypoint)
        else:
            self._workspace.selection.select_ghost(subject - len(annotations), keypoint)

    @property
    def _reach(self) -> float:
        return GRAB_RADIUS / float(self.transform().m11())

    def _drawn(self) -> list[NDArray[np.float64]]:
        """The positions that can be grabbed: a keypoint that is not labelled only if selected."""
        return [
            np.where((pose.visibility > 0)[:, None] | pose.is_selected, pose.xy, np.nan)
            for pose in self._poses()
        ]

    def _hit(self, point: NDArray[np.float64]) -> tuple[int, int] | None:
        """Labels first: a ghost that lies under a label is grabbed beside it."""
        drawn, count = self._drawn(), len(self._workspace.labels.annotations)
        hit = nearest_keypoint(drawn[:count], _pair(point), radius=self._reach)
        ghost = nearest_keypoint(drawn[count:], _pair(point), radius=self._reach)
        if ghost is None:
            return hit
        ghost = ghost[0] + count, ghost[1]
        if hit is None:
            return ghost
        lead = 0.4 * self._reach
        is_ghost_meant = _distance(drawn, ghost, point) + lead < _distance(drawn, hit, point)
        return ghost if is_ghost_meant else hit

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


def _pair(point: NDArray[np.float64]) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _distance(
    drawn: list[NDArray[np.float64]], hit: tuple[int, int], point: NDArray[np.float64]
) -> float:
    return float(np.linalg.norm(drawn[hit[0]][hit[1]] - point))
