"""Moving the selected keypoint by the arrow keys."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt

from kpstudio.gui.canvas.pose import Pose
from kpstudio.workspace.workspace import Workspace

ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
FINER = 4


class Nudge:
    """An arrow moves by the step of the settings, with Ctrl by a quarter of it, with Shift by more.

    As long as it is held it is one change, which is stored when it is let go.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by = np.zeros(2)
        self._key = 0
        self._held: tuple[str, int] | None = None

    def press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Move on; False where the key is not an arrow, or no keypoint is selected."""
        selection = self._workspace.selection
        annotation, keypoint = self._workspace.labels.selected, selection.keypoint
        if key not in ARROWS or annotation is None or keypoint is None:
            return False
        if not np.isfinite(annotation.xy[keypoint]).all():
            return False
        if self._held != (annotation.id, keypoint) or key != self._key:
            self.store()
        preferences = self._workspace.preferences
        step = preferences.nudge_px
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            step = preferences.nudge_px / FINER
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            step = preferences.large_nudge_px
        self._held, self._key = (annotation.id, keypoint), key
        wanted = annotation.xy[keypoint] + self._by + step * np.array(ARROWS[Qt.Key(key)])
        self._by = self._workspace.limited(wanted) - annotation.xy[keypoint]
        return True

    def release(self, key: int) -> bool:
        """The key is up: what it moved is stored; False where it was not it."""
        if self._held is None or key != self._key:
            return False
        self.store()
        return True

    def end_unless(self, key: int) -> None:
        """Another key is pressed: what the arrow has moved so far is stored."""
        if key != self._key:
            self.store()

    def store(self) -> None:
        """Make a change of what has been moved so far, if anything has."""
        held, by = self._held, self._by
        self.forget()
        annotation = self._workspace.labels.find(held[0]) if held is not None else None
        if held is not None and annotation is not None and by.any():
            x, y = (annotation.xy[held[1]] + by).tolist()
            self._workspace.labels.move_keypoint(annotation.id, held[1], (x, y))

    def forget(self) -> bool:
        was_held = self._held is not None
        self._held, self._by, self._key = None, np.zeros(2), 0
        return was_held

    def shown(self, poses: list[Pose]) -> list[Pose]:
        """What is being moved is drawn where it is."""
        if self._held is None:
            return poses
        ids = [each.id for each in self._workspace.labels.annotations]
        if self._held[0] in ids:
            index = ids.index(self._held[0])
            xy = poses[index].xy.copy()
            xy[self._held[1]] += self._by
            poses[index] = replace(poses[index], xy=xy)
        return poses
