"""Put a whole skeleton down with one drag."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, Qt

from kpstudio.core.geometry import Affine
from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.gui.canvas.tools.tool import Point, Tool, Touch
from kpstudio.workspace.workspace import Workspace


class TemplateTool(Tool):
    """The typical pose, drawn into the rectangle of a drag, or turned along it with Ctrl.

    A drag to the left mirrors it, one upwards turns it upside down.
    """

    def __init__(self, workspace: Workspace, template: NDArray[np.float64]) -> None:
        """Take the template.

        Args:
            workspace: Where the annotation is made.
            template: (K, 2) in a box from -0.5 to 0.5, y down.
        """
        super().__init__()
        self._workspace = workspace
        self._template = template
        self._start: Point | None = None
        self._xy: NDArray[np.float64] | None = None
        self.hint = QCoreApplication.translate(
            "TemplateTool",
            "Drag a frame for the whole skeleton: to the left mirrors it; with Ctrl it lies along "
            "the drag, from its top to its bottom. Escape ends.",
        )

    @property
    def held(self) -> Point | None:
        return None

    def forget(self) -> bool:
        was_held = self._start is not None
        self._start = self._xy = None
        return was_held

    def press(self, touch: Touch) -> None:
        self._start = touch.point

    def move(self, touch: Touch) -> None:
        if self._start is None:
            return
        if float(np.abs(touch.point - self._start).min()) < touch.reach / 4 and not touch.has(
            Qt.KeyboardModifier.ControlModifier
        ):
            self._xy = None
            return
        placement = (
            self._along(self._start, touch.point)
            if touch.has(Qt.KeyboardModifier.ControlModifier)
            else self._within(self._start, touch.point)
        )
        limited = [self._workspace.limited(each) for each in placement.apply(self._template)]
        self._xy = np.array(limited)

    def release(self, touch: Touch) -> None:
        self.move(touch)
        xy = self._xy
        self.forget()
        if xy is not None:
            self._workspace.subjects.add_pose(xy)
            self.is_done = True

    def shown(self, poses: list[Pose]) -> list[Pose]:
        if self._xy is None:
            return poses
        visibility = np.full(len(self._xy), 2, dtype=np.int8)
        return [*poses, Pose(PoseKind.LABEL, self._xy, visibility, True)]

    def _within(self, start: Point, end: Point) -> Affine:
        low, high = self._template.min(axis=0), self._template.max(axis=0)
        extent = np.where(high - low > 0, high - low, 1.0)
        scale = (end - start) / extent
        shift = (start + end) / 2 - scale * (low + high) / 2
        (sx, sy), (tx, ty) = scale.tolist(), shift.tolist()
        return Affine.scaling(sx, sy, tx=tx, ty=ty)

    def _along(self, start: Point, end: Point) -> Affine:
        """From the top of the template to its bottom, with its proportions."""
        low, high = self._template.min(axis=0), self._template.max(axis=0)
        height = float(high[1] - low[1]) or 1.0
        along = end - start
        scale = float(np.linalg.norm(along)) / height
        turn = math.atan2(float(along[1]), float(along[0])) - math.pi / 2
        top = np.array([(low[0] + high[0]) / 2, low[1]])
        there = Affine.moving(*(start - top).tolist())
        return there.then(Affine.about(start, turn_rad=turn, sx=scale, sy=scale))
