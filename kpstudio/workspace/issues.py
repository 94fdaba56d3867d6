"""Questions about images: which there are, which one is looked at, and what is being asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.core.issue import Issue
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project


@dataclass(frozen=True)
class Draft:
    """A question that has a place but no words yet.

    Args:
        image_id: Of the image that it is about.
        xy: Where it will be pinned, in image pixels; None for the whole image.
    """

    image_id: int
    xy: tuple[float, float] | None


class Issues(QObject):
    """The issues of the open project.

    Signals:
        issues_changed: There are others, or they say something else.
        here_changed: Those of the open image, or another image is open.
        issue_chosen: Another issue is looked at, or none.
        draft_changed: A question was begun or dropped, or the next click pins one or does not.
        problem_raised(problem): Nothing was stored.
        done(text): That what was asked for is not there.
    """

    issues_changed = Signal()
    here_changed = Signal()
    issue_chosen = Signal()
    draft_changed = Signal()
    problem_raised = Signal(object)
    done = Signal(str)

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._project: Project | None = None
        self.here: tuple[Issue, ...] = ()
        self.open_ids = np.empty(0, dtype=np.int64)
        self.open_image_ids: frozenset[int] = frozenset()
        self.chosen_id: int | None = None
        self.draft: Draft | None = None
        self.is_pinning = False
        selection.image_changed.connect(self._open_image)

    def set_project(self, project: "Project | None") -> None:
        self._project = project
        self.refresh()

    def refresh(self) -> None:
        """Read all issues again from what is stored."""
        if self._project is not None:
            places = self._project.issues.open_places()
        else:
            places = np.empty((0, 2), dtype=np.int64)
        self.open_ids = places[:, 0]
        self.open_image_ids = frozenset(places[:, 1].tolist())
        self.issues_changed.emit()
        self._read_here()

    # What there is

    @property
    def chosen(self) -> Issue | None:
        """The issue that is looked at; its image is open."""
        return next((each for each in self.here if each.id == self.chosen_id), None)

    def by_id(self, ids: Sequence[int]) -> tuple[Issue, ...]:
        """Those of some hundred ids that there are."""
        return self._project.issues.by_id(ids) if self._project else ()

    # Verbs

    def choose(self, issue_id: int | None) -> None:
        """Look at an issue: its image opens."""
        if issue_id is None or self._project is None:
            self._choose(None)
            return
        found = self._project.issues.by_id([issue_id])
        if found:
            self.drop_draft()
            is_other, self.chosen_id = issue_id != self.chosen_id, issue_id
            # First: whoever is told reads the thread from the issues of the open image.
            self._selection.open_image(found[0].image_id)
            if is_other:
                self.issue_chosen.emit()

    def choose_next(self) -> None:
        """Look at the next open issue, and after the last one at the first."""
        if not self.open_ids.size:
            self.done.emit(self.tr("No issue is open."))
            return
        later = self.open_ids[self.open_ids > (self.chosen_id or 0)]
        self.choose(int(later[0] if later.size else self.open_ids[0]))

    def begin_pin(self) -> None:
        """The next click on the image says what the question is about."""
        if self._project is None or self._selection.image_id is None:
            return
        self.draft, self.is_pinning = None, True
        self.draft_changed.emit()

    def begin_draft(self, xy: tuple[float, float] | None = None) -> None:
        """A question about the open image is about to be written.

        Args:
            xy: Where it is pinned: the nearest place on the image; None for the whole image.
        """
        image_id = self._selection.image_id
        if self._project is None or image_id is None:
            return
        self._choose(None)
        self.draft, self.is_pinning = Draft(image_id, self._on_image(image_id, xy)), False
        self.draft_changed.emit()

    def drop_draft(self) -> None:
        """Ask nothing after all."""
        if self.draft is not None or self.is_pinning:
            self.draft, self.is_pinning = None, False
            self.draft_changed.emit()

    def say(self, text: str) -> bool:
        """Ask what was begun, answer the chosen issue, or else ask about the open image.

        Returns:
            Whether it is stored.
        """
        project, image_id = self._project, self._selection.image_id
        if project is None or image_id is None:
            return False
        chosen = self.chosen
        if chosen is not None and self.draft is None:
            return self._store(lambda: project.issues.reply(chosen.id, text))
        xy = self.draft.xy if self.draft else None

        def ask() -> None:
            self.chosen_id = project.issues.open(image_id, text, xy=xy)
            self.draft, self.is_pinning = None, False

        if not self._store(ask):
            return False
        self.draft_changed.emit()
        self.issue_chosen.emit()
        return True

    def close_chosen(self) -> None:
        """Settle the issue that is looked at."""
        project, chosen = self._project, self.chosen
        if project is not None and chosen is not None:
            self._store(lambda: project.issues.close(chosen.id))

    def reopen_chosen(self) -> None:
        """Open the issue that is looked at again."""
        project, chosen = self._project, self.chosen
        if project is not None and chosen is not None:
            self._store(lambda: project.issues.reopen(chosen.id))

    # Inside

    def _store(self, change: Callable[[], None]) -> bool:
        try:
            change()
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return False
        self.refresh()
        return True

    def _on_image(
        self, image_id: int, xy: tuple[float, float] | None
    ) -> tuple[float, float] | None:
        if xy is None or self._project is None:
            return None
        (image,) = self._project.images_by_id([image_id])
        x, y = xy
        if image.width:
            x = min(max(x, -0.5), image.width - 0.5)
        if image.height:
            y = min(max(y, -0.5), image.height - 0.5)
        return x, y

    def _choose(self, issue_id: int | None) -> None:
        if issue_id != self.chosen_id:
            self.chosen_id = issue_id
            self.issue_chosen.emit()

    def _open_image(self) -> None:
        self.drop_draft()
        self._read_here()

    def _read_here(self) -> None:
        image_id = self._selection.image_id
        if self._project is None or image_id is None:
            self.here = ()
        else:
            self.here = self._project.issues.all(image_id)
        self.here_changed.emit()
        if self.chosen is None:
            self._choose(None)
