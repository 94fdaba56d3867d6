"""Counting what labelling costs while somebody works."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, Signal

from kpstudio.core.annotation import RUN_SOURCE, Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.effort import EffortLog, SubjectEffort, keep_effort, read_effort
from kpstudio.core.errors import UserProblem
from kpstudio.workspace.labels import Labels

log = logging.getLogger(__name__)

# Who does nothing for longer is not working.
IDLE_S = 10.0
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
# A key that is a shortcut never arrives as a press, but every key is first asked about.
_KEY = QEvent.Type.ShortcutOverride
_ENDS = (QEvent.Type.MouseButtonRelease, QEvent.Type.KeyRelease)
_SIGNS = (*_PRESSES, _KEY, *_ENDS, QEvent.Type.MouseMove, QEvent.Type.Wheel)


class Effort(QObject):
    """Work since the last change belongs to the annotation that is changed next.

    It is an event filter of the application; what is counted stays on this machine.

    Signals:
        changed: Something was counted for an annotation.
        problem_raised(problem): What was counted cannot be kept.
        done(text): It was exported.
    """

    changed = Signal()
    problem_raised = Signal(object)
    done = Signal(str)

    def __init__(
        self,
        labels: Labels,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._labels = labels
        self._clock = clock
        self._path: Path | None = None
        self._receiver: QObject | None = None
        self.log = EffortLog()
        self._forget()
        labels.edited.connect(self._count)

    def set_project(self, path: Path | None) -> None:
        """Keep what was counted, and go on with what is known of another project."""
        self.keep()
        self._path, self.log = path, EffortLog()
        self._forget()
        if path is not None:
            try:
                self.log = read_effort(path)
            except UserProblem as problem:
                log.warning("%s", problem.message)
                self.problem_raised.emit(problem)
        self.changed.emit()

    def keep(self) -> None:
        """Write what was counted, if there is anything."""
        if self._path is None or not self.log.subjects:
            return
        try:
            keep_effort(self._path, self.log)
        except UserProblem as problem:
            self.problem_raised.emit(problem)

    def export(self, path: Path) -> None:
        """Write what was counted to a file of the user: a table where it is called .csv."""
        try:
            self.log.write(path)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return
        self.done.emit(self.tr("{0} is written.").format(path.name))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count clicks and keys; every event goes on to where it was meant for."""
        kind = event.type()
        if kind in _SIGNS and self._path is not None and watched.isWidgetType():
            self._note_time()
            if kind in _ENDS:
                self._receiver = None
            elif (kind in _PRESSES or kind == _KEY) and not self._is_passed_on(watched):
                self._receiver = watched
                self._clicks += kind in _PRESSES
                self._keys += kind == _KEY
        return False

    # Inside

    def _forget(self) -> None:
        self._seconds, self._clicks, self._keys = 0.0, 0, 0
        self._last_s: float | None = None

    def _is_passed_on(self, watched: QObject) -> bool:
        """Whether it is the event that the last receiver did not want, on its way up."""
        above = self._receiver.parent() if self._receiver is not None else None
        while above is not None and above is not watched:
            above = above.parent()
        return above is not None

    def _note_time(self) -> None:
        now = self._clock()
        if self._last_s is not None and now - self._last_s <= IDLE_S:
            self._seconds += now - self._last_s
        self._last_s = now

    def _count(self, edit: Edit) -> None:
        """Give the work since the last change to what is changed."""
        changed = [
            (name, edit.before.get(name), after)
            for name, after in edit.after.items()
            if after is not None
        ]
        if self._path is None or not changed:
            return
        self._note_time()
        share = 1 / len(changed)
        for name, before, after in changed:
            subject = self.log.subjects.setdefault(name, SubjectEffort())
            subject.seconds += share * self._seconds
            subject.clicks += share * self._clicks
            subject.keys += share * self._keys
            subject.edits += 1
            if before is None:
                subject.is_accepted = after.source.startswith(RUN_SOURCE)
            else:
                self._count_corrections(subject, before, after)
        self._seconds, self._clicks, self._keys = 0.0, 0, 0
        self.changed.emit()

    def _count_corrections(
        self, subject: SubjectEffort, before: Annotation, after: Annotation
    ) -> None:
        skeleton = self._labels.skeleton
        if skeleton is None or len(before.xy) != len(after.xy):
            return
        moved = before.is_labelled & after.is_labelled & (before.xy != after.xy).any(axis=1)
        for index in np.flatnonzero(moved).tolist():
            name = skeleton.keypoints[index]
            subject.corrections[name] = subject.corrections.get(name, 0) + 1
