"""All shortcuts on one page."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kpstudio.gui.verbs.action_entry import ActionEntry


class CheatSheetDialog(QDialog):
    """What the keyboard and the mouse do, from the table of actions."""

    def __init__(
        self,
        entries: Sequence[ActionEntry],
        mouse: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard and mouse"))
        groups: dict[str, list[tuple[str, str]]] = {}
        for entry in entries:
            if entry.keys:
                text = entry.text.rstrip("…").replace("&", "")
                groups.setdefault(entry.menu.replace("&", ""), []).append((entry.keys[0], text))
        groups[self.tr("On the canvas")] = list(mouse)
        columns = [QVBoxLayout(), QVBoxLayout(), QVBoxLayout()]
        lengths = [0, 0, 0]
        # The longest first: the columns become about as long as one another.
        for title, rows in sorted(groups.items(), key=lambda each: -len(each[1])):
            shortest = lengths.index(min(lengths))
            columns[shortest].addLayout(self._group(title, rows))
            columns[shortest].addSpacing(14)
            lengths[shortest] += len(rows) + 2
        content = QWidget()
        layout = QHBoxLayout(content)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(36)
        for column in columns:
            column.addStretch(1)
            layout.addLayout(column)
        page = QScrollArea()
        page.setFrameShape(QFrame.Shape.NoFrame)
        page.setWidgetResizable(True)
        page.setWidget(content)
        frame = QVBoxLayout(self)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.addWidget(page)
        # With room for a bar, so that a bar that one way needs does not cause another.
        wanted = content.sizeHint() + QSize(20, 4)
        self.resize(wanted.boundedTo(self.screen().availableSize() - QSize(40, 80)))

    def _group(self, title: str, rows: Sequence[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        heading = QLabel(title)
        heading.setProperty("heading", True)
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, (key, text) in enumerate(rows, start=1):
            shown = QLabel(key)
            shown.setProperty("muted", True)
            grid.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(QLabel(text), row, 1)
        return grid
