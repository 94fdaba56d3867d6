"""The canvas: the open image with its heatmaps, labels and ghosts, and the mouse on it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QFrame,
    QGraphicsScene,
    QGraphicsView,
    QLineEdit,
    QPlainTextEdit,
)

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.picture import Picture
from kpstudio.gui.canvas.beside_cursor import BesideCursor
from kpstudio.gui.canvas.canvas_notes import canvas_notes, paint_problem
from kpstudio.gui.canvas.corner_notes import paint_corner_notes
from kpstudio.gui.canvas.layers import HeatmapItem, ImageItem
from kpstudio.gui.canvas.nudge import Nudge
from kpstudio.gui.canvas.pins import current_pins, paint_pins, pin_at
from kpstudio.gui.canvas.pose import Pose
from kpstudio.gui.canvas.pose_painter import PosePainter
from kpstudio.gui.canvas.poses import current_poses, overlaid_heatmaps
from kpstudio.gui.canvas.seen import Seen, changed_areas, exposed_areas
from kpstudio.gui.canvas.subject_tags import SubjectTag, SubjectTags
from kpstudio.gui.canvas.suggestion_painter import paint_suggestions
from kpstudio.gui.canvas.tools.select_tool import SelectTool
from kpstudio.gui.canvas.tools.tool import Tool, Touch
from kpstudio.gui.theme import ThemeSwitch, heatmap_colours, keypoint_colours
from kpstudio.workspace.workspace import Workspace

GRAB_RADIUS = 10.0
ZOOM_LIMITS = 0.02, 120.0
FIT_MARGIN = 16
# A subject that is followed fills this part of the canvas; one of a single keypoint is taken to
# be this part of the image.
LOOK_SHARE, POINT_LOOK = 0.6, 0.1
# While they are held: the mouse pans, a keypoint goes to the peaks of its heatmap, and nothing
# hides the image.
PAN, SNAP, HIDE = Qt.Key.Key_Space, Qt.Key.Key_S, Qt.Key.Key_W
HELD_KEYS = (PAN, SNAP, HIDE)
_TYPING = QLineEdit | QPlainTextEdit | QAbstractSpinBox


class CanvasView(QGraphicsView):
    """Shows and edits the open image.

    Signals:
        cursor_moved(x, y): Image pixels under the cursor.
        image_shown(image_id): Its pixels are on the canvas.
        tool_changed(hint): Another tool is in the hand; empty where the mouse selects.
        escaped: Escape was pressed, and there was nothing on the canvas to end.
        view_changed: The image lies elsewhere on the screen, or in another size.
    """

    cursor_moved = Signal(float, float)
    image_shown = Signal(int)
    tool_changed = Signal(str)
    escaped = Signal()
    view_changed = Signal()

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._drawn: Seen | None = None
        self._scrolled = QPointF()
        # While both directions of a move are carried out, which are one to who looks.
        self._is_moved = False
        self._exposed: list[QRect] = []
        self._workspace = workspace
        self._themes = themes
        self._select = SelectTool(workspace)
        self._tool: Tool = self._select
        self._nudge = Nudge(workspace)
        self._pan_from: QPoint | None = None
        self._pan_button = Qt.MouseButton.NoButton
        self._cursor_at: QPointF | None = None
        self._entered_at: QPointF | None = None
        self._held_keys: set[int] = set()
        self._is_fitted = True
        self._painted_at = QTransform()
        self._problem: UserProblem | None = None
        self._painter: PosePainter | None = None
        self._tags = SubjectTags()
        self._picture: Picture | None = None
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
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
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
        workspace.placing.changed.connect(self._redraw)
        workspace.pixels.image_read.connect(self._show_picture)
        workspace.pixels.image_failed.connect(self._show_problem)
        workspace.inference.predictions_changed.connect(self._redraw)
        workspace.overlay.changed.connect(self._redraw)
        workspace.settings.changed.connect(self._show_colours)
        workspace.key_names.changed.connect(self.viewport().update)
        workspace.zooming.changed.connect(self._follow)
        workspace.appearance.changed.connect(self._adjust)
        workspace.issues.here_changed.connect(self._redraw)
        workspace.issues.issue_chosen.connect(self._redraw)
        workspace.issues.draft_changed.connect(self._redraw)
        workspace.click_to_fix.suggestions_changed.connect(self._redraw)
        self._themes.changed.connect(self._show_theme)
        self._show_skeleton()
        self._show_theme()

    # Views of the workspace

    def _show_skeleton(self) -> None:
        self.put_away()
        self._show_colours()

    def _show_theme(self) -> None:
        self.setBackgroundBrush(QColor(self._themes.theme.canvas))
        self._show_colours()

    def _show_colours(self) -> None:
        skeleton = self._workspace.labels.skeleton
        self._painter = (
            PosePainter(
                skeleton.edges,
                keypoint_colours(skeleton),
                skeleton.keypoints,
                scale=self._workspace.preferences.marker_scale,
            )
            if skeleton
            else None
        )
        self._redraw()

    def _open_image(self) -> None:
        self._nudge.forget()
        self._tool.forget()
        self._select.forget()
        self._problem = None
        if self._workspace.selection.image_id is None:
            self._image.show_picture(None)
            self.shown_image_id = self._picture = None
        self._redraw()

    def _show_picture(self, image_id: int, picture: Picture) -> None:
        if image_id != self._workspace.selection.image_id or image_id == self.shown_image_id:
            return
        old_size = self._image.size
        self._picture = picture
        self._image.show_picture(self._workspace.appearance.shown_picture(image_id, picture))
        self.shown_image_id, self._problem = image_id, None
        width, height = self._image.size
        self.setSceneRect(QRectF(-1.5 * width, -1.5 * height, 4 * width, 4 * height))
        if self._workspace.zooming.box is not None:
            self._follow()
        elif self._is_fitted or old_size != self._image.size:
            self.fit()
        self._redraw()
        self.image_shown.emit(image_id)

    def _adjust(self) -> None:
        if self._picture is not None and self.shown_image_id is not None:
            appearance = self._workspace.appearance
            self._image.show_picture(appearance.shown_picture(self.shown_image_id, self._picture))
        self.viewport().update()

    def _show_problem(self, image_id: int, problem: UserProblem) -> None:
        if image_id == self._workspace.selection.image_id:
            self._image.show_picture(None)
            self.shown_image_id = self._picture = None
            self._problem = problem
            self._redraw()

    def _redraw(self) -> None:
        self._tool.follow()
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

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Whoever shows the same place is told: every way to another one ends in a painting."""
        super().drawBackground(painter, rect)
        if self.viewportTransform() != self._painted_at:
            self._painted_at = self.viewportTransform()
            self.view_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Remember what is drawn anew: two strips are far less than the rectangle around them."""
        self._exposed = exposed_areas(event.region())
        super().paintEvent(event)
        self._exposed = []

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Skeletons, and the keypoint that is held."""
        if self._problem is not None:
            colour = QColor(self._themes.theme.text)
            paint_problem(painter, self._problem, self.viewport().rect(), colour)
        if self._painter is None or not self._has_current_pixels:
            return
        if HIDE in self._held_keys:
            return
        paint_corner_notes(painter, self._notes(), self.viewport().rect())
        to_screen = painter.worldTransform()
        self._drawn, self._scrolled = self._seen(), QPointF()
        areas = self._exposed or [to_screen.mapRect(QRectF(rect)).toAlignedRect()]
        self._painter.paint(painter, self._drawn.poses, areas)
        self._tags.paint(painter, self._drawn.tags, areas)
        self._painter.paint_names(painter, self._drawn.poses, self._drawn.hovered)
        if self._tool.held is None:
            self._paint_suggestions(painter)
        paint_pins(painter, current_pins(self._workspace))
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._tool.paint(painter, to_screen)
        if (beside := self._beside_cursor()) is not None:
            beside.paint(painter, self._image.drawn, to_screen)
        painter.restore()

    def _paint_suggestions(self, painter: QPainter) -> None:
        suggestions, labels = self._workspace.click_to_fix.suggestions, self._workspace.labels
        of_it = [a for a in labels.annotations if suggestions and a.id == suggestions.annotation_id]
        if suggestions is None or labels.skeleton is None or not of_it:
            return
        colours = keypoint_colours(labels.skeleton)
        paint_suggestions(painter, of_it[0].xy, suggestions.xy, colours)

    def _beside_cursor(self) -> BesideCursor | None:
        cursor, area = self._cursor_at, self.viewport().rect()
        if cursor is None:
            return None
        return BesideCursor(self._workspace, self._tool, self._select, cursor, area)

    def _notes(self) -> list[str]:
        return canvas_notes(self._workspace, is_held=self._tool.held is not None)

    @property
    def _has_fixed_words(self) -> bool:
        """There is something that does not move along with the image."""
        return self._workspace.click_to_fix.suggestions is not None or bool(self._notes())

    def _seen(self) -> Seen:
        """What the canvas shows now, apart from what lies in the image."""
        poses = self._tool.shown(self._nudge.shown(current_poses(self._workspace)))
        floating, tags = self._floating_areas(poses), self._subject_tags(poses)
        return Seen(tuple(poses), self._select.hovered, floating, tags)

    def _subject_tags(self, poses: Sequence[Pose]) -> tuple[SubjectTag, ...]:
        is_shown = self._workspace.preferences.subject_tags
        return self._tags.of(self._workspace.labels.annotations, poses) if is_shown else ()

    def _floating_areas(self, poses: Sequence[Pose]) -> tuple[QRectF, ...]:
        """Where something is beside the cursor or a keypoint, in a size of the screen."""
        if self._painter is None:
            return ()
        to_screen = self.viewportTransform()
        areas = self._painter.name_areas(
            poses,
            self._select.hovered,
            to_screen,
            font=self.viewport().font(),
            width=self.viewport().width(),
        )
        beside = self._beside_cursor()
        covered = None if beside is None else beside.covered(self.viewport().font())
        if covered is not None:
            areas.append(covered)
        return tuple(each.adjusted(-2, -2, 2, 2) for each in areas)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """What was drawn moves along; what floats over it is drawn where it belongs."""
        super().scrollContentsBy(dx, dy)
        self._scrolled += QPointF(dx, dy)
        if not self._is_moved:
            self._update_changes()

    def _update_changes(self) -> None:
        """Draw anew what looks other than before, and nothing else."""
        before = self._drawn
        if (
            before is None
            or self._painter is None
            or self._tool is not self._select
            or self._select.is_framing
            or self._has_fixed_words
            or not self._has_current_pixels
        ):
            self.viewport().update()
            return
        now = self._seen()
        areas = changed_areas(before, now, self._painter, self.viewportTransform())
        if areas is None:
            self.viewport().update()
            return
        if before.hovered != now.hovered or before.floating != now.floating or self._scrolled:
            areas += [each.translated(self._scrolled) for each in before.floating]
            areas += now.floating
        for area in areas:
            self.viewport().update(area.toAlignedRect())

    # Tools

    @property
    def tool(self) -> Tool:
        return self._tool

    def take(self, tool: Tool) -> None:
        """Let the mouse do something else; the same kind again puts it away."""
        if type(tool) is type(self._tool):
            self.put_away()
            return
        self._tool.forget()
        self._tool = tool
        self._workspace.placing.finish()
        self.tool_changed.emit(tool.hint)
        self._show_cursor()
        self.viewport().update()

    def put_away(self) -> None:
        """Let the mouse select again."""
        self._tool.forget()
        self._select.forget()
        if self._tool is not self._select:
            self._tool = self._select
            self.tool_changed.emit("")
        self._show_cursor()
        self.viewport().update()

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

    def show_all(self) -> None:
        """Show the whole image, and follow no subject any more."""
        self._workspace.zooming.stop()
        self.fit()

    def look_at(self, box: Box) -> None:
        """Zoom so that a box fills the greater part of the canvas."""
        width, height = self._image.size
        area = self.viewport().rect()
        is_point = not max(box.width, box.height)
        least = POINT_LOOK * max(width, height) if is_point else 1.0
        scale = LOOK_SHARE * min(
            area.width() / max(box.width, least), area.height() / max(box.height, least)
        )
        low, high = ZOOM_LIMITS
        scale = min(max(scale, low), high)
        self.resetTransform()
        self.scale(scale, scale)
        self.centerOn(*box.centre)
        self._is_fitted = False

    def _follow(self) -> None:
        box = self._workspace.zooming.box
        if box is not None and self._has_current_pixels and self._image.size[0]:
            self.look_at(box)
        self.viewport().update()

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zoom so that the image stays in place at a position of the viewport."""
        low, high = ZOOM_LIMITS
        current = self.transform().m11()
        factor = min(max(factor, low / current), high / current)
        before = self.image_position(at)
        self._is_moved = True
        self.scale(factor, factor)
        moved = self.transform().map(self.image_position(at)) - self.transform().map(before)
        self._scroll(moved)
        self._is_moved = self._is_fitted = False
        self.viewport().update()
        self._workspace.zooming.settle()

    def _pan(self, by: QPointF) -> None:
        """Move the image against the direction, in screen pixels."""
        self._is_moved = True
        self._scroll(by)
        self._is_moved = self._is_fitted = False
        self._update_changes()

    def _scroll(self, by: QPointF) -> None:
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(horizontal.value() - round(by.x()))
        vertical.setValue(vertical.value() - round(by.y()))

    def image_position(self, position: QPointF) -> QPointF:
        """A position of the viewport in image pixels."""
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(position)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor; while something is held, the loupe."""
        clicks = event.angleDelta().y() / 120
        if self._tool.held is not None and self._workspace.preferences.loupe:
            self._workspace.settings.magnify_loupe(clicks)
        else:
            self.zoom(1.2**clicks, event.position())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        button, touch = event.button(), self._touch(event)
        self._nudge.store()
        if button == Qt.MouseButton.MiddleButton or PAN in self._held_keys:
            self._pan_from, self._pan_button = touch.screen, button
            self._show_cursor()
        elif not self._has_current_pixels:
            return
        elif button == Qt.MouseButton.LeftButton:
            if self._press_pin(touch):
                return
            self._tool.press(touch)
            self._end_tool()
        elif button == Qt.MouseButton.RightButton and self._tool is self._select:
            self._select.press_right(touch)
        self.viewport().update()

    def _press_pin(self, touch: Touch) -> bool:
        """Place a pin or choose one; False where neither was meant."""
        issues = self._workspace.issues
        if issues.is_pinning:
            x, y = touch.point.tolist()
            issues.begin_draft((x, y))
            return True
        is_placing = self._workspace.placing.next_keypoint is not None
        found = pin_at(
            current_pins(self._workspace),
            QPointF(touch.screen),
            self.viewportTransform(),
            only_numbers=is_placing
            or self._tool is not self._select
            or self._select.hit(touch.point, reach=touch.reach) is not None,
        )
        if found is not None:
            issues.choose(found)
        return found is not None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick clicks are two clicks."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        self._cursor_at = position
        self._take_keyboard(event.globalPosition())
        if self._pan_from is not None:
            self._pan(position - QPointF(self._pan_from))
            self._pan_from = position.toPoint()
            self._workspace.zooming.settle()
        elif self._has_current_pixels:
            is_let_go = not event.buttons() & Qt.MouseButton.LeftButton
            if is_let_go and self._tool.held is not None:
                # A dialog has had the release.
                self._tool.forget()
            self._tool.move(self._touch(event))
            self._show_cursor()
            self._update_changes()
        at = self.image_position(position)
        self.cursor_moved.emit(at.x(), at.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None and event.button() == self._pan_button:
            self._pan_from = None
            self._show_cursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._tool.release(self._touch(event))
            self._end_tool()
        self.viewport().update()

    def _end_tool(self) -> None:
        if self._tool.is_done:
            self.put_away()

    def leaveEvent(self, event: object) -> None:  # noqa: ARG002
        self._cursor_at = self._select.hovered = None
        self.viewport().update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._entered_at = event.globalPosition()

    def _take_keyboard(self, at: QPointF) -> None:
        """Keys are meant for what the mouse is moved to, unless somebody is typing.

        It also enters where a dialog over the canvas is closed, and that means nothing.
        """
        if self._entered_at is None or self._entered_at == at:
            return
        self._entered_at = None
        if not isinstance(QApplication.focusWidget(), _TYPING):
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    # Keys

    def event(self, event: QEvent) -> bool:
        """A shortcut is about to do something else: what the arrows have moved comes first."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self._nudge.end_unless(event.key())
        return super().event(event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab goes from subject to subject; F6 leaves the canvas."""
        self._nudge.store()
        self._workspace.going.step_subject(1 if is_next else -1)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in HELD_KEYS:
            self._held_keys.add(key)
            self._show_cursor()
            self.viewport().update()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        elif key == Qt.Key.Key_F6:
            super().focusNextPrevChild(True)
        elif self._nudge.press(key, event.modifiers()):
            self.viewport().update()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._workspace.step_image(1 if key == Qt.Key.Key_Right else -1)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        if event.key() in HELD_KEYS:
            self._held_keys.discard(event.key())
            self._show_cursor()
            self.viewport().update()
        elif not self._nudge.release(event.key()):
            event.ignore()

    def focusOutEvent(self, event: object) -> None:  # noqa: ARG002
        self._held_keys.clear()
        self._nudge.store()
        self._show_cursor()

    def _escape(self) -> None:
        """Drop what is held; else put the tool away; else finish placing."""
        issues, copying = self._workspace.issues, self._workspace.copying
        if copying.work.is_running:
            copying.stop()
        elif self._nudge.forget() or self._tool.forget():
            self.viewport().update()
        elif issues.is_pinning or issues.draft is not None:
            issues.drop_draft()
        elif self._workspace.click_to_fix.suggestions is not None:
            self._workspace.click_to_fix.drop_suggestions()
        elif self._tool is not self._select:
            self.put_away()
        else:
            self._workspace.placing.finish()
            self._workspace.selection.choose_keypoints(())
            self.viewport().update()
            self.escaped.emit()

    def begin_subject(self) -> None:
        """The next clicks place a new subject, whatever the mouse did before."""
        self.put_away()
        self._workspace.placing.begin()

    def go_on_placing(self) -> None:
        """The next clicks place what is missing, whatever the mouse did before."""
        self.put_away()
        self._workspace.placing.go_on()

    def place_occluded(self) -> None:
        """Put the next keypoint under the cursor, as one that is occluded."""
        if self._cursor_at is not None and self._has_current_pixels:
            at = self._cursor_at
            self._select.place(Touch(self._point(at), at.toPoint(), self._reach), is_occluded=True)

    # Inside

    @property
    def _reach(self) -> float:
        return GRAB_RADIUS / float(self.transform().m11())

    def _point(self, position: QPointF) -> NDArray[np.float64]:
        at = self.image_position(position)
        return np.array([at.x(), at.y()])

    def _touch(self, event: QMouseEvent) -> Touch:
        position = event.position()
        return Touch(
            self._point(position),
            position.toPoint(),
            self._reach,
            event.modifiers(),
            SNAP in self._held_keys,
        )

    def _show_cursor(self) -> None:
        if PAN in self._held_keys or self._pan_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._workspace.issues.is_pinning or (
            self._tool is self._select and self._workspace.placing.next_keypoint is not None
        ):
            shape = Qt.CursorShape.CrossCursor
        else:
            shape = self._tool.cursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)
