"""The run whose curves are looked at: the one that trains, the last one, or an earlier one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.run_metrics import RunMetrics

if TYPE_CHECKING:
    from kpstudio.store.project import Project
    from kpstudio.store.run_recorder import RunRecorder
    from kpstudio.store.runs import Run

__all__ = ["Run", "ShownRun"]


class ShownRun(QObject):
    """One run of the project, chosen by a person, or the newest.

    Signals:
        changed: Another run, its curves have grown, or there are other runs to choose from.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._recorder: RunRecorder | None = None
        self.runs: tuple[Run, ...] = ()
        self.run: Run | None = None
        self.metrics = RunMetrics()

    @property
    def is_followed(self) -> bool:
        """It is the one that trains, or that trained last since the project was opened."""
        run, recorder = self.run, self._recorder
        return run is not None and recorder is not None and recorder.run_id == run.id

    def set_project(self, project: "Project | None") -> None:
        """Show the newest run of a project, if it has any."""
        self._project, self._recorder, self.run = project, None, None
        self.look()

    def look(self) -> None:
        """There may be other runs, or they may have ended."""
        self.runs = tuple(reversed(self._project.runs.all())) if self._project is not None else ()
        known = {each.id: each for each in self.runs}
        newest = self.runs[0] if self.runs else None
        self._show(known.get(self.run.id, newest) if self.run else newest)

    def choose(self, run_id: int) -> None:
        """Look at another run; nothing happens if there is none with that number."""
        for run in self.runs:
            if run.id == run_id and run != self.run:
                self._show(run)

    def follow(self, recorder: "RunRecorder") -> None:
        """Look at a run that begins now, or goes on."""
        self._recorder, self.run = recorder, None
        self.look()
        self.choose(recorder.run_id)

    def grow(self) -> None:
        """The run that trains has come further."""
        if self._recorder is not None and self.is_followed:
            self.metrics = self._recorder.metrics
            self.changed.emit()

    def _show(self, run: "Run | None") -> None:
        self.run = run
        if run is None or self._project is None:
            self.metrics = RunMetrics()
        elif self._recorder is not None and self._recorder.run_id == run.id:
            self.metrics = self._recorder.metrics
        else:
            self.metrics = self._project.runs.metrics(run.id)
        self.changed.emit()
