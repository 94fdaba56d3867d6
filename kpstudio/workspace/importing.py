"""Bringing files into the project: read, looked at, and only then stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.dataset import Dataset
from kpstudio.workspace.stoppable import Report, Stoppable

if TYPE_CHECKING:
    from kpstudio.formats import CheckReport, Finding, FrameChoice
    from kpstudio.store.project import ImportReport, Project

__all__ = ["CheckReport", "Finding", "ImportReport", "Importing", "PendingImport"]


@dataclass(frozen=True)
class PendingImport:
    """What was read, and waits for a decision.

    Args:
        name: Of what is imported, as the user knows it.
        dataset: To be stored.
        report: What is worth knowing about it.
    """

    name: str
    dataset: Dataset
    report: "CheckReport"


class Importing(QObject):
    """One import at a time.

    Signals:
        changed: It is reading, waits for a decision, is storing, or none of these.
        imported(report, notes): It is stored: an `ImportReport`, and what is worth a look, a
            sentence each.
        problem_raised(problem): It cannot be read or stored; nothing has changed.
    """

    changed = Signal()
    imported = Signal(object, object)
    problem_raised = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.work = Stoppable(self)
        self.work.running_changed.connect(self.changed)
        self._project: Project | None = None
        self.name = ""
        self.pending: PendingImport | None = None
        self._stores = False

    @property
    def is_reading(self) -> bool:
        return self.work.is_running and not self._stores

    @property
    def is_storing(self) -> bool:
        return self.work.is_running and self._stores

    def set_project(self, project: "Project | None") -> None:
        """Another project is open: what was not stored yet is dropped."""
        if self.is_storing:
            self.work.wait()
            self._stores = False
        self.cancel()
        self._project = project

    def begin(self, sources: Sequence[Path], *, frames: int | None = None) -> None:
        """Read files and folders; they are stored at once unless something is wrong with them.

        Args:
            sources: The files and folders.
            frames: How many of each video, evenly spread; None for all.
        """
        project = self._project
        if project is None or not sources or self.is_storing:
            return
        from kpstudio.formats import FrameChoice

        choice = FrameChoice(count=frames)
        self.cancel()
        self._stores = False
        first = sources[0].name or str(sources[0])
        self.name = first
        if len(sources) > 1:
            self.name = self.tr("{0} and {1} more").format(first, len(sources) - 1)
        name = self.name
        self.work.start(
            lambda report: _read(name, sources, choice, project, report),
            done=self._decide,
            failed=self.problem_raised.emit,
        )

    def go_on(self, *, offset: tuple[float, float] = (0.0, 0.0), all_visible: bool = False) -> None:
        """Store what waits.

        Args:
            offset: Added to every position, in pixels.
            all_visible: Whether every labelled keypoint is taken as visible.
        """
        pending, project = self.pending, self._project
        if pending is None or project is None:
            return
        self.pending = None
        self._stores = True
        findings = pending.report.findings
        notes = [text for each in findings if each.severity == "note" for text in _noted(each)]
        self.work.start(
            lambda _report: _store(project, pending, offset, all_visible),
            done=lambda report: self.imported.emit(report, notes),
            failed=self.problem_raised.emit,
        )

    def cancel(self) -> None:
        """Import nothing; what is being stored already will be there, as one step to undo."""
        if not self.is_storing:
            self.work.stop()
        if self.pending is not None:
            self.pending = None
            self.changed.emit()

    def finish(self) -> None:
        self.work.finish()

    def _decide(self, pending: PendingImport) -> None:
        self.pending = pending
        if pending.report.has_warnings:
            self.changed.emit()
        else:
            self.go_on()


def _noted(finding: "Finding") -> list[str]:
    examples = [f"For example: {example}." for example in finding.examples[:1]]
    return [finding.message, *examples]


def _store(
    project: "Project", pending: PendingImport, offset: tuple[float, float], all_visible: bool
) -> "ImportReport":
    dataset = pending.dataset.moved(*offset) if any(offset) else pending.dataset
    if all_visible:
        dataset = dataset.all_visible()
    with project.twin() as twin:
        return twin.import_dataset(dataset, source=f"import:{pending.name}")


def _read(
    name: str,
    sources: Sequence[Path],
    choice: "FrameChoice",
    project: "Project",
    report: Report,
) -> PendingImport:
    from kpstudio import formats
    from kpstudio.formats.joining import joined

    datasets = []
    for source in sources:
        report(0, 0)
        datasets.append(formats.read(source, project.skeleton))
    dataset = choice.of(joined(datasets))
    # The open project belongs to another thread.
    with project.reader() as stored:
        known = stored.some_annotations()
    return PendingImport(name, dataset, formats.check_dataset(dataset, known=known, report=report))
