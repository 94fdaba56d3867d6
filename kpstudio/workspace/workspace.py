"""What is open now: the one object from which every view takes its part."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from kpstudio.core.dataset import Image, Review, Split
from kpstudio.core.errors import UserProblem
from kpstudio.core.image_filter import ImageFilter
from kpstudio.core.messages import TrainingSettings
from kpstudio.core.skeleton import Skeleton
from kpstudio.workspace.accepting import Accepting
from kpstudio.workspace.appearance import Appearance
from kpstudio.workspace.background import Background
from kpstudio.workspace.click_to_fix import ClickToFix
from kpstudio.workspace.copying import Copying
from kpstudio.workspace.effort import Effort
from kpstudio.workspace.exporting import Exporting
from kpstudio.workspace.glimpses import Glimpses
from kpstudio.workspace.going import Going
from kpstudio.workspace.history import History
from kpstudio.workspace.image_list import ImageList
from kpstudio.workspace.importing import Importing
from kpstudio.workspace.imports import Imports
from kpstudio.workspace.inference import Inference
from kpstudio.workspace.issues import Issues
from kpstudio.workspace.key_names import KeyNames
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.marks import Marks
from kpstudio.workspace.merging import Merging
from kpstudio.workspace.overlay import Overlay
from kpstudio.workspace.pixels import Pixels
from kpstudio.workspace.placing import Placing
from kpstudio.workspace.preferences import load_preferences, remember_project, write_preferences
from kpstudio.workspace.proxies import Proxies
from kpstudio.workspace.saved_filters import SavedFilters
from kpstudio.workspace.selection import Selection
from kpstudio.workspace.settings import Settings
from kpstudio.workspace.subjects import Subjects
from kpstudio.workspace.timeline import Timeline
from kpstudio.workspace.training import Training
from kpstudio.workspace.zooming import Zooming

if TYPE_CHECKING:
    from kpstudio.store.project import ImportReport, Project

log = logging.getLogger(__name__)

READ_AHEAD = 2
PATIENCE_S = 1.0


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
        self.preferences, self.preferences_problem = load_preferences()
        self.settings = Settings(self.preferences, self)
        self.imports = Imports(self)
        self.appearance = Appearance(self.preferences, self)
        self.selection = Selection(self)
        self.key_names = KeyNames(self)
        self.labels = Labels(self.selection, self.key_names, self)
        self.effort = Effort(self.labels, self)
        self.history = History(self.labels, self.selection, self)
        self.marks = Marks(self.selection, self)
        self.saved_filters = SavedFilters(self)
        self.issues = Issues(self.selection, self)
        self.merging = Merging(self.history, self)
        self.pixels = Pixels(self)
        self.inference = Inference(self.selection, self)
        self.glimpses = Glimpses(self.labels, self.inference, self)
        self.timeline = Timeline(self.selection, self.labels, self.inference, self.pixels, self)
        self.training = Training(self)
        self.placing = Placing(self.labels, self.selection, self.key_names, self)
        self.subjects = Subjects(self.labels, self.selection, self.placing, self.key_names, self)
        self.copying = Copying(self.labels, self.selection, self.key_names, self)
        self.accepting = Accepting(self.labels, self.inference, self.selection, self.placing, self)
        self.click_to_fix = ClickToFix(
            self.labels, self.inference, self.accepting, self.selection, self
        )
        self.overlay = Overlay(self)
        self.going = Going(
            self.selection, self.labels, self.inference, self.overlay, lambda: self.images, self
        )
        self.zooming = Zooming(self.selection, self.labels, self.inference, self.going, self)
        self.importing = Importing(self)
        self.exporting = Exporting(self)
        self.proxies = Proxies(self)
        self._background = Background(self, threads=1)
        self._searches = Background(self, threads=1)
        self._project: Project | None = None
        self.images = ImageList(None)
        self.filter = ImageFilter()
        self.total_images = 0
        self._labelled_splits: dict[Split | None, int] | None = None
        self._filtering = 0
        self.labels.labelled_changed.connect(self._forget_splits)
        for part in (
            self.labels,
            self.effort,
            self.history,
            self.marks,
            self.saved_filters,
            self.issues,
            self.going,
            self.merging,
            self.inference,
            self.click_to_fix,
            self.training,
            self.importing,
            self.imports,
            self.copying,
            self.proxies,
        ):
            part.problem_raised.connect(self.problem_raised)
        self.labels.done.connect(self.done)
        self.history.done.connect(self.done)
        self.issues.done.connect(self.done)
        self.going.done.connect(self.done)
        self.effort.done.connect(self.done)
        self.timeline.done.connect(self.done)
        self.saved_filters.done.connect(self.done)
        self.images_changed.connect(self.timeline.refresh)
        # Before any view is told: what is listed was read before.
        self.marks.marks_changed.connect(lambda: self.images.forget())
        self.importing.imported.connect(self._show_imported)
        self.merging.done.connect(self.done)
        self.copying.done.connect(self.done)
        self.copying.busy_changed.connect(self.busy_changed)
        self.proxies.done.connect(self.done)
        self.pixels.image_read.connect(self._look_at_video)
        self.merging.busy_changed.connect(self.busy_changed)
        self.merging.merged.connect(self._show_what_came)
        self.selection.image_changed.connect(self._request_pixels)
        # Before any view is told: none may draw answers that are numbered by the old keypoints.
        self.labels.skeleton_changed.connect(self.inference.follow_skeleton)
        self.training.run_ended.connect(lambda _run: self.inference.load_newest_run())

    # The project

    @property
    def path(self) -> Path | None:
        return self._project.path if self._project else None

    @property
    def current_image(self) -> Image | None:
        return self.image(self.selection.image_id)

    @property
    def missing_images(self) -> tuple[Image, ...]:
        return self._project.files.missing() if self._project else ()

    def open_project(self, path: Path) -> bool:
        """Open a project in place of the one that is open; False where that is not possible."""
        if self._project is not None and path.resolve() == self._project.path.resolve():
            return True
        from kpstudio.store.project import Project

        try:
            project = Project.open(path)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return False
        self._show_project(project)
        return True

    def open_recent(self, path: Path) -> None:
        """Open a project of the recent ones, which may have been moved since."""
        if path.is_file():
            self.open_project(path)
        else:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("{0} is not in {1} any more.").format(path.name, path.parent),
                    self.tr(
                        "Connect its disk again, or open it where it is now: File ▸ Open project…"
                    ),
                )
            )

    def forget_recent(self, path: Path) -> None:
        """Take a project off the list of the recent ones; the file stays where it is."""
        recent = [each for each in self.preferences.recent if each != str(path)]
        self.settings.change(recent=recent)

    def create_project(self, path: Path, skeleton: Skeleton) -> None:
        """Create an empty project and open it.

        Raises:
            UserProblem: Something is there already, or it cannot be written.
        """
        from kpstudio.store.project import Project

        self._show_project(Project.create(path, skeleton))

    def open_demo(self, folder: Path) -> None:
        """Draw the sample project if it is not there yet, and open it."""
        path = folder / "demo.kps"
        if path.exists():
            self.open_project(path)
            return
        self.busy_changed.emit(self.tr("Drawing the demo…"))

        def draw() -> Path:
            from kpstudio.demo.project import create_demo

            return create_demo(folder)

        def opened(made: Path) -> None:
            self.busy_changed.emit("")
            self.open_project(made)

        self._background.run(draw, done=opened, failed=self._give_up)

    def close_project(self) -> None:
        """Close the project: a training that runs stops, and its best is kept."""
        if self._project is None:
            return
        self.effort.set_project(None)
        self.training.set_project(None)
        self.importing.set_project(None)
        self.exporting.set_project(None)
        self.proxies.close_project()
        self.selection.open_image(None)
        self.labels.set_project(None)
        self.history.set_project(None)
        self.marks.set_project(None)
        self.saved_filters.set_project(None)
        self.going.set_project(None)
        self.glimpses.set_project(None)
        self.timeline.set_project(None)
        self.issues.set_project(None)
        self.merging.set_project(None)
        self.copying.set_project(None)
        self.placing.set_project(None)
        self.inference.set_project(None)
        self.click_to_fix.set_project(None)
        self.pixels.forget_all()
        self.zooming.stop()
        self._project.close(patience_s=PATIENCE_S)
        self._project = None
        self.filter = ImageFilter()
        self._show_all_images()
        self.project_changed.emit()

    def close(self) -> None:
        """The window closes: everything ends, nothing is lost."""
        self.close_project()
        self.imports.finish()
        self.importing.finish()
        self.exporting.finish()
        self.proxies.finish()
        self.inference.close()
        self.training.close()
        self._background.finish()
        self._searches.finish()
        self.going.finish()
        self.appearance.finish()
        self.timeline.finish()
        self.merging.finish()
        self.copying.finish()
        self.history.finish()
        self.click_to_fix.finish()
        self.pixels.finish()
        write_preferences(self.preferences)

    # Images

    def step_image(self, step: int) -> None:
        """Open the image that many further on in the list."""
        if not self.images:
            return
        position = self.position(self.selection.image_id)
        if position is None:
            position = -1 if step > 0 else len(self.images)
        self.open_image_at(min(max(position + step, 0), len(self.images) - 1))

    def open_image_at(self, position: int) -> None:
        self.selection.open_image(self.images[position].id)

    def position(self, image_id: int | None) -> int | None:
        """Where an image is in the list; None if it is not."""
        return self.images.position(image_id)

    def image(self, image_id: int | None) -> Image | None:
        """An image of the project, whether the list shows it or not."""
        shown = self.images.with_id(image_id)
        if shown is not None or self._project is None or image_id is None:
            return shown
        return next(iter(self._project.images_by_id([image_id])), None)

    def labelled_splits(self) -> dict[Split | None, int]:
        """How many labelled images each part of the split has."""
        if self._labelled_splits is None:
            self._labelled_splits = self._project.splits.count_labelled() if self._project else {}
        return self._labelled_splits

    def show_images(
        self, wanted: ImageFilter, *, is_anew: bool = False, opens_first: bool = False
    ) -> None:
        """Let the list show what a filter lets through; it is looked for in the background.

        Args:
            wanted: The filter.
            is_anew: Look also if it is the one that is in force: other images may fit by now.
            opens_first: Open the first of them when they are found.
        """
        if self._project is None or (wanted == self.filter and not is_anew):
            return
        self.filter = wanted
        self._filtering += 1
        project, number = self._project, self._filtering

        def find() -> NDArray[np.int64]:
            with project.reader() as reader:
                return reader.find_images(wanted)

        def show(ids: NDArray[np.int64]) -> None:
            if self._project is project and number == self._filtering:
                self._set_images(ImageList(project, ids))
                if opens_first and self.images:
                    self.open_image_at(0)

        self._searches.run(find, done=show, failed=self._give_up)

    def relocate_images(self, old_folder: Path, new_folder: Path) -> None:
        """The images of one folder are in another one now."""
        if self._project is None:
            return
        try:
            found = self._project.files.relocate(old_folder, new_folder)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return
        self.pixels.forget_all()
        self._show_all_images()
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

    def limited(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where keypoints may go: anywhere, or not outside the image if that was chosen.

        Args:
            xy: (..., 2) image pixels.
        """
        size = self.image_size
        if size is None or not self.preferences.clamps_to_image:
            return xy
        return np.clip(xy, 0, np.subtract(size, 1))

    def limited_motion(
        self, xy: NDArray[np.float64], by: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(2,) how far several keypoints may go together, as `limited`.

        Args:
            xy: (K, 2) where they are, image pixels; NaN for those that do not count.
            by: (2,) how far they shall go, image pixels.
        """
        size, there = self.image_size, xy[np.isfinite(xy).all(axis=1)]
        if size is None or not self.preferences.clamps_to_image or not len(there):
            return by
        least, most = -there.min(axis=0), np.subtract(size, 1) - there.max(axis=0)
        # What is outside already is not brought in, but goes no farther.
        return np.clip(by, np.minimum(least, 0), np.maximum(most, 0))

    @property
    def image_size(self) -> tuple[int, int] | None:
        """(width, height) of the open image, as stored, else as read; None where neither tells."""
        image = self.current_image
        if image is not None and image.width and image.height:
            return image.width, image.height
        picture = self.pixels.picture(self.selection.image_id)
        return None if picture is None else picture.size

    # Review

    def review_image(self, review: Review, *, goes_on: bool = False) -> None:
        """Say how far the review of the open image is.

        Args:
            review: Its state.
            goes_on: Open the next image of the list, once that is stored.
        """
        if not self.marks.set_review(review) or not goes_on:
            return
        position = self.position(self.selection.image_id)
        if position == len(self.images) - 1:
            self.done.emit(self.tr("That was the last image of the list."))
        else:
            self.step_image(1)

    def ask_about_selection(self) -> None:
        """Begin a question that is pinned to the selected keypoint, or is about the image."""
        annotation, keypoint = self.labels.selected, self.selection.keypoint
        xy = None
        if annotation is not None and keypoint is not None:
            x, y = annotation.xy[keypoint].tolist()
            xy = (x, y) if np.isfinite([x, y]).all() else None
        self.issues.begin_draft(xy)

    # Files in and out

    def look_for_new_images(self) -> None:
        """Import what has appeared in the folders that were imported before."""
        folders = self._project.files.watched_folders() if self._project else ()
        there = [each for each in folders if each.is_dir()]
        if there:
            self.import_sources(there)
        else:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("There is no folder to look in."),
                    self.tr("Import a folder of images first: {0}.").format(
                        self.key_names.of("import_folder")
                    ),
                )
            )

    def import_sources(self, sources: Sequence[Path], *, frames: int | None = None) -> None:
        """Add images and labels from folders or files, after a look at what is wrong with them.

        Args:
            sources: The folders and files.
            frames: How many of each video, evenly spread; None for all.
        """
        if self._project is None:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("No project is open into which this could be imported."),
                    self.tr("Open a project, or make a new one: {0}.").format(
                        self.key_names.of("new")
                    ),
                )
            )
            return
        self.importing.begin(sources, frames=frames)

    def _show_imported(self, report: "ImportReport", notes: Sequence[str]) -> None:
        if self._project is None:
            return
        self._show_what_came()
        text = self.tr("Imported {0} images and {1} annotations.").format(
            report.images, report.annotations
        )
        self.done.emit("\n".join([text, *notes]))

    # The model

    def go_on_training(self) -> None:
        """Let the newest run go on where it was broken off."""
        self.training.go_on()

    def train(self, settings: TrainingSettings) -> None:
        self.training.start(settings)
        if self._project is not None and self.training.is_running:
            # Training is what assigns images to splits.
            self._show_all_images()

    # Inside

    def _show_project(self, project: "Project") -> None:
        self.close_project()
        self._project = project
        remember_project(self.preferences, project.path)
        write_preferences(self.preferences)
        self._show_all_images()
        self.labels.set_project(project)
        self.effort.set_project(project.path)
        self.history.set_project(project)
        self.marks.set_project(project)
        self.saved_filters.set_project(project)
        self.going.set_project(project)
        self.glimpses.set_project(project)
        self.timeline.set_project(project)
        self.issues.set_project(project)
        self.merging.set_project(project)
        self.copying.set_project(project)
        self.placing.set_project(project)
        self.training.set_project(project)
        self.importing.set_project(project)
        self.exporting.set_project(project)
        self.click_to_fix.set_project(project)
        self.inference.set_project(project)
        self.project_changed.emit()
        if self.images:
            self.open_image_at(0)
        self._look_for_missing_images(project)

    def _look_for_missing_images(self, project: "Project") -> None:
        def look() -> int:
            with project.reader() as reader:
                return reader.files.count_missing()

        def tell(missing: int) -> None:
            if missing and self._project is project:
                self.problem_raised.emit(
                    UserProblem(
                        self.tr("{0} of {1} images are not where they were.").format(
                            missing, self.total_images
                        ),
                        self.tr("Their labels are safe. Choose File ▸ Relocate images…"),
                    )
                )

        def give_up(problem: UserProblem) -> None:
            log.warning("missing images were not looked for: %s", problem.message)

        self._searches.run(look, done=tell, failed=give_up)

    def _show_what_came(self, labelled: frozenset[int] | None = None) -> None:
        """There may be other images, labels and tags, and there is another change to undo."""
        self._show_all_images()
        self.labels.refresh(labelled)
        self.labels.history_changed.emit()
        self.issues.refresh()
        if self.selection.image_id is None and self.images:
            self.open_image_at(0)

    def _show_all_images(self) -> None:
        """Read the list anew: there are other images, or they are elsewhere."""
        images = ImageList(self._project)
        self.total_images = len(images)
        self._forget_splits()
        if self._project is not None and not self.filter.is_everything:
            images = ImageList(self._project, self._project.find_images(self.filter))
        self._set_images(images)

    def _set_images(self, images: ImageList) -> None:
        self.images = images
        self.copying.set_images(images)
        self.images_changed.emit()

    def _forget_splits(self) -> None:
        self._labelled_splits = None

    def _request_pixels(self) -> None:
        image = self.current_image
        if image is None:
            return
        self.pixels.request(image)
        position = self.position(image.id)
        if position is None:
            return
        ahead = self.images[position + 1 : position + 1 + READ_AHEAD]
        self.pixels.read_ahead((*ahead, *self.images[max(position - 1, 0) : position]))

    def _look_at_video(self, image_id: int) -> None:
        image = self.current_image
        if image is not None and image.id == image_id:
            self.proxies.look_at(image)

    def _give_up(self, problem: UserProblem) -> None:
        self.busy_changed.emit("")
        self.problem_raised.emit(problem)
