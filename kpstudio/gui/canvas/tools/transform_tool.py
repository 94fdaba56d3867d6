"""Move, turn and scale the selected annotation, or the keypoints that are chosen of it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPainter, QTransform

from kpstudio.core.annotation import Annotation
from kpstudio.core.geometry import Affine, Box
from kpstudio.gui.canvas.pose import Pose
from kpstudio.gui.canvas.tools.handles import Grip, Handles
from kpstudio.gui.canvas.tools.tool import Point, Tool, Touch
from kpstudio.workspace.workspace import Workspace

MARGIN = 1.6


class TransformTool(Tool):
    """A frame with handles; the tool stays until it is put away."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._grip: Grip | None = None
        self._hovered: Grip | None = None
        self._handles: Handles | None = None
        self._start: Point = np.zeros(2)
        self._motion: Affine | None = None
        self._reach = 1.0
        self.hint = QCoreApplication.translate(
            "TransformTool",
            "Drag inside to move, a corner to scale (Shift keeps the proportions), the knob to "
            "turn (Shift: steps of 15°). Escape ends.",
        )

    @property
    def cursor(self) -> Qt.CursorShape:
        grip = self._grip or self._hovered
        return Qt.CursorShape.ArrowCursor if grip is None else grip.cursor

    def forget(self) -> bool:
        was_held = self._grip is not None
        self._grip = self._motion = None
        return was_held

    def press(self, touch: Touch) -> None:
        self._reach = touch.reach
        self._handles = self._current()
        self._grip = self._handles.hit(touch.point, touch.reach) if self._handles else None
        self._start = touch.point
        if self._grip is None:
            self.is_done = True

    def move(self, touch: Touch) -> None:
        self._reach = touch.reach
        if self._grip is None or self._handles is None:
            handles = self._current()
            self._hovered = handles.hit(touch.point, touch.reach) if handles else None
            return
        keeps = touch.has(Qt.KeyboardModifier.ShiftModifier)
        self._motion = self._handles.motion(self._grip, self._start, touch.point, keeps=keeps)

    def release(self, touch: Touch) -> None:
        motion, annotation = self._motion, self._workspace.labels.selected
        self._grip = self._motion = None
        if motion is not None and annotation is not None:
            self._workspace.labels.move_annotation(annotation.id, motion, self._moves(annotation))
        self.move(touch)

    def shown(self, poses: list[Pose]) -> list[Pose]:
        annotation, motion = self._workspace.labels.selected, self._motion
        if annotation is None or motion is None:
            return poses
        moved = annotation.transformed(motion, self._moves(annotation))
        index = self._workspace.labels.annotations.index(annotation)
        if index < len(poses):
            poses[index] = replace(poses[index], xy=moved.xy, box=moved.box)
        return poses

    def paint(self, painter: QPainter, to_screen: QTransform) -> None:
        handles = self._handles if self._motion is not None else self._current()
        if handles is not None:
            handles.paint(painter, to_screen, self._reach, self._motion)

    def show_scale(self, reach: float) -> None:
        self._reach = reach

    def _current(self) -> Handles | None:
        annotation = self._workspace.labels.selected
        if annotation is None:
            return None
        moves = self._moves(annotation)
        is_placed = np.isfinite(annotation.xy).all(axis=1) & annotation.is_labelled
        xy = annotation.xy[is_placed if moves is None else is_placed & moves]
        if not len(xy):
            return None
        return Handles.around(Box.around(xy), reach=self._reach, margin=MARGIN, can_turn=True)

    def _moves(self, annotation: Annotation) -> NDArray[np.bool_] | None:
        chosen = self._workspace.selection.chosen
        return np.isin(np.arange(len(annotation.xy)), list(chosen)) if len(chosen) > 1 else None
