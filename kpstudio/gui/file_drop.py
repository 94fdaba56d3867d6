"""Files that are dropped on the window."""

from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent, QMimeData, QObject
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from kpstudio.gui.file_questions import FileQuestions
from kpstudio.workspace.workspace import Workspace

_PROJECT_SUFFIX = ".kps"


class FileDrop(QObject):
    """Opens a project that is dropped; imports anything else into the one that is open."""

    def __init__(self, workspace: Workspace, questions: FileQuestions, window: QWidget) -> None:
        super().__init__(window)
        self._workspace, self._questions = workspace, questions
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            return super().eventFilter(watched, event)
        drop = cast(QDropEvent, event)
        paths = self._usable(drop.mimeData())
        if not paths:
            return False
        drop.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self._take(paths)
        return True

    def _usable(self, data: QMimeData) -> list[Path]:
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        projects = [path for path in paths if path.suffix == _PROJECT_SUFFIX]
        return projects[:1] or (paths if self._workspace.path is not None else [])

    def _take(self, paths: list[Path]) -> None:
        if paths[0].suffix == _PROJECT_SUFFIX:
            self._workspace.open_project(paths[0])
            return
        for path in paths:
            self._questions.import_path(path)
