"""Draw the box of the selected annotation, and edit it on its own."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPainter, QTransform

from kpstudio.core.annotation import Annotation
from kpstudio.core.geometry import Affine, Box
from kpstudio.gui.canvas.pose import Pose
from kpstudio.gui.canvas.tools.handles import INSIDE, Grip, Handles
from kpstudio.gui.canvas.tools.tool import Point, Tool, Touch
from kpstudio.workspace.workspace import Workspace

# A drag of less than this share of the reach was a click.
LEAST_SHARE = 0.4


class BoxTool(Tool):
    """A drag draws a box, or moves one or a side of it; without an annotation it begins one."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._grip: Grip | None = None
        self._hovered: Grip | None = None
        self._start: Point | None = None
        self._held: Annotation | None = None
        self._drawn: Box | None = None
        self._reach = 1.0
        self.hint = QCoreApplication.translate(
            "BoxTool",
            "Drag a box around the subject; its sides and corners can be moved. Escape ends.",
        )

    @property
    def cursor(self) -> Qt.CursorShape:
        grip = self._grip or self._hovered
        return Qt.CursorShape.CrossCursor if grip is None else grip.cursor

    def forget(self) -> bool:
        was_held = self._start is not None
        self._grip = self._start = self._drawn = self._held = None
        return was_held

    def follow(self) -> None:
        if self._start is not None and self._held is not self._workspace.labels.selected:
            self.forget()

    def press(self, touch: Touch) -> None:
        self._reach = touch.reach
        handles = self._current()
        self._grip = handles.hit(touch.point, touch.reach) if handles else None
        self._start, self._held = touch.point, self._workspace.labels.selected

    def move(self, touch: Touch) -> None:
        self._reach = touch.reach
        handles = self._current()
        if self._start is None:
            self._hovered = handles.hit(touch.point, touch.reach) if handles else None
        elif self._grip is not None and handles is not None:
            end = touch.point
            if self._grip == Grip(*INSIDE):
                end = self._start + self._limited_step(handles.frame, end - self._start)
            motion = handles.motion(self._grip, self._start, end, keeps=False)
            self._drawn = self._limited(_moved(handles.frame, motion))
        else:
            self._drawn = self._limited(Box.around(np.stack([self._start, touch.point])))

    def release(self, touch: Touch) -> None:
        drawn, least = self._drawn, LEAST_SHARE * touch.reach if self._grip is None else 0.0
        self.forget()
        # A click draws nothing, even if the hand was not quite still.
        if drawn is not None and min(drawn.width, drawn.height) > least:
            self._workspace.subjects.draw_box(drawn)
        self.move(touch)

    def shown(self, poses: list[Pose]) -> list[Pose]:
        annotation = self._workspace.labels.selected
        if self._drawn is None or annotation is None:
            return poses
        index = self._workspace.labels.annotations.index(annotation)
        if index < len(poses):
            poses[index] = replace(poses[index], box=None)
        return poses

    def paint(self, painter: QPainter, to_screen: QTransform) -> None:
        drawn = self._drawn
        handles = self._current() if drawn is None else Handles(drawn, can_turn=False)
        if handles is not None:
            handles.paint(painter, to_screen, self._reach, Affine.identity() if drawn else None)

    def _current(self) -> Handles | None:
        annotation = self._workspace.labels.selected
        if annotation is None or annotation.box is None:
            return None
        return Handles(annotation.box, can_turn=False)

    def _limited_step(self, box: Box, by: Point) -> Point:
        """How far a box goes as a whole: it stops at the border and keeps its size."""
        size = self._workspace.image_size
        if size is None:
            return by
        low, high = box.corners()[[0, 2]]
        least, most = np.minimum(-0.5 - low, 0), np.maximum(np.subtract(size, 0.5) - high, 0)
        return np.asarray(np.clip(by, least, most))

    def _limited(self, box: Box) -> Box:
        """A box does not leave the image: no format has a word for that."""
        size = self._workspace.image_size
        if size is None:
            return box
        corners = np.clip(box.corners()[[0, 2]], -0.5, np.subtract(size, 0.5))
        return Box.around(corners)


def _moved(box: Box, motion: Affine) -> Box:
    return Box.around(motion.apply(box.corners()))
