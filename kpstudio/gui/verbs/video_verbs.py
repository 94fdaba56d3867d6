"""From frame to frame of the video that is open."""

from PySide6.QtCore import QObject

from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace


class VideoVerbs(QObject):
    """The verbs about videos, at the end of the go menu."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace

    def entries(self) -> list[ActionEntry]:
        menu, timeline = self.tr("&Go"), self._workspace.timeline
        steps = (
            ("next_frame", self.tr("Video: next frame"), 1, "Alt+Right"),
            ("previous_frame", self.tr("Video: previous frame"), -1, "Alt+Left"),
            ("ten_frames_on", self.tr("Video: ten frames on"), 10, "Alt+Shift+Right"),
            ("ten_frames_back", self.tr("Video: ten frames back"), -10, "Alt+Shift+Left"),
        )
        return [
            *(
                ActionEntry(
                    name,
                    menu,
                    text,
                    lambda step=step: timeline.step_frame(step),  # type: ignore[misc]
                    keys=(key,),
                    starts_group=step == 1,
                )
                for name, text, step, key in steps
            ),
            ActionEntry(
                "next_labelled_frame",
                menu,
                self.tr("Video: next labelled frame"),
                lambda: timeline.step_to_labelled(1),
                keys=("Alt+Down",),
            ),
            ActionEntry(
                "previous_labelled_frame",
                menu,
                self.tr("Video: previous labelled frame"),
                lambda: timeline.step_to_labelled(-1),
                keys=("Alt+Up",),
            ),
        ]
