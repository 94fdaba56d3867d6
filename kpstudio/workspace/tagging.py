"""Tags of the open image, and the verbs that change them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.workspace.selection import Selection

if TYPE_CHECKING:
    from kpstudio.store.project import Project

FLAG = "flag"
"""The tag that one key sets: to be looked at again."""


class Tagging(QObject):
    """What people call the images.

    Signals:
        tags_changed: An image has another tag than before.
        problem_raised(problem): It was not stored, and is as before.
    """

    tags_changed = Signal()
    problem_raised = Signal(object)

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._project: Project | None = None

    def set_project(self, project: "Project | None") -> None:
        self._project = project

    def toggle(self, tag: str = FLAG) -> None:
        """Give the open image a tag, or take it away."""
        project, image_id = self._project, self._selection.image_id
        if project is None or image_id is None:
            return
        (image,) = project.images_by_id([image_id])
        try:
            if tag in image.tags:
                project.change_tags([image_id], remove=[tag])
            else:
                project.change_tags([image_id], add=[tag])
        except UserProblem as problem:
            self.problem_raised.emit(problem)
            return
        self.tags_changed.emit()
