"""What is there before a project is open: what to do first, and recent projects."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kpstudio.gui.icons import application_icon
from kpstudio.workspace.workspace import Workspace

MOST_SHOWN, ROOM = 6, 340


class WelcomeView(QFrame):
    """The start page.

    Signals:
        new_wanted, open_wanted, demo_wanted: The user pressed that button.
    """

    new_wanted = Signal()
    open_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self._workspace = workspace
        column = QWidget()
        column.setFixedWidth(420)
        self._layout = QVBoxLayout(column)
        self._layout.setSpacing(8)
        picture = QLabel()
        picture.setPixmap(application_icon().pixmap(72, 72))
        heading = QLabel(self.tr("Label keypoints with a model that learns as you go"))
        heading.setProperty("heading", True)
        heading.setWordWrap(True)
        for widget in (picture, heading):
            self._layout.addWidget(widget)
        buttons = (
            (self.tr("Try the demo"), self.demo_wanted, True),
            (self.tr("New project…"), self.new_wanted, False),
            (self.tr("Open a project…"), self.open_wanted, False),
        )
        for text, signal, is_primary in buttons:
            button = QPushButton(text)
            button.setProperty("primary", is_primary)
            button.clicked.connect(signal)
            self._layout.addWidget(button)
        drop = QLabel(self.tr("Or drop a folder of images or a video here."))
        drop.setProperty("muted", True)
        self._layout.addWidget(drop)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._layout.addSpacing(10)
        self._layout.addLayout(self._recent)
        outer = QVBoxLayout(self)
        outer.addWidget(column, 0, Qt.AlignmentFlag.AlignCenter)
        workspace.project_changed.connect(self._show_recent)
        workspace.settings.changed.connect(self._show_recent)
        self._show_recent()

    def _show_recent(self) -> None:
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        paths = [Path(name) for name in self._workspace.preferences.recent]
        if paths:
            title = QLabel(self.tr("Recent projects"))
            title.setProperty("muted", True)
            self._recent.addWidget(title)
        for path in paths[:MOST_SHOWN]:
            self._recent.addWidget(self._row(path))

    def _row(self, path: Path) -> QWidget:
        """A project, which may have been moved since, and the way to be rid of it."""
        text = recent_text(path)
        button = QPushButton(
            self.fontMetrics()
            .elidedText(text, Qt.TextElideMode.ElideMiddle, ROOM)
            .replace("&", "&&")
        )
        button.setObjectName("recent")
        button.setAccessibleName(text)
        button.setToolTip(str(path))
        button.clicked.connect(lambda _=False: self._workspace.open_recent(path))
        forget = QToolButton()
        forget.setObjectName("forget")
        forget.setText("×")
        forget.setToolTip(self.tr("Take {0} off this list; the file stays").format(path.name))
        forget.setAccessibleName(forget.toolTip())
        forget.clicked.connect(lambda _=False: self._workspace.forget_recent(path))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(button, 1)
        layout.addWidget(forget)
        return row


def recent_text(path: Path) -> str:
    """A recent project, and where it is: many are called the same."""
    if path.is_file():
        return f"{path.name}  ·  {path.parent}"
    return QCoreApplication.translate("WelcomeView", "{0}  ·  not found in {1}").format(
        path.name, path.parent
    )
