"""Bringing another copy of the open project into it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.core.merge import Choice, MergePlan, MergeReport
from kpstudio.workspace.background import Background
from kpstudio.workspace.collection_pause import collection_pause
from kpstudio.workspace.history import History

if TYPE_CHECKING:
    from kpstudio.store.project import Project


class Merging(QObject):
    """Compares with another copy in the background, and merges when a person has decided.

    Signals:
        changed: It is storing, or has ended.
        busy_changed(text): It is being compared or stored; empty when done.
        planned(plan): What a merge would do, where it would do anything; nothing has changed.
        merged(labelled): Images, labels, tags and history may be others; the ids of the images
            that have labels, or None where that has to be read.
        problem_raised(problem): It could not be compared or merged.
        done(text): What was merged.
    """

    changed = Signal()
    busy_changed = Signal(str)
    planned = Signal(object)
    merged = Signal(object)
    problem_raised = Signal(object)
    done = Signal(str)

    def __init__(self, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._background = Background(self, threads=1)
        self._project: Project | None = None
        self._compared_at = 0
        self._comparison = 0
        self._is_comparing = False
        self._is_storing = False

    @property
    def is_storing(self) -> bool:
        """Nothing else may be stored meanwhile, and it cannot be stopped."""
        return self._is_storing

    def set_project(self, project: "Project | None") -> None:
        """Another project is open: what is being stored already will be there."""
        if self._is_storing:
            self._background.wait()
            self._is_storing = False
            self.busy_changed.emit("")
            self.changed.emit()
        self._project = project
        self._comparison += 1
        if self._is_comparing:
            self._end_comparing()

    def finish(self) -> None:
        self._background.finish()

    def compare(self, path: Path) -> None:
        """Find out what merging another copy would do; `planned` follows, or `done` if nothing."""
        project = self._project
        if project is None or self._is_storing:
            return
        self._comparison += 1
        self._is_comparing = True
        number, moment = self._comparison, self._newest_entry
        self.busy_changed.emit(self.tr("Comparing with {0}…").format(path.name))

        def plan() -> MergePlan:
            from kpstudio.store.merging import plan_merge

            with collection_pause(), project.reader() as reader:
                return plan_merge(reader, path)

        def show(plan: MergePlan) -> None:
            if number != self._comparison:
                return
            if moment != self._newest_entry:
                self.compare(path)
                return
            self._end_comparing()
            self._compared_at = moment
            if plan.is_empty:
                told = self.tr("Everything in {0} is here already.").format(plan.name)
                self.done.emit("\n".join([told, *plan.notes]))
            else:
                self.planned.emit(plan)

        def give_up(problem: UserProblem) -> None:
            if number == self._comparison:
                self._end_comparing()
                self.problem_raised.emit(problem)

        self._background.run(plan, done=show, failed=give_up)

    def merge(self, plan: MergePlan, choices: Mapping[str, Choice]) -> None:
        """Do what was planned; `merged` follows, and then `done` or `problem_raised`.

        Both are kept, and the image tagged, where nothing is chosen.

        Args:
            plan: As `planned` brought it.
            choices: By key of the conflict.
        """
        if self._project is None or self._is_storing:
            return
        if self._compared_at != self._newest_entry:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("{0} was not merged: the project has changed meanwhile.").format(
                        plan.name
                    ),
                    self.tr("Choose File ▸ Merge a copy… again."),
                )
            )
            return
        project, chosen = self._project, dict(choices)
        self._is_storing = True
        self.changed.emit()
        self.busy_changed.emit(self.tr("Merging {0}…").format(plan.name))

        def store() -> tuple[MergeReport, frozenset[int]]:
            from kpstudio.store.merging import merge

            with collection_pause(), project.twin() as twin:
                return merge(twin, plan, chosen), twin.labelled_image_ids()

        def tell(stored: tuple[MergeReport, frozenset[int]]) -> None:
            report, labelled = stored
            if not self._end_storing(labelled):
                return
            told = self._told(plan, report, len(chosen))
            if report.edit.after:
                told += " " + self.tr("Undo takes the labels back.")
            self.done.emit(told)

        def give_up(problem: UserProblem) -> None:
            if self._end_storing():
                self.problem_raised.emit(problem)

        self._background.run(store, done=tell, failed=give_up)

    def _end_comparing(self) -> None:
        self._is_comparing = False
        self.busy_changed.emit("")

    def _end_storing(self, labelled: frozenset[int] | None = None) -> bool:
        """False where the project was closed meanwhile."""
        if not self._is_storing:
            return False
        self._is_storing = False
        self.busy_changed.emit("")
        self.merged.emit(labelled)
        self.changed.emit()
        return True

    def _told(self, plan: MergePlan, report: MergeReport, decided: int) -> str:
        counts = (
            (report.images, self.tr("{0} images")),
            (report.annotations, self.tr("{0} annotations")),
            (len(plan.marks.tagged), self.tr("tags of {0} images")),
            (len(plan.marks.new_reviews), self.tr("reviews of {0} images")),
            (len(plan.splits), self.tr("splits of {0} images")),
            (len(plan.issues), self.tr("{0} issues")),
            (report.entries, self.tr("{0} entries of the history")),
            (report.conflicts, self.tr("{0} conflicts ({1} decided)")),
        )
        said = self.tr(", ").join(text.format(count, decided) for count, text in counts if count)
        return self.tr("Merged {0}: {1}.").format(plan.name, said)

    @property
    def _newest_entry(self) -> int:
        entries = self._history.entries
        return entries[-1].id if entries else 0
