"""Draw the box of the selected annotation, and edit it on its own."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPainter, QTransform

from kpstudio.core.geometry import Affine, Box
from kpstudio.gui.canvas.pose import Pose
from kpstudio.gui.canvas.tools.handles import Grip, Handles
from kpstudio.gui.canvas.tools.tool import Point, Tool, Touch
from kpstudio.workspace.workspace import Workspace


class BoxTool(Tool):
    """A drag draws a box, or moves one or a side of it; without an annotation it begins one."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._grip: Grip | None = None
        self._hovered: Grip | None = None
        self._start: Point | None = None
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
        self._grip = self._start = self._drawn = None
        return was_held

    def press(self, touch: Touch) -> None:
        self._reach = touch.reach
        handles = self._current()
        self._grip = handles.hit(touch.point, touch.reach) if handles else None
        self._start = touch.point

    def move(self, touch: Touch) -> None:
        self._reach = touch.reach
        handles = self._current()
        if self._start is None:
            self._hovered = handles.hit(touch.point, touch.reach) if handles else None
        elif self._grip is not None and handles is not None:
            motion = handles.motion(self._grip, self._start, touch.point, keeps=False)
            self._drawn = self._limited(_moved(handles.frame, motion))
        else:
            self._drawn = self._limited(Box.around(np.stack([self._start, touch.point])))

    def release(self, touch: Touch) -> None:
        drawn = self._drawn
        self.forget()
        # A click alone draws nothing.
        if drawn is not None and min(drawn.width, drawn.height) > 0:
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

    def _limited(self, box: Box) -> Box:
        """A box does not leave the image: no format has a word for that."""
        image = self._workspace.current_image
        if image is None:
            return box
        corners = np.clip(box.corners()[[0, 2]], -0.5, (image.width - 0.5, image.height - 0.5))
        return Box.around(corners)


def _moved(box: Box, motion: Affine) -> Box:
    return Box.around(motion.apply(box.corners()))
