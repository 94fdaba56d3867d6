"""What is shown, and how."""

from PySide6.QtCore import QObject

from kpstudio.gui.canvas.canvas_view import CanvasView
from kpstudio.gui.panel_cycle import PanelCycle
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace


class ViewVerbs(QObject):
    """The verbs of the view menu."""

    def __init__(
        self, workspace: Workspace, canvas: CanvasView, panels: PanelCycle, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panels = panels
        self._workspace = workspace
        self._canvas = canvas

    def entries(self) -> list[ActionEntry]:
        menu = self.tr("&View")
        return [
            ActionEntry(
                "fit", menu, self.tr("&Fit image"), self._canvas.show_all, keys=("F",), icon="fit"
            ),
            ActionEntry(
                "follow",
                menu,
                self.tr("&Zoom to the subject, from image to image"),
                self._workspace.zooming.toggle,
                keys=("Z",),
            ),
            ActionEntry(
                "heatmap",
                menu,
                self.tr("Show &heatmap"),
                self.toggle_heatmap,
                keys=("H",),
                icon="heatmap",
            ),
            ActionEntry(
                "all_keypoints",
                menu,
                self.tr("Heatmap of &all keypoints"),
                self.toggle_all_keypoints,
                keys=("Shift+H",),
            ),
            ActionEntry(
                "ghosts",
                menu,
                self.tr("Show &predictions"),
                self.toggle_ghosts,
                keys=("G",),
                icon="skeleton",
            ),
            ActionEntry(
                "subject_tags",
                menu,
                self.tr("&Tags on subjects"),
                self.toggle_subject_tags,
            ),
            ActionEntry(
                "next_panel",
                menu,
                self.tr("&Next panel"),
                lambda: self._panels.step(1),
                keys=("F6",),
                needs_project=False,
                starts_group=True,
            ),
            ActionEntry(
                "previous_panel",
                menu,
                self.tr("Pre&vious panel"),
                lambda: self._panels.step(-1),
                keys=("Shift+F6",),
                needs_project=False,
            ),
            ActionEntry(
                "compare",
                menu,
                self.tr("&Compare with the previous image"),
                self.toggle_previous,
                keys=("Shift+A",),
            ),
            ActionEntry(
                "appearance",
                menu,
                self.tr("Adjusted &view, or as it is"),
                self.toggle_appearance,
                keys=("Shift+V",),
                starts_group=True,
            ),
            ActionEntry(
                "reset_appearance",
                menu,
                self.tr("&Reset the adjusted view"),
                self._workspace.appearance.reset,
            ),
        ]

    def toggle_appearance(self) -> None:
        """Compare with the image as it is; without an adjustment there is nothing to compare."""
        appearance = self._workspace.appearance
        if appearance.adjustment.is_nothing:
            self._workspace.done.emit(
                self.tr("The view is not adjusted: the panel “View” has the sliders.")
            )
        else:
            appearance.toggle()

    def toggle_heatmap(self) -> None:
        overlay = self._workspace.overlay
        overlay.show_heatmaps(not overlay.has_heatmaps)

    def toggle_subject_tags(self) -> None:
        settings = self._workspace.settings
        settings.change(subject_tags=not settings.preferences.subject_tags)

    def toggle_previous(self) -> None:
        overlay = self._workspace.overlay
        overlay.show_previous(not overlay.has_previous)

    def toggle_all_keypoints(self) -> None:
        overlay = self._workspace.overlay
        overlay.show_all_keypoints(not overlay.shows_all_keypoints)

    def toggle_ghosts(self) -> None:
        overlay = self._workspace.overlay
        overlay.show_ghosts(not overlay.has_ghosts)
