"""What was ever done to the labels, and the way back to any of it."""

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.history_entry import HistoryEntry, Touched
from kpstudio.workspace.background import Background
from kpstudio.workspace.labels import Labels
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project

log = logging.getLogger(__name__)

# Of a large import it takes long enough to be felt.
_READ_AT_ONCE = 200_000


class History(QObject):
    """The changes of the open project, oldest first.

    Signals:
        changed: There are other entries than before.
        touched_known(id): What that entry was about has been read.
        problem_raised(problem): It could not be restored; nothing has changed.
        done(text): What was restored.
    """

    changed = Signal()
    touched_known = Signal(int)
    problem_raised = Signal(object)
    done = Signal(str)

    def __init__(self, labels: Labels, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels, self._selection = labels, selection
        self._project: Project | None = None
        self.entries: tuple[HistoryEntry, ...] = ()
        self._touched: dict[int, Touched | None] = {}
        self._background = Background(self, threads=1)
        labels.history_changed.connect(self._read)

    def set_project(self, project: "Project | None") -> None:
        self._project, self.entries = project, ()
        self._touched = {}
        self._read()

    def finish(self) -> None:
        self._background.finish()

    def touched(self, entry: HistoryEntry) -> Touched | None:
        """What a change was about; None while that is still read, then `touched_known` follows."""
        project = self._project
        if project is None:
            return Touched()
        if entry.id not in self._touched:
            found = project.history.touched(entry.id, most_bytes=_READ_AT_ONCE)
            self._touched[entry.id] = found
            if found is None:
                self._read_touched(project, entry.id)
        return self._touched[entry.id]

    def show_image(self, entry: HistoryEntry) -> None:
        """Open the image where a change was made, with the annotation selected."""
        if self._project is None:
            return
        change = self._touched.get(entry.id) or self._project.history.touched(entry.id)
        touched = change.image_ids if change else frozenset()
        if change is None or not touched:
            self.done.emit(self.tr("That changed no labels of an image."))
            return
        here = self._selection.image_id
        self._selection.open_image(here if here in touched else min(touched))
        there = [each.id for each in self._labels.annotations if each.id in change.annotation_ids]
        if there:
            self._selection.select_annotation(there[0])

    def restore_image(self, entry: HistoryEntry) -> None:
        """Make the labels of the open image what they were right after a change."""
        if self._selection.image_id is not None:
            self._restore(entry, self._selection.image_id)

    def restore_project(self, entry: HistoryEntry) -> None:
        """Make all labels what they were right after a change."""
        self._restore(entry, None)

    def _read_touched(self, project: "Project", entry: int) -> None:
        def read() -> Touched | None:
            with project.reader() as reader:
                return reader.history.touched(entry)

        def show(found: Touched | None) -> None:
            if self._project is project:
                self._touched[entry] = found
                self.touched_known.emit(entry)

        def give_up(problem: UserProblem) -> None:
            log.warning("what entry %d touched was not read: %s", entry, problem.message)

        self._background.run(read, done=show, failed=give_up)

    def _restore(self, entry: HistoryEntry, image_id: int | None) -> None:
        if self._project is None:
            return
        try:
            applied = self._project.restore(entry.id, image_id=image_id)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return
        if applied is None:
            self.done.emit(self.tr("Nothing has changed there since."))
            return
        self._labels.show_change(applied)
        self.done.emit(self._told(applied))

    def _told(self, applied: Edit) -> str:
        return self.tr("Restored {0} annotations in {1} images. Undo takes it back.").format(
            len(applied.after), len(applied.image_ids())
        )

    def _read(self) -> None:
        newest = self.entries[-1].id if self.entries else 0
        new = self._project.history.entries(after=newest) if self._project else ()
        if new or not self.entries:
            self.entries += new
            self.changed.emit()
