"""Writing labels or predictions of the project into files for others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kpstudio import formats
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.formats.export_order import ExportContent, ExportOrder, ImageChoice
from kpstudio.formats.format import WriteReceipt
from kpstudio.formats.subset import Subset
from kpstudio.store.project import Project
from kpstudio.workspace.stoppable import Report, Stoppable

__all__ = ["ExportOrder", "Exportable", "Exporting", "ImageChoice", "Subset", "WriteReceipt"]


@dataclass(frozen=True)
class Exportable:
    """What there is to choose from.

    Args:
        dataset: The annotated images and all annotations, as they were when it was read.
        splits: Parts with the number of their images.
        reviews: States with the number of their images.
        tags: With the number of their images.
        authors: With the number of their annotations.
        runs: Numbers and names of runs that have predicted something, the newest first.
    """

    dataset: Dataset
    splits: dict[str, int]
    reviews: dict[str, int]
    tags: dict[str, int]
    authors: dict[str, int]
    runs: tuple[tuple[int, str], ...]

    def count(self, subset: Subset) -> tuple[int, int]:
        """How many images and annotations a choice leaves, of those with labels."""
        try:
            chosen = subset.of(self.dataset).labelled()
        except UserProblem:
            return 0, 0
        return len(chosen.images), len(chosen.annotations)


class Exporting(QObject):
    """One export at a time, in the background.

    Signals:
        loaded(exportable): What there is to choose from.
        exported(receipt): It is written: a `WriteReceipt`.
        problem_raised(problem): What could not be read or written.
        changed: It runs, or does not any more.
    """

    loaded = Signal(object)
    exported = Signal(object)
    problem_raised = Signal(object)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.work = Stoppable(self)
        self.work.running_changed.connect(self.changed)
        self._path: Path | None = None
        self._writes = False

    @property
    def is_writing(self) -> bool:
        return self._writes and self.work.is_running

    def set_project(self, project: Project | None) -> None:
        self.work.stop()
        self._path = project.path if project else None

    def formats(self) -> list[tuple[str, str]]:
        """Names and titles of the formats that can be written."""
        return [(name, each.title) for name, each in formats.FORMATS.items() if each.can_write]

    def suggested_path(self, format: str) -> Path | None:
        """Beside the project, with the suffix of a format; None where no project is open."""
        if self._path is None:
            return None
        name = f"{self._path.stem}-labels{formats.FORMATS[format].suffix}"
        return self._path.with_name(name)

    def load(self) -> None:
        """Read what there is to choose from; `loaded` tells it."""
        path = self._path
        if path is not None and not self.is_writing:
            self._writes = False
            self.work.start(
                lambda _report: _load(path),
                done=self.loaded.emit,
                failed=self.problem_raised.emit,
            )

    def start(self, order: ExportOrder, *, run_id: int | None = None) -> None:
        """Write what is stored now.

        Args:
            order: What, and where.
            run_id: Of the predictions to be written; the labels where None.
        """
        path = self._path
        if path is not None:
            self._writes = True
            self.work.start(
                lambda report: _export(path, order, run_id, report),
                done=self.exported.emit,
                failed=self.problem_raised.emit,
            )

    def stop(self) -> None:
        """Write no more; images that were copied stay."""
        self.work.stop()

    def finish(self) -> None:
        self.work.finish()


def _load(path: Path) -> Exportable:
    with Project.open(path, read_only=True) as project:
        dataset = project.dataset(annotated=True)
        predicted = project.predictions.runs()
        runs = tuple(
            (each.id, each.name) for each in reversed(project.runs.all()) if each.id in predicted
        )
        splits, tags = project.splits.count(), project.marks.tags()
        reviews = {str(each): n for each, n in project.marks.count_reviews().items() if each and n}
    return Exportable(
        dataset,
        splits=splits,
        reviews=reviews,
        tags=tags,
        authors=_counted(each.author for each in dataset.annotations),
        runs=runs,
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(name for name in names if name).items()))


def _export(path: Path, order: ExportOrder, run_id: int | None, report: Report) -> WriteReceipt:
    # The open project belongs to another thread.
    with Project.open(path, read_only=True) as project:
        if run_id is None:
            content, predictions = ExportContent.of_labels(project, order), None
        else:
            content, predictions = ExportContent(project.dataset()), project.predictions.of(run_id)
    return formats.export(
        content.dataset,
        order,
        predictions=predictions,
        unlabelled=content.unlabelled,
        report=report,
    )
