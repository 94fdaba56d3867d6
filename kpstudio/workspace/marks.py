"""What people say of the open image beside its labels: its review and its tags."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.dataset import Review
from kpstudio.core.errors import UserProblem
from kpstudio.workspace.selection import Selection

FLAG = "flag"
"""The tag that one key sets: to be looked at again."""

if TYPE_CHECKING:
    from kpstudio.store.project import Project


class Marks(QObject):
    """The verbs that change the marks of the open image.

    Signals:
        marks_changed: An image has another review or other tags than before.
        problem_raised(problem): It was not stored, and is as before.
    """

    marks_changed = Signal()
    problem_raised = Signal(object)

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._project: Project | None = None

    def set_project(self, project: "Project | None") -> None:
        self._project = project

    def set_review(self, review: Review) -> bool:
        """Say how far the review of the open image is; False where that was not stored."""
        return self._change(lambda project, each: project.marks.set_review([each], review))

    def toggle_tag(self, tag: str = FLAG) -> bool:
        """Give the open image a tag, or take it away; False where that was not stored."""
        return self._change(lambda project, each: _toggle_tag(project, each, tag))

    def _change(self, change: "Callable[[Project, int], None]") -> bool:
        image_id = self._selection.image_id
        if self._project is None or image_id is None:
            return False
        try:
            change(self._project, image_id)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return False
        self.marks_changed.emit()
        return True


def _toggle_tag(project: "Project", image_id: int, tag: str) -> None:
    if tag in project.image(image_id).tags:
        project.marks.change_tags([image_id], remove=[tag])
    else:
        project.marks.change_tags([image_id], add=[tag])
