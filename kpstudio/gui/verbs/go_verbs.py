"""From one image, subject or keypoint to another."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from kpstudio.core.image_filter import ImageFilter
from kpstudio.gui.image_list_panel import ImageListPanel
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.marks import FLAG
from kpstudio.workspace.workspace import Workspace


class GoVerbs(QObject):
    """The verbs of the go menu."""

    def __init__(self, workspace: Workspace, images: ImageListPanel, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._images = images
        self._window = window

    def entries(self) -> list[ActionEntry]:
        return [*self._image_entries(), *self._kind_entries(), *self._subject_entries()]

    def _image_entries(self) -> list[ActionEntry]:
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
                "find",
                menu,
                self.tr("&Search images"),
                self._images.focus_search,
                keys=("Ctrl+F",),
            ),
            ActionEntry(
                "grid",
                menu,
                self.tr("Images as a gri&d, or a list"),
                self._images.as_grid.toggle,
                keys=("Shift+G",),
            ),
            ActionEntry(
                "queue",
                menu,
                self.tr("&Queue: least certain first"),
                self.queue,
                keys=("Shift+Q",),
            ),
        ]

    def _kind_entries(self) -> list[ActionEntry]:
        menu, going = self.tr("&Go"), self._workspace.going
        return [
            ActionEntry(
                "next_unlabelled",
                menu,
                self.tr("Next &unlabelled image"),
                lambda: going.step_to_unlabelled(1),
                keys=("U",),
                starts_group=True,
            ),
            ActionEntry(
                "previous_unlabelled",
                menu,
                self.tr("Previous unla&belled image"),
                lambda: going.step_to_unlabelled(-1),
                keys=("Shift+U",),
            ),
            ActionEntry(
                "next_low_score",
                menu,
                self.tr("Next image of &low score"),
                self.step_to_low_score,
                keys=("Shift+D",),
            ),
            ActionEntry(
                "low_score", menu, self.tr("What is a lo&w score…"), self.ask_for_low_score
            ),
            ActionEntry(
                "next_ready",
                menu,
                self.tr("Next image ready for &review"),
                lambda: going.step_to(
                    ImageFilter(review="ready"), 1, self.tr("No image is ready for review.")
                ),
                keys=("Shift+J",),
            ),
            ActionEntry(
                "flag",
                menu,
                self.tr("&Flag or unflag image"),
                self._workspace.marks.toggle_tag,
                keys=("Ctrl+F2",),
                starts_group=True,
            ),
            ActionEntry(
                "next_flagged",
                menu,
                self.tr("Next flagged ima&ge"),
                self.step_to_flagged,
                keys=("F2",),
            ),
        ]

    def _subject_entries(self) -> list[ActionEntry]:
        menu, going = self.tr("&Go"), self._workspace.going
        return [
            # Their keys are the canvas', because elsewhere Tab goes from field to field.
            ActionEntry(
                "next_subject",
                menu,
                self.tr("Next sub&ject (Tab)"),
                lambda: going.step_subject(1),
                starts_group=True,
            ),
            ActionEntry(
                "previous_subject",
                menu,
                self.tr("Previous subje&ct (Shift+Tab)"),
                lambda: going.step_subject(-1),
            ),
            ActionEntry(
                "next_keypoint",
                menu,
                self.tr("Next &keypoint"),
                lambda: self.step_keypoint(1),
                keys=("E",),
            ),
            ActionEntry(
                "previous_keypoint",
                menu,
                self.tr("Previous k&eypoint"),
                lambda: self.step_keypoint(-1),
                keys=("Q",),
            ),
        ]

    def queue(self) -> None:
        """Sort the list by how uncertain the newest run is, and open what it knows least."""
        self._images.choose_order("least certain", opens_first=True)
        self._workspace.done.emit(
            self.tr(
                "The list is sorted by the scores of the newest run, the lowest first: {0} goes on."
            ).format(self._workspace.key_names.of("next"))
        )

    def step_to_flagged(self) -> None:
        """Open the next image that somebody has flagged."""
        nothing = self.tr("No image is flagged: {0} flags one.").format(
            self._workspace.key_names.of("flag")
        )
        self._workspace.going.step_to(ImageFilter(tags=(FLAG,)), 1, nothing)

    def step_to_low_score(self) -> None:
        """Open the next image with a subject of which the newest run is not certain."""
        limit = self._workspace.preferences.low_score
        self._workspace.going.step_to(
            ImageFilter(score_below=limit),
            1,
            self.tr("No stored prediction has a score below {0:g}.").format(limit),
        )

    def ask_for_low_score(self) -> None:
        """Below which score `step_to_low_score` stops."""
        preferences = self._workspace.preferences
        limit, is_given = QInputDialog.getDouble(
            self._window,
            self.tr("Low score"),
            self.tr("Stop at images with a subject of a score below:"),
            preferences.low_score,
            0.0,
            1.0,
            2,
        )
        if is_given:
            self._workspace.settings.change(low_score=limit)

    def step_keypoint(self, step: int) -> None:
        """Select the keypoint that many further on in the skeleton, round and round."""
        skeleton, selection = self._workspace.labels.skeleton, self._workspace.selection
        if skeleton is not None:
            start = -1 if selection.keypoint is None and step > 0 else selection.keypoint or 0
            selection.select_keypoint((start + step) % len(skeleton))
