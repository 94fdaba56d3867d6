"""How far the review of the images is, and the verbs that move it on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.dataset import Review
from kpstudio.core.errors import UserProblem
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project


class Reviewing(QObject):
    """The review of the open image.

    Signals:
        reviews_changed: An image has another state than before.
        problem_raised(problem): It was not stored, and is as before.
    """

    reviews_changed = Signal()
    problem_raised = Signal(object)

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._project: Project | None = None

    def set_project(self, project: "Project | None") -> None:
        self._project = project

    def set_review(self, review: Review) -> bool:
        """Say how far the review of the open image is; False where that was not stored."""
        image_id = self._selection.image_id
        if self._project is None or image_id is None:
            return False
        try:
            self._project.set_review([image_id], review)
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return False
        self.reviews_changed.emit()
        return True
