"""Files and folders that are dragged over the window, and what would happen to them."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from kpstudio.gui.breakable_words import breakable
from kpstudio.gui.file_questions import FileQuestions
from kpstudio.workspace.workspace import Workspace


class DropHint(QFrame):
    """Lies over the window while something is dragged over it, and hands on what is dropped.

    Args:
        workspace: That opens a project.
        questions: That are asked before an import.
        window: Over which it lies; it accepts drops from now on.
    """

    def __init__(self, workspace: Workspace, questions: FileQuestions, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("drop_hint")
        # What lies beneath must go on getting the events of the drag.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._workspace, self._questions = workspace, questions
        self._window = window
        self._text = QLabel()
        self._text.setProperty("heading", True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setWordWrap(True)
        self._rest = QLabel()
        self._rest.setProperty("muted", True)
        self._rest.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._rest.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 32, 32, 32)
        layout.addStretch(1)
        layout.addWidget(self._text)
        layout.addWidget(self._rest)
        layout.addStretch(1)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The drag and drop of the window."""
        if isinstance(event, QDragEnterEvent):
            return self._enter(event)
        if isinstance(event, QDragMoveEvent) and not self.isHidden():
            event.acceptProposedAction()
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            return self._drop(event)
        if event.type() == QEvent.Type.DragLeave:
            self.hide()
        return super().eventFilter(watched, event)

    def _enter(self, event: QDragEnterEvent) -> bool:
        paths = _paths(event.mimeData())
        if not paths:
            return False
        self._say(paths)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        event.acceptProposedAction()
        return True

    def _drop(self, event: QDropEvent) -> bool:
        self.hide()
        paths = _paths(event.mimeData())
        if not paths:
            return False
        event.acceptProposedAction()
        project = _project(paths)
        if project is not None:
            self._workspace.open_project(project)
        elif self._workspace.path is None:
            self._questions.ask_new(paths)
        else:
            self._questions.import_paths(paths)
        return True

    def _say(self, paths: Sequence[Path]) -> None:
        project = _project(paths)
        name = breakable((project or paths[0]).name)
        if project is not None:
            self._text.setText(self.tr("Drop to open {0}").format(name))
            self._rest.setText("")
            return
        what = name if len(paths) == 1 else self.tr("{0} files and folders").format(len(paths))
        into = self._workspace.path
        if into is None:
            self._text.setText(self.tr("Drop to begin a project with {0}").format(what))
            self._rest.setText(self.tr("What is labelled is asked next."))
            return
        self._text.setText(
            self.tr("Drop to import {0} into {1}").format(what, breakable(into.name))
        )
        self._rest.setText(self.tr("The files stay where they are."))


def _paths(data: QMimeData) -> list[Path]:
    urls: list[QUrl] = data.urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def _project(paths: Sequence[Path]) -> Path | None:
    return next((path for path in paths if path.suffix == ".kps"), None)
