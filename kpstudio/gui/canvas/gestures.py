"""What the mouse does on the canvas: select, drag, place, change visibility."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint

from kpstudio.gui.canvas.hit import nearest_edge, nearest_keypoint
from kpstudio.gui.canvas.pose_painter import Pose, PoseKind
from kpstudio.gui.canvas.poses import current_poses
from kpstudio.workspace.workspace import Workspace

DRAG_THRESHOLD = 3
# A ghost is grabbed instead of a label only if it is nearer by this share of the reach.
GHOST_LEAD = 0.4

Point = NDArray[np.float64]


@dataclass
class Drag:
    """A keypoint that is being held.

    Args:
        kind: What it belongs to; None for a keypoint that is being placed.
        subject: Index among the poses.
        keypoint: Its index.
        grab: From the cursor to the keypoint, image pixels: the keypoint does not jump.
        start: Where the button went down, screen pixels.
        xy: Where it is now, image pixels.
        is_moved: It has left its place; a click alone moves nothing.
    """

    kind: PoseKind | None
    subject: int
    keypoint: int
    grab: Point
    start: QPoint
    xy: Point
    is_moved: bool = False


class Gestures:
    """Turns presses, moves and releases into verbs of the workspace.

    Positions are image pixels, except where they are said to be of the screen.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.drag: Drag | None = None
        self.hovered: tuple[int, int] | None = None

    def forget(self) -> None:
        """Let go of everything, without a change."""
        self.drag = self.hovered = None

    def press(self, point: Point, screen: QPoint, *, reach: float) -> None:
        """The left button: hold a keypoint, place one, or select."""
        labels, hit = self._workspace.labels, self.hit(point, reach=reach)
        following = self._workspace.placing.next_keypoint
        if hit is not None:
            subject, keypoint = hit
            pose = current_poses(self._workspace)[subject]
            xy = pose.xy[keypoint]
            self.drag = Drag(pose.kind, subject, keypoint, xy - point, screen, xy)
            self._select(subject, keypoint)
        elif following is not None:
            self.drag = Drag(None, -1, following, np.zeros(2), screen, point)
        else:
            edges = labels.skeleton.edges if labels.skeleton else ()
            subject_hit = nearest_edge(self._grabbable(), edges, _pair(point), radius=reach)
            if subject_hit is None:
                self._workspace.selection.select_annotation(None)
            else:
                self._select(subject_hit, None)

    def press_right(self, point: Point, *, reach: float) -> None:
        """The right button: change visibility, or place an occluded keypoint."""
        labels, hit = self._workspace.labels, self.hit(point, reach=reach)
        if hit is not None and hit[0] < len(labels.annotations):
            annotation = labels.annotations[hit[0]]
            self._workspace.selection.select_annotation(annotation.id, hit[1])
            labels.cycle_visibility(annotation.id, hit[1])
        elif hit is None and self._workspace.placing.next_keypoint is not None:
            self._workspace.placing.place(_pair(point), is_occluded=True)

    def move(self, point: Point, screen: QPoint, *, reach: float) -> None:
        drag = self.drag
        if drag is None:
            self.hovered = self.hit(point, reach=reach)
            return
        distance = (screen - drag.start).manhattanLength()
        drag.is_moved = drag.is_moved or distance >= DRAG_THRESHOLD
        if drag.is_moved:
            drag.xy = point + drag.grab

    def release(self, point: Point, *, reach: float) -> None:
        """The left button is up: what was held is stored where it is."""
        drag, self.drag = self.drag, None
        labels = self._workspace.labels
        if drag is None:
            return
        if drag.kind is None:
            self._workspace.placing.place(_pair(drag.xy))
        elif drag.is_moved and drag.kind is PoseKind.LABEL:
            if drag.subject < len(labels.annotations):
                annotation = labels.annotations[drag.subject]
                labels.move_keypoint(annotation.id, drag.keypoint, _pair(drag.xy))
        elif drag.is_moved:
            ghost = drag.subject - len(labels.annotations)
            self._workspace.accepting.accept_moved_keypoint(ghost, drag.keypoint, _pair(drag.xy))
        self.hovered = self.hit(point, reach=reach)

    def poses(self) -> list[Pose]:
        """What is drawn now, with the held keypoint where it is held."""
        poses, drag = current_poses(self._workspace), self.drag
        if drag is None or not (drag.is_moved or drag.kind is None):
            return poses
        if drag.kind is None:
            count = len(self._workspace.labels.skeleton or ())
            xy, visibility = np.full((count, 2), np.nan), np.zeros(count, dtype=np.int8)
            xy[drag.keypoint], visibility[drag.keypoint] = drag.xy, 2
            return [*poses, Pose(PoseKind.LABEL, xy, visibility, True, drag.keypoint)]
        if drag.subject < len(poses):
            old = poses[drag.subject]
            xy, visibility = old.xy.copy(), np.array(old.visibility)
            xy[drag.keypoint] = drag.xy
            visibility[drag.keypoint] = visibility[drag.keypoint] or 2
            poses[drag.subject] = Pose(old.kind, xy, visibility, True, drag.keypoint)
        return poses

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

    def _grabbable(self) -> list[Point]:
        """Keypoints that are not labelled count only where they are drawn: if selected."""
        return [
            np.where((pose.visibility > 0)[:, None] | pose.is_selected, pose.xy, np.nan)
            for pose in current_poses(self._workspace)
        ]

    def _select(self, subject: int, keypoint: int | None) -> None:
        annotations = self._workspace.labels.annotations
        if subject < len(annotations):
            self._workspace.selection.select_annotation(annotations[subject].id, keypoint)
        else:
            self._workspace.selection.select_ghost(subject - len(annotations), keypoint)


def _pair(point: Point) -> tuple[float, float]:
    return float(point[0]), float(point[1])
