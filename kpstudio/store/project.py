"""The project file: everything that is known about a set of images, in one place.

One thread uses a project. What a method has stored is on the disk when it returns.
"""

import getpass
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image, Review, Split
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.filter_words import FilterWords
from kpstudio.core.history_entry import HistoryEntry, Touched
from kpstudio.core.image_filter import ImageFilter
from kpstudio.core.issue import Comment, Issue
from kpstudio.core.mark_merge import MarkChange
from kpstudio.core.run_metrics import Place, RunMetrics
from kpstudio.core.skeleton import Skeleton
from kpstudio.core.video_strip import VideoStrip
from kpstudio.imaging.fingerprint import fingerprints
from kpstudio.store import (
    annotations,
    edits,
    filter_words,
    images,
    imports,
    issues,
    marks,
    merges,
    predictions,
    restoring,
    run_metrics,
    runs,
    searching,
    settings,
    splitting,
    video_strips,
)
from kpstudio.store.database import Database, new_database
from kpstudio.store.edits import StaleEdit
from kpstudio.store.grouping import Grouping
from kpstudio.store.imports import ImportReport
from kpstudio.store.merges import MergeRecord, in_their_place
from kpstudio.store.run_metrics import RunProgress
from kpstudio.store.runs import Run, RunKeypoint, RunState
from kpstudio.store.skeletons import StoredSkeleton, read_skeleton_tables, write_skeleton

__all__ = ["Grouping", "ImportReport", "Project", "Run", "RunState", "StaleEdit"]

Value = TypeVar("Value")
EVERYTHING = ImageFilter()


class Project:
    """An open project; made by `create` or `open`, and to be closed.

    Attributes:
        path: Of the project file: its real path, without links.
        skeleton: Of every annotation in it.
        author: Who is named in the history.
        database: The file itself.
    """

    def __init__(self, database: Database, *, author: str | None) -> None:
        self.database = database
        self.path = database.path
        self.author = _user_name() if author is None else author
        with database.reading() as connection:
            self._stored = read_skeleton_tables(connection)

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
    def open(cls, path: Path, *, read_only: bool = False, author: str | None = None) -> Self:
        """Open a project file.

        Args:
            path: Of the file.
            read_only: Works while another has it open, and changes nothing.
            author: Who is named in the history; by default the user of the computer.

        Raises:
            UserProblem: It is missing, not a project, newer than this kpstudio, or open already.
        """
        database = Database(_absolute(path), read_only=read_only)
        try:
            project = cls(database, author=author)
            if not read_only:
                project._adopt_runs()
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

    @property
    def runs_folder(self) -> Path:
        return self.path.with_name(f"{self.path.stem}.runs")

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

    def labelled_splits(self) -> dict[Split | None, int]:
        """How many labelled images each part has."""
        with self.database.reading() as connection:
            return searching.labelled_splits(connection)

    def labelled_image_ids(self) -> frozenset[int]:
        """Images with at least one labelled keypoint."""
        with self.database.reading() as connection:
            return annotations.labelled_image_ids(connection)

    def written_places(self) -> dict[int, tuple[str, int | None]]:
        """By image the path as the file has it, relative where possible, and the frame."""
        with self.database.reading() as connection:
            return images.written_places(connection)

    def add_images(self, new: Sequence[Image]) -> dict[int, int]:
        """Add images without labels; the project's ids by the given ones.

        Raises:
            UserProblem: They could not be stored.
        """
        contents = fingerprints(image.path for image in new)
        with self.database.writing("The images were") as connection:
            return images.add_images(connection, self.folder, new, contents, author=self.author)[0]

    def contents(self) -> dict[tuple[str, int | None], int]:
        """Images by the fingerprint of their file and frame, where no other has the same."""
        with self.database.reading() as connection:
            return images.contents(connection)

    def watched_folders(self) -> tuple[Path, ...]:
        """Folders that were imported whole, in which new files may appear."""
        with self.database.reading() as connection:
            return images.read_folders(connection, self.folder)

    def missing_images(self) -> tuple[Image, ...]:
        """Images whose file is not where it should be."""
        with self.database.reading() as connection:
            return images.missing_images(connection, self.folder)

    def count_missing_images(self) -> int:
        """How many images there are whose file is not where it should be."""
        with self.database.reading() as connection:
            return images.count_missing_images(connection, self.folder)

    def relocate(self, old_folder: Path, new_folder: Path) -> int:
        """Look for the missing images of one folder in another; returns how many were found."""
        with self.database.writing("The new place of the images was") as connection:
            return images.relocate_images(connection, self.folder, old_folder, new_folder)

    def split(
        self,
        val_fraction: float,
        seed: int = 0,
        *,
        test_fraction: float = 0.0,
        group_by: str | None = None,
        is_anew: bool = False,
    ) -> dict[Split, int]:
        """Give every image without a split one, whole groups at a time.

        Args:
            val_fraction: Of the labelled images, as `splitting.Fractions`.
            seed: Decides which groups are drawn.
            test_fraction: Of the labelled images, to be kept aside.
            group_by: A rule as of `Grouping`, which is that of the project from now on.
            is_anew: Forget first which split images have.

        Returns:
            How many images each part has now.

        Raises:
            UserProblem: A fraction or the rule is not possible, or it could not be stored.
        """
        fractions = splitting.Fractions(val_fraction, test_fraction)
        with self.database.writing("The split was") as connection:
            if group_by is not None:
                grouping = Grouping(group_by)
                grouping.write(connection)
                grouping.check(images.read_images(connection, self.folder))
            if is_anew:
                splitting.forget_split(connection)
            return splitting.write_split(
                connection,
                images.read_images(connection, self.folder),
                annotations.labelled_image_ids(connection),
                fractions=fractions,
                seed=seed,
            )

    def grouping(self) -> Grouping:
        """Which images belong together."""
        with self.database.reading() as connection:
            return Grouping.read(connection)

    def change_tags(
        self,
        image_ids: Collection[int],
        *,
        add: Collection[str] = (),
        remove: Collection[str] = (),
    ) -> None:
        """Add tags to images and take others from them.

        Raises:
            UserProblem: A tag to be added is blank, or it could not be stored.
        """
        with self.database.writing("The tags were") as connection:
            marks.change_tags(connection, image_ids, add=add, remove=remove, author=self.author)

    def tags(self) -> dict[str, int]:
        """All tags with the number of their images, in alphabetical order."""
        with self.database.reading() as connection:
            return marks.read_tags(connection)

    def count_splits(self) -> dict[str, int]:
        """How many images each part of the split has, by name, without those in none."""
        with self.database.reading() as connection:
            return marks.count_splits(connection)

    def set_review(self, image_ids: Collection[int], review: Review) -> None:
        """Say how far the review of images is.

        Raises:
            UserProblem: There is no such state, or it could not be stored.
        """
        with self.database.writing("The review was") as connection:
            marks.set_review(connection, image_ids, review, author=self.author)

    def reviews(self) -> dict[int, Review]:
        """The state of every image that has been sent to review, by its id."""
        with self.database.reading() as connection:
            return marks.read_reviews(connection)

    def count_reviews(self) -> dict[Review, int]:
        """How many images are in each state of review."""
        with self.database.reading() as connection:
            return marks.count_reviews(connection)

    # Issues

    def open_issue(self, image_id: int, text: str, *, xy: tuple[float, float] | None = None) -> int:
        """Ask something about an image.

        Args:
            image_id: Of the image.
            text: The question.
            xy: Where to pin it, in image pixels; None for the whole image.

        Returns:
            The id of the new issue.

        Raises:
            UserProblem: There is no such image, the position is not on it, the text is blank, or
                it could not be stored.
        """
        with self.database.writing("The question was") as connection:
            return issues.open_issue(connection, image_id, self._comment(text), xy)

    def reply(self, issue_id: int, text: str, *, is_open: bool | None = None) -> None:
        """Answer in the thread of an issue.

        Args:
            issue_id: Of the issue.
            text: The answer.
            is_open: Also open or close it; None to leave that as it is.

        Raises:
            UserProblem: There is no such issue, the text is blank, or it could not be stored.
        """
        with self.database.writing("The answer was") as connection:
            issues.reply(connection, issue_id, self._comment(text))
            if is_open is not None:
                issues.set_open(connection, issue_id, is_open=is_open)

    def close_issue(self, issue_id: int) -> None:
        """Settle an issue; it stays, with all that was said.

        Raises:
            UserProblem: There is no such issue, or it could not be stored.
        """
        with self.database.writing("The end of the issue was") as connection:
            issues.set_open(connection, issue_id, is_open=False)

    def reopen_issue(self, issue_id: int) -> None:
        """Open an issue again.

        Raises:
            UserProblem: There is no such issue, or it could not be stored.
        """
        with self.database.writing("The issue was") as connection:
            issues.set_open(connection, issue_id, is_open=True)

    def remove_issue(self, issue_id: int) -> None:
        """Forget an issue with all that was said.

        Raises:
            UserProblem: There is no such issue, or it could not be stored.
        """
        with self.database.writing("The removal of the issue was") as connection:
            issues.remove_issue(connection, issue_id)

    def issue(self, issue_id: int) -> Issue:
        """One issue.

        Raises:
            UserProblem: There is none with that number.
        """
        with self.database.reading() as connection:
            return issues.read_issue(connection, issue_id)

    def issues(self, image_id: int | None = None) -> tuple[Issue, ...]:
        """Open and closed issues with their threads, oldest first, of one image or of all."""
        with self.database.reading() as connection:
            return issues.read_issues(connection, image_id=image_id)

    def issues_by_id(self, ids: Sequence[int]) -> tuple[Issue, ...]:
        """Those of some hundred ids that there are, in their order."""
        with self.database.reading() as connection:
            return issues.read_issues_by_id(connection, list(ids))

    def open_issue_places(self) -> NDArray[np.int64]:
        """(N, 2) the ids of all open issues and of their images, oldest first."""
        with self.database.reading() as connection:
            return issues.open_issue_places(connection)

    # Settings

    def setting(self, key: str, kind: type[Value]) -> Value | None:
        """What is stored under a key; None where nothing is.

        Args:
            key: Such as "grouping".
            kind: What it must be: a plain type or a msgspec or data class.

        Raises:
            UserProblem: What is stored is not of that kind.
        """
        with self.database.reading() as connection:
            return settings.read_setting(connection, key, kind)

    def set_setting(self, key: str, value: Any) -> None:
        """Store what can be written as JSON under a key; None removes it.

        Raises:
            UserProblem: It could not be stored.
        """
        with self.database.writing(f"The setting “{key}” was") as connection:
            settings.write_setting(connection, key, value)

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
            what = "project" if image_id is None else "image"
            edit = restoring.restoring_edit(
                connection,
                self._stored,
                moment,
                label=f"Restore {what} to {then}",
                image_id=image_id,
            )
            if edit is not None:
                edits.apply_edit(connection, self._stored, edit, author=self.author)
        return edit

    def changed_since(self, moment: int) -> dict[str, Annotation | None]:
        """What the annotations that were touched since were right after an entry of the history."""
        with self.database.reading() as connection:
            return restoring.changed_since(connection, self._stored, moment)

    def last_entries(self, moment: int, wanted: Collection[str]) -> dict[str, HistoryEntry]:
        """The newest entry of the history that touched each of some annotations, by their ids.

        Args:
            moment: Id of an entry: only those that came after it.
            wanted: Ids of annotations.
        """
        with self.database.reading() as connection:
            found = restoring.last_entries(connection, self._stored, moment, wanted)
        entries = {each.id: each for each in self.own_history()} if found else {}
        return {each: entries[entry] for each, entry in found.items()}

    def change_of(self, entry: int) -> Edit:
        """What an entry of the history changed, in the keypoints of now.

        Raises:
            UserProblem: There is no such entry.
        """
        with self.database.reading() as connection:
            return restoring.change_of_entry(connection, self._stored, entry)

    @property
    def undo_label(self) -> str | None:
        with self.database.reading() as connection:
            return edits.undo_label(connection)

    @property
    def redo_label(self) -> str | None:
        with self.database.reading() as connection:
            return edits.redo_label(connection)

    def history(self, *, after: int = 0) -> tuple[HistoryEntry, ...]:
        """Every change, oldest first; undo and redo are changes too.

        What a merge brought comes right before it.

        Args:
            after: Id of an entry: only those that came after it.
        """
        with self.database.reading() as connection:
            own = edits.read_history(connection, after=after)
            return in_their_place(own, merges.read_merged_history(connection, after=after))

    def own_history(self) -> tuple[HistoryEntry, ...]:
        """Every change that was made in this copy of the project, oldest first."""
        with self.database.reading() as connection:
            return edits.read_history(connection)

    def merges(self) -> tuple[MergeRecord, ...]:
        """Up to where other copies have been brought in, oldest first; not those undone."""
        with self.database.reading() as connection:
            return merges.read_merges(connection)

    def mark_changes(self) -> tuple[MarkChange, ...]:
        """Every change of tags and reviews that is known."""
        with self.database.reading() as connection:
            return marks.read_mark_changes(connection)

    def payloads(self, entries: Collection[int]) -> dict[int, bytes | None]:
        """What some entries changed, as the file has it; of an undo that of its edit."""
        with self.database.reading() as connection:
            return restoring.read_payloads(connection, entries)

    def touched(self, entry: int, *, most_bytes: int | None = None) -> Touched | None:
        """What an entry of the history was about, without a look at the labels.

        Args:
            entry: Its id.
            most_bytes: Where the file has more of it, it takes long, and the answer is None.

        Raises:
            UserProblem: There is no such entry.
        """
        with self.database.reading() as connection:
            if most_bytes is not None and restoring.change_size(connection, entry) > most_bytes:
                return None
            return restoring.touched_by_entry(connection, entry)

    # Runs and predictions

    def start_run(
        self,
        network: str,
        settings: Mapping[str, Any] | msgspec.Struct,
        *,
        name: str | None = None,
    ) -> Run:
        """Number a new run, make its folder, and say where its checkpoint shall be."""
        with self.database.writing("The new run was") as connection:
            run_id = runs.add_run(
                connection,
                self.runs_folder,
                network=network,
                settings=settings,
                keypoint_ids=self._stored.keypoint_ids,
                name=name,
            )
        return self.run(run_id)

    def continue_run(self, run_id: int) -> Run:
        """Let a run that was broken off go on.

        Raises:
            UserProblem: There is none with that number, or it left nothing to go on from.
        """
        run = self.run(run_id)
        if not run.can_go_on:
            raise UserProblem(
                f"Run {run.id} left nothing from which it could go on.",
                "Only a run that was stopped or broken off can; --from starts a new one from its "
                "best.",
            )
        with self.database.writing("The run was") as connection:
            runs.continue_run(connection, run_id)
        return self.run(run_id)

    def finish_run(
        self,
        run_id: int,
        *,
        state: RunState,
        median_px: float | None = None,
        steps: int = 0,
        message: str = "",
    ) -> Run:
        """Say how a run ended. Whether it left a checkpoint is seen in its folder."""
        with self.database.writing("The end of the run was") as connection:
            runs.read_run(connection, self.runs_folder, run_id)
            runs.end_run(
                connection,
                run_id,
                state=state,
                median_px=median_px,
                steps=steps,
                message=message,
            )
        return self.run(run_id)

    def runs(self) -> tuple[Run, ...]:
        """All runs, oldest first."""
        with self.database.reading() as connection:
            return runs.read_runs(connection, self.runs_folder)

    def run(self, run_id: int) -> Run:
        """One run.

        Raises:
            UserProblem: There is none with that number.
        """
        with self.database.reading() as connection:
            return runs.read_run(connection, self.runs_folder, run_id)

    def run_keypoints(self, run_id: int) -> tuple[RunKeypoint, ...] | None:
        """What a run answers for, by the names of now; None where an older version did not say."""
        with self.database.reading() as connection:
            return runs.read_run_keypoints(connection, run_id)

    def run_metrics(self, run_id: int) -> RunMetrics:
        """The curves of a run."""
        with self.database.reading() as connection:
            return run_metrics.read_metrics(connection, run_id)

    def run_progress(self) -> dict[int, RunProgress]:
        """How far each run came by its figures, by its number; not for runs without any."""
        with self.database.reading() as connection:
            return run_metrics.read_progress(connection)

    def put_run_metrics(
        self,
        run_id: int,
        new: Mapping[Place, float | None],
        gone: frozenset[Place] = frozenset(),
        *,
        waits: bool = True,
    ) -> None:
        """Put figures of a run in their places, steps and names, and take others away.

        Args:
            run_id: Of the run.
            new: By place.
            gone: Places to be empty from now on.
            waits: For another thread that is writing, instead of giving up at once.

        Raises:
            UserProblem: It could not be stored; then nothing changed.
        """
        with self.database.writing("The curves of the run were", waits=waits) as connection:
            run_metrics.write_metrics(connection, run_id, new, gone)

    def newest_run(self) -> Run | None:
        """The newest run that has a checkpoint."""
        return next((run for run in reversed(self.runs()) if run.has_checkpoint), None)

    def put_predictions(
        self, run_id: int, image_id: int, decoder: str, new: Sequence[Prediction]
    ) -> None:
        """Replace what a run had predicted for an image."""
        self.put_many_predictions(run_id, decoder, {image_id: new})

    def put_many_predictions(
        self, run_id: int, decoder: str, new: Mapping[int, Sequence[Prediction]]
    ) -> None:
        """Replace what a run had predicted for some images, by their ids: all of them or none."""
        with self.database.writing("The predictions were") as connection:
            predictions.write_predictions(connection, run_id, decoder, new)

    def predictions(self, run_id: int, image_id: int | None = None) -> tuple[Prediction, ...]:
        """What a run predicted for one image, or for all of them, in the keypoints of now."""
        with self.database.reading() as connection:
            return predictions.read_predictions(connection, self._stored, run_id, image_id)

    def runs_with_predictions(self) -> frozenset[int]:
        """Numbers of the runs that have predicted anything that is stored."""
        with self.database.reading() as connection:
            return predictions.runs_with_predictions(connection)

    def prediction_order(self, run_id: int, *, count: int) -> tuple[int, ...] | None:
        """For each keypoint of now its index in what a run answers; -1 where it has no answer.

        Args:
            run_id: Of the run.
            count: How many keypoints it answers for.

        Returns:
            The order; None where the run was not for that many keypoints.
        """
        with self.database.reading() as connection:
            return predictions.prediction_order(connection, self._stored, run_id, count=count)

    def has_same_keypoints(self, run_id: int) -> bool:
        """Whether a run answers for the keypoints of now, in this order, and for no others."""
        with self.database.reading() as connection:
            return predictions.has_same_keypoints(connection, self._stored, run_id)

    def _follow(self, applied: Edit | None) -> Edit | None:
        if applied is not None and applied.skeleton is not None:
            with self.database.reading() as connection:
                self._stored = read_skeleton_tables(connection)
        return applied

    def _comment(self, text: str) -> Comment:
        return Comment(self.author, time.time(), text)

    def _adopt_runs(self) -> None:
        if any(run.state == "running" for run in self.runs()):
            with self.database.writing("The end of a run was") as connection:
                runs.adopt_runs(connection, self.runs_folder)


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
