"""The project file: everything that is known about a set of images, in one place.

One thread uses a project. What a method has stored is on the disk when it returns.
"""

import getpass
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.filter_words import FilterWords
from kpstudio.core.image_filter import ImageFilter
from kpstudio.core.skeleton import Skeleton
from kpstudio.core.video_strip import VideoStrip
from kpstudio.imaging.fingerprint import fingerprints
from kpstudio.store import (
    annotations,
    edits,
    filter_words,
    images,
    imports,
    restoring,
    searching,
    video_strips,
)
from kpstudio.store.database import Database, new_database
from kpstudio.store.edits import StaleEdit
from kpstudio.store.grouping import Grouping
from kpstudio.store.history import History
from kpstudio.store.image_files import ImageFiles
from kpstudio.store.imports import ImportReport
from kpstudio.store.issues import Issues
from kpstudio.store.marks import Marks
from kpstudio.store.predictions import Predictions
from kpstudio.store.runs import Run, Runs, RunState
from kpstudio.store.settings import Settings
from kpstudio.store.skeletons import StoredSkeleton, read_skeleton_tables, write_skeleton
from kpstudio.store.splits import Splits

__all__ = ["Grouping", "ImportReport", "Project", "Run", "RunState", "StaleEdit"]

EVERYTHING = ImageFilter()


class Project:
    """An open project; made by `create` or `open`, and to be closed.

    Attributes:
        path: Of the project file: its real path, without links.
        skeleton: Of every annotation in it.
        author: Who is named in the history.
        database: The file itself.
        files: Where its images are.
        splits: Its parts train, val and test.
        marks: Tags and reviews of images.
        issues: Questions about images.
        settings: What else belongs to the project.
        history: What was done to it.
        runs: Its trainings.
        predictions: What they say.
    """

    def __init__(self, database: Database, *, author: str | None) -> None:
        self.database = database
        self.path = database.path
        self.author = _user_name() if author is None else author
        with database.reading() as connection:
            self._stored = read_skeleton_tables(connection)
        self.files = ImageFiles(database)
        self.splits = Splits(database)
        self.marks = Marks(database, self.author)
        self.issues = Issues(database, self.author)
        self.settings = Settings(database)
        self.history = History(database, lambda: self._stored)
        self.runs = Runs(database, lambda: self._stored)
        self.predictions = Predictions(database, lambda: self._stored)

    @classmethod
    def create(cls, path: Path, skeleton: Skeleton, *, author: str | None = None) -> Self:
        """Make a new project file, and open it.

        Raises:
            UserProblem: Something is there already, or it cannot be written.
        """
        absolute = _absolute(path)
        with new_database(absolute) as connection:
            write_skeleton(connection, skeleton)
        return cls.open(absolute, author=author)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        read_only: bool = False,
        author: str | None = None,
        notify: Callable[[str], None] = lambda _: None,
    ) -> Self:
        """Open a project file.

        Args:
            path: Of the file.
            read_only: Works while another has it open, and changes nothing.
            author: Who is named in the history; by default the user of the computer.
            notify: Is told what takes long before it can be read.

        Raises:
            UserProblem: It is missing, not a project, newer than this kpstudio, or open already.
        """
        database = Database(_absolute(path), read_only=read_only, notify=notify)
        try:
            project = cls(database, author=author)
            if not read_only:
                project.runs.adopt()
        except BaseException:
            database.close()
            raise
        return project

    def reader(self) -> Self:
        """The same project to be read by the thread that calls this, which closes it."""
        return type(self).open(self.path, read_only=True)

    def twin(self) -> Self:
        """The same project for another thread, which calls this, and closes it before this one."""
        database = Database(self.path, read_only=self.is_read_only, is_locked=True)
        try:
            return type(self)(database, author=self.author)
        except BaseException:
            database.close()
            raise

    def close(self, *, patience_s: float | None = None) -> None:
        """Leave one whole file behind. A second time does nothing.

        Args:
            patience_s: How long to wait for the copy of the day; until it is done where None.
        """
        self.database.close(patience_s=patience_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def skeleton(self) -> Skeleton:
        return self._stored.skeleton

    @property
    def stored_skeleton(self) -> StoredSkeleton:
        """The skeleton with the ids of its keypoints."""
        return self._stored

    @property
    def is_read_only(self) -> bool:
        return self.database.read_only

    @property
    def folder(self) -> Path:
        return self.path.parent

    # Images

    def images(self) -> tuple[Image, ...]:
        """All images with absolute paths, in the order in which they came."""
        with self.database.reading() as connection:
            return images.read_images(connection, self.folder)

    def image(self, image_id: int) -> Image:
        with self.database.reading() as connection:
            return images.read_image_row(connection, self.folder, image_id)

    def find_images(self, wanted: ImageFilter = EVERYTHING) -> NDArray[np.int64]:
        """(N,) ids of the images that a filter lets through, in its order."""
        with self.database.reading() as connection:
            return searching.find_images(connection, wanted)

    def filter_words(self) -> FilterWords:
        """What can be looked for besides names."""
        with self.database.reading() as connection:
            return filter_words.read_filter_words(connection)

    def video_strip(self, image_id: int) -> VideoStrip | None:
        """What is known of the video of which an image is a frame; None where it is none."""
        with self.database.reading() as connection:
            return video_strips.read_strip(connection, image_id)

    def images_by_id(self, ids: Sequence[int]) -> tuple[Image, ...]:
        """Those of some hundred ids that there are, in their order."""
        with self.database.reading() as connection:
            return images.read_images_by_id(connection, self.folder, ids)

    def labelled_among(self, image_ids: Collection[int]) -> frozenset[int]:
        """Those of a few images that have a labelled keypoint."""
        with self.database.reading() as connection:
            return annotations.labelled_image_ids(connection, image_ids)

    def labelled_image_ids(self) -> frozenset[int]:
        """Images with at least one labelled keypoint."""
        with self.database.reading() as connection:
            return annotations.labelled_image_ids(connection)

    def add_images(self, new: Sequence[Image]) -> dict[int, int]:
        """Add images without labels; the project's ids by the given ones.

        Raises:
            UserProblem: They could not be stored.
        """
        contents = fingerprints(image.path for image in new)
        with self.database.writing("The images were") as connection:
            return images.add_images(connection, self.folder, new, contents, author=self.author)[0]

    # Annotations

    def count_labels(self) -> dict[str, int]:
        """How many labels each keypoint has, by its name, also those that were removed."""
        with self.database.reading() as connection:
            return annotations.count_labels(connection)

    def annotations(self, image_id: int) -> tuple[Annotation, ...]:
        """Those of one image, in the order in which they were first made."""
        with self.database.reading() as connection:
            return annotations.read_annotations(connection, self._stored, image_id=image_id)

    def some_annotations(self, images: int = 500) -> tuple[Annotation, ...]:
        """Those of so many labelled images, evenly spread, or of all if they are fewer."""
        labelled = sorted(self.labelled_image_ids())
        chosen = labelled[:: max(1, len(labelled) // images)]
        return tuple(each for image_id in chosen for each in self.annotations(image_id))

    def dataset(self, *, annotated: bool = False) -> Dataset:
        """All annotations with all images, or only with those that have any."""
        with self.database.reading() as connection:
            return Dataset(
                self.skeleton,
                images.read_images(connection, self.folder, annotated=annotated),
                annotations.read_annotations(connection, self._stored),
            )

    def import_dataset(self, dataset: Dataset, *, source: str) -> ImportReport:
        """Add images and annotations; the annotations are one edit that can be undone.

        Args:
            dataset: Keypoints may be in another order than the project's, but must be the same.
            source: What was imported, for the undo menu: the name of a folder or file.

        Raises:
            UserProblem: The skeletons differ, or it could not be stored; then nothing changed.
        """
        order = imports.keypoint_order(dataset.skeleton, self.skeleton)
        # Before the transaction: others may read the project meanwhile.
        contents = fingerprints(image.path for image in dataset.images)
        with self.database.writing("The import was") as connection:
            image_ids, new = images.add_images(
                connection, self.folder, dataset.images, contents, author=self.author
            )
            images.add_folders(connection, self.folder, dataset.folders)
            edit, known = imports.import_edit(
                annotations.read_annotations(connection, self._stored),
                dataset,
                order=order,
                image_ids=image_ids,
                label=f"Import {source.removeprefix(imports.IMPORT_PREFIX)}",
            )
            if edit.after:
                edits.apply_edit(connection, self._stored, edit, author=self.author)
        return ImportReport(
            images=new,
            known_images=len(dataset.images) - new,
            annotations=sum(each is None for each in edit.before.values()),
            updated_annotations=sum(each is not None for each in edit.before.values()),
            known_annotations=known,
        )

    # Edits

    def apply(self, edit: Edit, *, seconds_open: float | None = None) -> None:
        """Store an edit; it is on the disk when this returns.

        Args:
            edit: To be stored.
            seconds_open: How long the image had been open, for the history.

        Raises:
            StaleEdit: What is stored is not what the edit says was there before.
            UserProblem: It could not be stored; then nothing changed.
        """
        with self.database.writing(f"“{edit.label}” was") as connection:
            edits.apply_edit(
                connection, self._stored, edit, author=self.author, seconds_open=seconds_open
            )
        self._follow(edit)

    def undo(self) -> Edit | None:
        """Undo the newest edit; returns what was applied to the annotations, if anything was."""
        with self.database.writing("Undo was") as connection:
            applied = edits.undo_edit(connection, self._stored, author=self.author)
        return self._follow(applied)

    def redo(self) -> Edit | None:
        """Redo what was undone last; returns what was applied, if anything was."""
        with self.database.writing("Redo was") as connection:
            applied = edits.redo_edit(connection, self._stored, author=self.author)
        return self._follow(applied)

    @property
    def undo_label(self) -> str | None:
        with self.database.reading() as connection:
            return edits.undo_label(connection)

    @property
    def redo_label(self) -> str | None:
        with self.database.reading() as connection:
            return edits.redo_label(connection)

    def restore(self, moment: int, *, image_id: int | None = None) -> Edit | None:
        """Make the annotations of one image, or all, what they were after an entry of the history.

        That is a new edit, which can be undone. The skeleton stays as it is.

        Args:
            moment: Id of the entry; 0 is before the first.
            image_id: Of the image; all where None.

        Returns:
            What was applied, if anything had changed since.

        Raises:
            UserProblem: There is no such entry, or it could not be stored.
        """
        with self.database.writing("What was restored was") as connection:
            then = restoring.check_moment(connection, moment)
            edit = restoring.restoring_edit(
                connection,
                self._stored,
                moment,
                label=f"Restore {'project' if image_id is None else 'image'} to {then}",
                image_id=image_id,
            )
            if edit is not None:
                edits.apply_edit(connection, self._stored, edit, author=self.author)
        return edit

    def _follow(self, applied: Edit | None) -> Edit | None:
        if applied is not None and applied.skeleton is not None:
            with self.database.reading() as connection:
                self._stored = read_skeleton_tables(connection)
        return applied


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
