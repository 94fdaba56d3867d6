"""Moving the selected keypoint, or those that are chosen, by the arrow keys."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt

from kpstudio.core.geometry import Affine
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

    What is chosen moves together, else the selected keypoint. As long as it is held it is one
    change, which is stored when it is let go.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by = np.zeros(2)
        self._key = 0
        self._held: tuple[str, frozenset[int]] | None = None

    def press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Move on; False where the key is not an arrow, or no keypoint is selected."""
        annotation, held = self._workspace.labels.selected, self._wanted()
        if key not in ARROWS or annotation is None or held is None:
            return False
        if self._held != held or key != self._key:
            self.store()
        preferences = self._workspace.preferences
        step = preferences.nudge_px
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            step = preferences.nudge_px / FINER
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            step = preferences.large_nudge_px
        self._held, self._key = held, key
        wanted = self._by + step * np.array(ARROWS[Qt.Key(key)])
        self._by = self._workspace.limited_motion(annotation.xy[sorted(held[1])], wanted)
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
        labels = self._workspace.labels
        annotation = labels.find(held[0]) if held is not None else None
        if held is None or annotation is None or not by.any():
            return
        if len(held[1]) == 1:
            (keypoint,) = held[1]
            x, y = (annotation.xy[keypoint] + by).tolist()
            labels.move_keypoint(annotation.id, keypoint, (x, y))
        else:
            moves = np.isin(np.arange(len(annotation.xy)), list(held[1]))
            labels.move_annotation(annotation.id, Affine.moving(*by.tolist()), moves)

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
            xy[sorted(self._held[1])] += self._by
            poses[index] = replace(poses[index], xy=xy)
        return poses

    def _wanted(self) -> tuple[str, frozenset[int]] | None:
        """The annotation and its keypoints that an arrow moves; None where it moves none."""
        annotation, selection = self._workspace.labels.selected, self._workspace.selection
        if annotation is None:
            return None
        is_there = np.isfinite(annotation.xy).all(axis=1)
        one = self._workspace.placing.meant_keypoint
        wanted = selection.chosen or (() if one is None else (one,))
        keypoints = frozenset(each for each in wanted if is_there[each])
        return (annotation.id, keypoints) if keypoints else None
