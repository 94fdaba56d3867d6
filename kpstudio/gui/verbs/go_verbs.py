"""From one image, subject or keypoint to another."""

from PySide6.QtCore import QObject

from kpstudio.gui.image_list_panel import ImageListPanel
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace


class GoVerbs(QObject):
    """The verbs of the go menu."""

    def __init__(self, workspace: Workspace, images: ImageListPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._images = images

    def entries(self) -> list[ActionEntry]:
        menu, workspace = self.tr("&Go"), self._workspace
        return [
            ActionEntry(
                "next",
                menu,
                self.tr("&Next image"),
                lambda: workspace.step_image(1),
                keys=("D", "PgDown"),
            ),
            ActionEntry(
                "previous",
                menu,
                self.tr("&Previous image"),
                lambda: workspace.step_image(-1),
                keys=("A", "PgUp"),
            ),
            ActionEntry(
                "next_unlabelled",
                menu,
                self.tr("Next &unlabelled image"),
                workspace.step_to_unlabelled,
                keys=("U",),
            ),
            ActionEntry(
                "find",
                menu,
                self.tr("&Search images"),
                self._images.focus_search,
                keys=("Ctrl+F",),
            ),
            ActionEntry(
                "next_keypoint",
                menu,
                self.tr("Next &keypoint"),
                lambda: self.step_keypoint(1),
                keys=("E",),
                starts_group=True,
            ),
            ActionEntry(
                "previous_keypoint",
                menu,
                self.tr("Previous k&eypoint"),
                lambda: self.step_keypoint(-1),
                keys=("Q",),
            ),
        ]

    def step_keypoint(self, step: int) -> None:
        """Select the keypoint that many further on in the skeleton, round and round."""
        skeleton, selection = self._workspace.labels.skeleton, self._workspace.selection
        if skeleton is not None:
            start = -1 if selection.keypoint is None and step > 0 else selection.keypoint or 0
            selection.select_keypoint((start + step) % len(skeleton))
