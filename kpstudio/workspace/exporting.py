"""Writing labels or predictions of the project into files for others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.workspace.stoppable import Report, Stoppable

if TYPE_CHECKING:
    from kpstudio.formats import ExportOrder, Subset, WriteReceipt
    from kpstudio.store.project import Project


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

    def count(self, subset: "Subset") -> tuple[int, int]:
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
        self._project: Project | None = None
        self._writes = False

    @property
    def is_writing(self) -> bool:
        return self._writes and self.work.is_running

    def set_project(self, project: "Project | None") -> None:
        self.work.stop()
        self._project = project

    def formats(self) -> list[tuple[str, str]]:
        """Names and titles of the formats that can be written."""
        from kpstudio import formats

        return [(name, each.title) for name, each in formats.FORMATS.items() if each.can_write]

    def suggested_path(self, format: str) -> Path | None:
        """Beside the project, with the suffix of a format; None where no project is open."""
        if self._project is None:
            return None
        from kpstudio import formats

        path = self._project.path
        return path.with_name(f"{path.stem}-labels{formats.FORMATS[format].suffix}")

    def load(self) -> None:
        """Read what there is to choose from; `loaded` tells it."""
        project = self._project
        if project is not None and not self.is_writing:
            self._writes = False
            self.work.start(
                lambda _report: _load(project),
                done=self.loaded.emit,
                failed=self.problem_raised.emit,
            )

    def start(self, order: "ExportOrder", *, run_id: int | None = None) -> None:
        """Write what is stored now.

        Args:
            order: What, and where.
            run_id: Of the predictions to be written; the labels where None.
        """
        project = self._project
        if project is not None:
            self._writes = True
            self.work.start(
                lambda report: _export(project, order, run_id, report),
                done=self.exported.emit,
                failed=self.problem_raised.emit,
            )

    def stop(self) -> None:
        """Write no more; images that were copied stay."""
        self.work.stop()

    def finish(self) -> None:
        self.work.finish()


def _load(project: "Project") -> Exportable:
    with project.reader() as reader:
        dataset = reader.dataset(annotated=True)
        predicted = reader.predictions.runs()
        runs = tuple(
            (each.id, each.name) for each in reversed(reader.runs.all()) if each.id in predicted
        )
        splits, tags = reader.splits.count(), reader.marks.tags()
        reviews = {str(each): n for each, n in reader.marks.count_reviews().items() if each and n}
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


def _export(
    project: "Project", order: "ExportOrder", run_id: int | None, report: Report
) -> "WriteReceipt":
    from kpstudio import formats

    # The open project belongs to another thread.
    with project.reader() as reader:
        if run_id is None:
            content = formats.ExportContent.of_labels(reader, order)
            predictions = None
        else:
            content = formats.ExportContent(reader.dataset())
            predictions = reader.predictions.of(run_id)
    return formats.export(
        content.dataset,
        order,
        predictions=predictions,
        unlabelled=content.unlabelled,
        report=report,
    )
