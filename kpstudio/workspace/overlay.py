"""How predictions and heatmaps lie over the image."""

from PySide6.QtCore import QObject, Signal

COLOUR_MAPS = ("inferno", "viridis", "turbo", "cividis")


class Overlay(QObject):
    """What the canvas draws over the image.

    Signals:
        changed: Anything of it.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.has_heatmaps = True
        self.has_ghosts = True
        self.has_previous = False
        self.shows_all_keypoints = False
        self.opacity = 0.6
        self.colour_map = COLOUR_MAPS[0]

    def show_heatmaps(self, shown: bool) -> None:
        self._set("has_heatmaps", shown)

    def show_ghosts(self, shown: bool) -> None:
        self._set("has_ghosts", shown)

    def show_previous(self, shown: bool) -> None:
        """The previous image of the list, beside the open one."""
        self._set("has_previous", shown)

    def show_all_keypoints(self, shown: bool) -> None:
        """The maximum over all keypoints, instead of the selected keypoint's heatmap."""
        self._set("shows_all_keypoints", shown)

    def set_opacity(self, opacity: float) -> None:
        self._set("opacity", opacity)

    def set_colour_map(self, name: str) -> None:
        self._set("colour_map", name)

    def _set(self, name: str, value: object) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.changed.emit()
