"""Searches that people have given names; they travel in the project."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.core.filter_words import FilterWords
from kpstudio.core.image_filter import Order
from kpstudio.core.saved_filter import SavedFilter

if TYPE_CHECKING:
    from kpstudio.store.project import Project

KEY = "filters"


class SavedFilters(QObject):
    """Those of the open project, in alphabetical order.

    Signals:
        problem_raised(problem): They could not be read or stored, and are as before.
        done(text): One was saved or removed.
    """

    problem_raised = Signal(object)
    done = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None

    def set_project(self, project: "Project | None") -> None:
        self._project = project

    def words(self) -> FilterWords | None:
        """What can be looked for; None without a project."""
        return self._project.filter_words() if self._project else None

    def all(self) -> tuple[SavedFilter, ...]:
        """Every one, as it is stored now."""
        try:
            return self._read()
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return ()

    def save(self, name: str, text: str, order: Order) -> None:
        """Give a search a name; another of that name makes way."""
        name = name.strip()
        if not name:
            self.problem_raised.emit(
                UserProblem(
                    self.tr("A search cannot be saved without a name."),
                    self.tr("Give it one such as “to be checked”."),
                )
            )
        elif self._change(SavedFilter(name, text.strip(), order), without=name):
            self.done.emit(self.tr("“{0}” is saved: it is under + in the list.").format(name))

    def remove(self, name: str) -> None:
        if self._change(None, without=name):
            self.done.emit(self.tr("The search “{0}” is removed.").format(name))

    def _read(self) -> tuple[SavedFilter, ...]:
        if self._project is None:
            return ()
        return self._project.settings.read(KEY, tuple[SavedFilter, ...]) or ()

    def _change(self, new: SavedFilter | None, *, without: str) -> bool:
        if self._project is None:
            return False
        try:
            kept = [each for each in self._read() if each.name != without]
            kept += [] if new is None else [new]
            kept.sort(key=lambda each: each.name.casefold())
            self._project.settings.write(KEY, kept or None)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return False
        return True
