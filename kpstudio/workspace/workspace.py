"""What is open now: the one object from which every view takes its part."""

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kpstudio.core.dataset import Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import TrainingSettings
from kpstudio.core.skeleton import read_skeleton
from kpstudio.demo.project import create_demo
from kpstudio.store.project import ImportReport, Project
from kpstudio.workspace.background import Background
from kpstudio.workspace.exporting import Exporting
from kpstudio.workspace.importing import Importing
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.overlay import Overlay
from kpstudio.workspace.pixels import Pixels
from kpstudio.workspace.preferences import read_preferences, remember_project, write_preferences
from kpstudio.workspace.selection import Selection
from kpstudio.workspace.training import Training

log = logging.getLogger(__name__)

READ_AHEAD = 2


class Workspace(QObject):
    """The open project, and what is done with it.

    Signals:
        project_changed: Another project is open, or none.
        images_changed: Images were added, or their files are elsewhere.
        busy_changed(text): Work in the background that has no view of its own; empty when done.
        problem_raised(problem): From anywhere below; the notice bar shows it.
        done(text): Something that was asked for has been done.
    """

    project_changed = Signal()
    images_changed = Signal()
    busy_changed = Signal(str)
    problem_raised = Signal(object)
    done = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.preferences = read_preferences()
        self.selection = Selection(self)
        self.labels = Labels(self.selection, self)
        self.pixels = Pixels(self)
        self.inference = Inference(self.selection, self)
        self.training = Training(self)
        self.overlay = Overlay(self)
        self.importing = Importing(self)
        self.exporting = Exporting(self)
        self._background = Background(self, threads=1)
        self._project: Project | None = None
        self.images: tuple[Image, ...] = ()
        self._by_id: dict[int, Image] = {}
        self._order: dict[int, int] = {}
        for part in (self.labels, self.inference, self.training, self.importing):
            part.problem_raised.connect(self.problem_raised)
        self.importing.imported.connect(self._show_imported)
        self.selection.image_changed.connect(self._request_pixels)
        self.training.run_ended.connect(lambda _run: self.inference.load_newest_run())

    # The project

    @property
    def path(self) -> Path | None:
        return self._project.path if self._project else None

    @property
    def current_image(self) -> Image | None:
        return self._by_id.get(self.selection.image_id or -1)

    @property
    def missing_images(self) -> tuple[Image, ...]:
        return self._project.missing_images() if self._project else ()

    def open_project(self, path: Path) -> bool:
        """Open a project in place of the one that is open; False where that is not possible."""
        if self._project is not None and path.resolve() == self._project.path.resolve():
            return True
        try:
            project = Project.open(path)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return False
        self._show_project(project)
        return True

    def create_project(self, path: Path, skeleton: Path) -> bool:
        """Create an empty project and open it."""
        try:
            project = Project.create(path, read_skeleton(skeleton))
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return False
        self._show_project(project)
        return True

    def open_demo(self, folder: Path) -> None:
        """Draw the sample project if it is not there yet, and open it."""
        path = folder / "demo.kps"
        if path.exists():
            self.open_project(path)
            return
        self.busy_changed.emit(self.tr("Drawing the demo…"))

        def opened(made: Path) -> None:
            self.busy_changed.emit("")
            self.open_project(made)

        self._background.run(lambda: create_demo(folder), done=opened, failed=self._give_up)

    def close_project(self) -> None:
        """Close the project: a training that runs stops, and its best is kept."""
        if self._project is None:
            return
        self.training.set_project(None)
        self.importing.set_project(None)
        self.exporting.set_project(None)
        self.selection.open_image(None)
        self.labels.set_project(None)
        self.inference.set_project(None, {})
        self.pixels.forget_all()
        self._project.close()
        self._project = None
        self._set_images(())
        self.project_changed.emit()

    def close(self) -> None:
        """The window closes: everything ends, nothing is lost."""
        self.close_project()
        self.importing.finish()
        self.exporting.finish()
        self.inference.close()
        self.training.close()
        self._background.finish()
        self.pixels.finish()
        write_preferences(self.preferences)

    # Images

    def step_image(self, step: int) -> None:
        """Open the image that many further on in the list."""
        if not self.images:
            return
        position = self._order.get(
            self.selection.image_id or -1, -1 if step > 0 else len(self.images)
        )
        self.open_image_at(min(max(position + step, 0), len(self.images) - 1))

    def step_to_unlabelled(self) -> None:
        """Open the next image without labels."""
        start = self._order.get(self.selection.image_id or -1, -1)
        for offset in range(1, len(self.images) + 1):
            image = self.images[(start + offset) % len(self.images)]
            if image.id not in self.labels.labelled_image_ids:
                self.selection.open_image(image.id)
                return
        self.done.emit(self.tr("Every image has labels."))

    def open_image_at(self, position: int) -> None:
        self.selection.open_image(self.images[position].id)

    def position(self, image_id: int | None) -> int | None:
        return self._order.get(image_id) if image_id is not None else None

    def relocate_images(self, old_folder: Path, new_folder: Path) -> None:
        """The images of one folder are in another one now."""
        if self._project is None:
            return
        try:
            found = self._project.relocate(old_folder, new_folder)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return
        self.pixels.forget_all()
        self._set_images(self._project.images())
        self._request_pixels()
        if found:
            self.done.emit(self.tr("{0} images were found again.").format(found))
        else:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("None of the missing images is in {0}.").format(new_folder),
                    self.tr("Choose the folder that holds the image files themselves."),
                )
            )

    # Files in and out

    def import_sources(self, sources: Sequence[Path]) -> None:
        """Add images and labels from folders or files, after a look at what is wrong with them."""
        if self._project is None:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("No project is open into which this could be imported."),
                    self.tr("Open a project, or make a new one: Ctrl+N."),
                )
            )
            return
        self.importing.begin(sources)

    def _show_imported(self, report: ImportReport, notes: Sequence[str]) -> None:
        if self._project is None:
            return
        self._set_images(self._project.images())
        self.labels.refresh()
        self.labels.history_changed.emit()
        if self.selection.image_id is None and self.images:
            self.open_image_at(0)
        text = self.tr("Imported {0} images and {1} annotations.").format(
            report.images, report.annotations
        )
        self.done.emit(" ".join([text, *notes]))

    # The model

    def go_on_training(self) -> None:
        """Let the newest run go on where it was broken off."""
        self.training.go_on()

    def train(self, settings: TrainingSettings) -> None:
        self.training.start(settings)
        if self._project is not None and self.training.is_running:
            # Training is what assigns images to splits.
            self._set_images(self._project.images())

    def accept_predictions(self) -> None:
        """Make labels of what the model predicts on the open image."""
        run = self.inference.run
        self.labels.accept_predictions(
            self.inference.subjects if run else (),
            run.id if run else 0,
            chosen=self.selection.ghost,
        )

    def accept_moved_keypoint(self, ghost: int, keypoint: int, xy: tuple[float, float]) -> None:
        """A ghost's keypoint was dropped here."""
        run = self.inference.run
        if run is not None and ghost < len(self.inference.subjects):
            subject = self.inference.subjects[ghost]
            self.labels.accept_moved_keypoint(subject, run.id, keypoint, xy)

    # Inside

    def _show_project(self, project: Project) -> None:
        self.close_project()
        self._project = project
        remember_project(self.preferences, project.path)
        write_preferences(self.preferences)
        self._set_images(project.images())
        self.labels.set_project(project)
        self.training.set_project(project)
        self.importing.set_project(project)
        self.exporting.set_project(project)
        self.inference.set_project(project, self._by_id)
        self.project_changed.emit()
        if self.images:
            self.open_image_at(0)
        missing = self.missing_images
        if missing:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("{0} of {1} images are not where they were.").format(
                        len(missing), len(self.images)
                    ),
                    self.tr("Their labels are safe. Choose File ▸ Relocate images…"),
                )
            )

    def _set_images(self, images: tuple[Image, ...]) -> None:
        self.images = images
        self._by_id = {image.id: image for image in images}
        self._order = {image.id: position for position, image in enumerate(images)}
        self.inference.set_images(self._by_id)
        self.images_changed.emit()

    def _request_pixels(self) -> None:
        image = self.current_image
        if image is None:
            return
        self.pixels.request(image)
        position = self._order[image.id]
        ahead = self.images[position + 1 : position + 1 + READ_AHEAD]
        self.pixels.read_ahead((*ahead, *self.images[max(position - 1, 0) : position]))

    def _give_up(self, problem: UserProblem) -> None:
        self.busy_changed.emit("")
        self.problem_raised.emit(problem)
