"""Every question that names a file or a folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from kpstudio.core.merge import MergePlan
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.imaging.video_index import VIDEO_SUFFIXES
from kpstudio.workspace.workspace import Workspace

if TYPE_CHECKING:
    from kpstudio.gui.new_project_dialog import NewProjectDialog

_LABEL_SUFFIXES = (
    ".csv",
    ".tsv",
    ".json",
    ".xml",
    ".yaml",
    ".yml",
    ".pts",
    ".slp",
    ".h5",
    ".mat",
    ".nwb",
    ".parquet",
)


class FileQuestions(QObject):
    """Asks where something is, then hands the answer to the workspace."""

    def __init__(self, workspace: Workspace, themes: ThemeSwitch, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._themes = themes
        self._window = window
        workspace.merging.planned.connect(self._ask_about)

    def ask_open(self) -> None:
        path = self._ask_file(self.tr("Open a project"), self.tr("kpstudio projects (*.kps)"))
        if path:
            self._workspace.open_project(path)

    def ask_new(self, sources: Sequence[Path] = ()) -> None:
        """Images or none yet, a skeleton, and a place for the project file.

        Args:
            sources: Files and folders of images to begin with.
        """
        from kpstudio.gui.new_project_dialog import NewProjectDialog

        dialog = NewProjectDialog(
            self._themes, self._window, sources=sources, create=self._workspace.create_project
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._begin(dialog))
        dialog.open()

    def _begin(self, dialog: "NewProjectDialog") -> None:
        """Import the images of the project that a dialog has created."""
        if not dialog.sources:
            self._workspace.done.emit(
                self.tr("The project is there. Import a folder of images next: {0}.").format(
                    self._workspace.key_names.of("import_folder")
                )
            )
            return
        if dialog.first_labels is not None:
            self._label_first(*dialog.first_labels)
        self.import_paths(dialog.sources)

    def _label_first(self, path: Path, clicked: NDArray[np.float64]) -> None:
        """Once its image is there, label it where the keypoints were clicked to name them."""
        importing = self._workspace.importing

        def label() -> None:
            importing.imported.disconnect(connection)
            image = self._workspace.current_image
            if image is not None and image.path.resolve() == path.resolve() and not image.frame:
                self._workspace.labels.place_keypoints(clicked)

        connection = importing.imported.connect(label, Qt.ConnectionType.QueuedConnection)

    def ask_demo(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, self.tr("A folder for the demo"))
        if folder:
            self._workspace.open_demo(Path(folder) / "kpstudio-demo")

    def ask_import_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self._window, self.tr("A folder of images, or a DeepLabCut project")
        )
        if folder:
            self._workspace.import_sources([Path(folder)])

    def ask_import_file(self) -> None:
        path = self._ask_file(
            self.tr("A file of labels, a video or an image"),
            self.tr("Labels and videos ({0});;All files (*)").format(
                " ".join(f"*{suffix}" for suffix in (*_LABEL_SUFFIXES, *sorted(VIDEO_SUFFIXES)))
            ),
        )
        if path:
            self.import_paths([path])

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Import files and folders as one step; of videos ask first how many of their frames."""
        videos = [path for path in paths if path.suffix.lower() in VIDEO_SUFFIXES]
        frames: int | None = None
        if videos and self._workspace.path is not None:
            count, is_answered = QInputDialog.getInt(
                self._window,
                self.tr("Import {0}").format(videos[0].name),
                self.tr("How many frames, evenly spread over the video? 0 takes all of them."),
                minValue=0,
            )
            if not is_answered:
                return
            frames = count or None
        self._workspace.import_sources(paths, frames=frames)

    def ask_merge(self) -> None:
        """Another copy of the project; it is compared first, and then a person decides."""
        path = self._ask_file(
            self.tr("Another copy of this project"), self.tr("kpstudio projects (*.kps)")
        )
        if path:
            self._workspace.merging.compare(path)

    def _ask_about(self, plan: MergePlan) -> None:
        from kpstudio.gui.merge_dialog import MergeDialog

        dialog = MergeDialog(plan, self._workspace, self._themes, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def ask_relocate(self) -> None:
        """Ask where the missing images are now."""
        missing = self._workspace.missing_images
        if not missing:
            self._workspace.done.emit(self.tr("Every image is where it should be."))
            return
        old = Path(os.path.commonpath([str(image.path.parent) for image in missing]))
        folder = QFileDialog.getExistingDirectory(
            self._window, self.tr("Where are the images of {0} now?").format(old)
        )
        if folder:
            self._workspace.relocate_images(old, Path(folder))

    def _ask_file(self, title: str, filters: str) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self._window, title, "", filters)
        return Path(name) if name else None
