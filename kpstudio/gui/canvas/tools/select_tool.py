"""The mouse without another tool: select, drag, place, change visibility."""

import operator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from kpstudio.core.annotation import Annotation
from kpstudio.core.geometry import Affine
from kpstudio.gui.canvas.hit import nearest_edge, nearest_keypoint
from kpstudio.gui.canvas.markers import HALO
from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.gui.canvas.poses import current_poses
from kpstudio.gui.canvas.tools.tool import Point, Tool, Touch
from kpstudio.workspace.workspace import Workspace

DRAG_THRESHOLD = 3
# A ghost is grabbed instead of a label only if it is nearer by this share of the reach.
GHOST_LEAD = 0.4
# How many times the reach a peak may be away to which a held keypoint snaps.
SNAP_REACH = 8.0

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@dataclass
class Drag:
    """What is being held.

    Args:
        kind: What it belongs to; None for a keypoint that is being placed.
        subject: Index among the poses.
        keypoint: The keypoint under the cursor.
        moves: (K,) the keypoints that move with it; None for the whole annotation.
        grab: From the cursor to the keypoint, image pixels: the keypoint does not jump.
        start: Where the button went down, screen pixels.
        origin: Where the keypoint was, image pixels.
        xy: Where it is now, image pixels.
        is_moved: It has left its place; a click alone moves nothing.
    """

    kind: PoseKind | None
    subject: int
    keypoint: int
    moves: NDArray[np.bool_] | None
    grab: Point
    start: QPoint
    origin: Point
    xy: Point
    is_moved: bool = False

    @property
    def motion(self) -> Affine:
        dx, dy = (self.xy - self.origin).tolist()
        return Affine.moving(dx, dy)


class SelectTool(Tool):
    """A click selects or places, a drag moves.

    With Ctrl the whole annotation moves. With Shift a click chooses one keypoint more, and a drag
    all in a frame; what is chosen moves together.

    Attributes:
        drag: What is held, if anything.
        hovered: (subject, keypoint) under the cursor.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.drag: Drag | None = None
        self.hovered: tuple[int, int] | None = None
        self._frame: tuple[Point, Point] | None = None
        self._poses: list[Pose] = []
        self._places: list[Point] = []

    @property
    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.ArrowCursor

    @property
    def held(self) -> Point | None:
        drag = self.drag
        return drag.xy if drag is not None and (drag.is_moved or drag.kind is None) else None

    @property
    def is_framing(self) -> bool:
        """Keypoints are being chosen with a frame."""
        return self._frame is not None

    def forget(self) -> bool:
        was_held = self.drag is not None or self._frame is not None
        self.drag = self.hovered = self._frame = None
        return was_held

    def press(self, touch: Touch) -> None:
        """Hold a keypoint, place one, or select."""
        following = self._workspace.placing.next_keypoint
        hit = self.hit(touch.point, reach=touch.reach)
        if touch.has(SHIFT):
            self._press_with_shift(touch, hit)
        elif hit is not None:
            self._hold(touch, *hit)
        elif following is not None:
            xy = self._placed(touch, following)
            self.drag = Drag(None, -1, following, None, np.zeros(2), touch.screen, xy, xy)
        else:
            self._press_beside(touch)

    def press_right(self, touch: Touch) -> None:
        """The right button: change visibility, or place an occluded keypoint."""
        labels, hit = self._workspace.labels, self.hit(touch.point, reach=touch.reach)
        if hit is not None and hit[0] < len(labels.annotations):
            annotation = labels.annotations[hit[0]]
            self._workspace.selection.select_annotation(annotation.id, hit[1])
            labels.cycle_visibility(annotation.id, hit[1])
        elif hit is None:
            self.place(touch, is_occluded=True)

    def place(self, touch: Touch, *, is_occluded: bool = False) -> None:
        """Put the next keypoint where the mouse is, if one is to be placed."""
        following = self._workspace.placing.next_keypoint
        if following is not None:
            xy = _pair(self._placed(touch, following))
            self._workspace.placing.place(xy, is_occluded=is_occluded)

    def move(self, touch: Touch) -> None:
        drag = self.drag
        if self._frame is not None:
            self._frame = self._frame[0], touch.point
        elif drag is None:
            self.hovered = self.hit(touch.point, reach=touch.reach)
        else:
            distance = (touch.screen - drag.start).manhattanLength()
            drag.is_moved = drag.is_moved or distance >= DRAG_THRESHOLD
            if drag.is_moved:
                moved = replace(touch, point=touch.point + drag.grab)
                drag.xy = self._placed(moved, drag.keypoint)

    def release(self, touch: Touch) -> None:
        """What was held is stored where it is."""
        drag, frame = self.drag, self._frame
        self.drag = self._frame = None
        labels = self._workspace.labels
        if frame is not None:
            self._choose_in(*frame)
        if drag is None:
            return
        if drag.kind is None:
            self._workspace.placing.place(_pair(drag.xy))
        elif drag.is_moved and drag.kind is PoseKind.LABEL:
            if drag.subject < len(labels.annotations):
                self._store(labels.annotations[drag.subject], drag)
        elif drag.is_moved:
            ghost = drag.subject - len(labels.annotations)
            self._workspace.accepting.accept_moved_keypoint(ghost, drag.keypoint, _pair(drag.xy))
        self.hovered = self.hit(touch.point, reach=touch.reach)

    def shown(self, poses: list[Pose]) -> list[Pose]:
        """What is held is drawn where it is held."""
        drag = self.drag
        if drag is None or self.held is None:
            return poses
        if drag.kind is None:
            count = len(self._workspace.labels.skeleton or ())
            xy, visibility = np.full((count, 2), np.nan), np.zeros(count, dtype=np.int8)
            xy[drag.keypoint], visibility[drag.keypoint] = drag.xy, 2
            return [*poses, Pose(PoseKind.LABEL, xy, visibility, True, drag.keypoint)]
        if drag.subject < len(poses):
            old = poses[drag.subject]
            moves = np.ones(len(old.xy), dtype=bool) if drag.moves is None else drag.moves
            xy = np.where(moves[:, None], drag.motion.apply(old.xy), old.xy)
            visibility = np.array(old.visibility)
            visibility[drag.keypoint] = visibility[drag.keypoint] or 2
            poses[drag.subject] = replace(
                old, xy=xy, visibility=visibility, is_selected=True, keypoint=drag.keypoint
            )
        return poses

    def paint(self, painter: QPainter, to_screen: QTransform) -> None:
        """The frame in which keypoints are chosen."""
        if self._frame is None:
            return
        (x0, y0), (x1, y1) = self._frame[0].tolist(), self._frame[1].tolist()
        area = to_screen.mapRect(QRectF(x0, y0, x1 - x0, y1 - y0).normalized())
        painter.setBrush(QColor(255, 255, 255, 24))
        for pen in (QPen(HALO, 3), QPen(QColor("white"), 1, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawRect(area)

    def hit(self, point: Point, *, reach: float) -> tuple[int, int] | None:
        """The (subject, keypoint) under a point; a ghost under a label is grabbed beside it."""
        poses, count = self._grabbable(), len(self._workspace.labels.annotations)
        label = nearest_keypoint(poses[:count], _pair(point), radius=reach)
        ghost = nearest_keypoint(poses[count:], _pair(point), radius=reach)
        if ghost is None:
            return label
        ghost = ghost[0] + count, ghost[1]
        if label is None:
            return ghost
        to_label = np.linalg.norm(poses[label[0]][label[1]] - point)
        to_ghost = np.linalg.norm(poses[ghost[0]][ghost[1]] - point)
        return ghost if to_ghost + GHOST_LEAD * reach < to_label else label

    # Inside

    def _hold(self, touch: Touch, subject: int, keypoint: int) -> None:
        selection, annotations = self._workspace.selection, self._workspace.labels.annotations
        pose = current_poses(self._workspace)[subject]
        moves: NDArray[np.bool_] | None = np.arange(len(pose.xy)) == keypoint
        if subject < len(annotations):
            is_same = annotations[subject].id == selection.annotation_id
            if is_same and keypoint in selection.chosen:
                moves = np.isin(np.arange(len(pose.xy)), list(selection.chosen))
            elif touch.has(CTRL):
                moves = None
        xy = pose.xy[keypoint]
        self.drag = Drag(
            pose.kind, subject, keypoint, moves, xy - touch.point, touch.screen, xy, xy
        )
        if moves is None or int(moves.sum()) == 1:
            self._select(subject, keypoint)

    def _press_beside(self, touch: Touch) -> None:
        """Select by an edge; with Ctrl the annotation is held there."""
        labels = self._workspace.labels
        edges = labels.skeleton.edges if labels.skeleton else ()
        subject = nearest_edge(self._grabbable(), edges, _pair(touch.point), radius=touch.reach)
        if subject is None:
            self._workspace.selection.select_annotation(None)
            return
        self._select(subject, None)
        if touch.has(CTRL) and subject < len(labels.annotations):
            xy = current_poses(self._workspace)[subject].xy
            nearest = int(np.nanargmin(np.linalg.norm(xy - touch.point, axis=1)))
            self._hold(touch, subject, nearest)

    def _press_with_shift(self, touch: Touch, hit: tuple[int, int] | None) -> None:
        selection, annotations = self._workspace.selection, self._workspace.labels.annotations
        if hit is None:
            self._frame = touch.point, touch.point
        elif hit[0] < len(annotations):
            subject, keypoint = hit
            if annotations[subject].id != selection.annotation_id:
                self._select(subject, keypoint)
            first = frozenset(() if selection.keypoint is None else (selection.keypoint,))
            selection.choose_keypoints((selection.chosen or first) ^ {keypoint})

    def _choose_in(self, start: Point, end: Point) -> None:
        """Choose what lies in a frame, of the selected annotation or of the one with most in it."""
        low, high = np.minimum(start, end), np.maximum(start, end)
        annotations = self._workspace.labels.annotations
        inside = {
            each.id: np.flatnonzero(
                each.is_labelled & (each.xy >= low).all(axis=1) & (each.xy <= high).all(axis=1)
            )
            for each in annotations
        }
        selection = self._workspace.selection
        if not len(inside.get(selection.annotation_id or "", ())):
            best = max(inside, key=lambda each: len(inside[each]), default=None)
            selection.select_annotation(best if best and len(inside[best]) else None)
        found = inside.get(selection.annotation_id or "")
        selection.choose_keypoints([] if found is None else [int(k) for k in found])

    def _store(self, annotation: Annotation, drag: Drag) -> None:
        labels = self._workspace.labels
        if drag.moves is not None and int(drag.moves.sum()) == 1:
            labels.move_keypoint(annotation.id, drag.keypoint, _pair(drag.xy))
        else:
            labels.move_annotation(annotation.id, drag.motion, drag.moves)

    def _placed(self, touch: Touch, keypoint: int) -> Point:
        """Where a keypoint goes: to a peak of its heatmap if it snaps, and not outside if asked."""
        point = touch.point
        peaks = self._workspace.inference.peaks(keypoint) if touch.snaps else np.empty((0, 2))
        if len(peaks):
            distances = np.linalg.norm(peaks - point, axis=1)
            if distances.min() <= SNAP_REACH * touch.reach:
                point = peaks[int(distances.argmin())]
        return self._workspace.limited(point)

    def _grabbable(self) -> list[Point]:
        """Keypoints that are not labelled count only where they are drawn: if selected."""
        poses = current_poses(self._workspace)
        is_same = len(poses) == len(self._poses) and all(map(operator.is_, poses, self._poses))
        if not is_same:
            self._poses = poses
            self._places = [
                np.where((pose.visibility > 0)[:, None] | pose.is_selected, pose.xy, np.nan)
                for pose in poses
            ]
        return self._places

    def _select(self, subject: int, keypoint: int | None) -> None:
        annotations = self._workspace.labels.annotations
        if subject < len(annotations):
            self._workspace.selection.select_annotation(annotations[subject].id, keypoint)
        else:
            self._workspace.selection.select_ghost(subject - len(annotations), keypoint)


def _pair(point: Point) -> tuple[float, float]:
    return float(point[0]), float(point[1])
