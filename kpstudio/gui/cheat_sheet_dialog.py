"""All shortcuts on one page."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kpstudio.gui.shortcuts import Shortcuts
from kpstudio.gui.verb_search import find_verbs

COLUMNS = 3
MOST_WIDTH, MOST_HEIGHT = 1120, 660

Rows = list[tuple[str, str]]


class CheatSheetDialog(QDialog):
    """What the keyboard and the mouse do, from the table of verbs with the user's own keys.

    Args:
        shortcuts: The verbs and their keys.
        mouse: What the mouse does: where, and what.
        parent: Of the dialog; it is never larger than that.
    """

    def __init__(
        self,
        shortcuts: Shortcuts,
        mouse: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard and mouse"))
        self._shortcuts, self._mouse = shortcuts, mouse
        self.search = QLineEdit()
        self.search.setObjectName("pattern")
        self.search.setPlaceholderText(self.tr("Search by command or key"))
        self.search.setAccessibleName(self.tr("Search by command or key"))
        self.search.setClearButtonEnabled(True)
        self.page = QScrollArea()
        self.page.setObjectName("sheet")
        self.page.setAccessibleName(self.tr("Shortcuts"))
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.setWidgetResizable(True)
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 8, 16)
        layout.setSpacing(12)
        top = QHBoxLayout()
        top.addWidget(self.search)
        top.addSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.page, 1)
        self.search.textChanged.connect(self._show)
        shortcuts.changed.connect(lambda: self._show(self.search.text()))
        self._show("")
        self._fit()
        self.search.setFocus()

    def rows(self, query: str) -> dict[str, Rows]:
        """What fits a query, by menu: the keys and what they do."""
        wanted = query.casefold().strip()
        fitting = {entry.name for entry in find_verbs(query, self._shortcuts.entries)}
        groups: dict[str, Rows] = {}
        for entry in self._shortcuts.entries:
            keys = self._shortcuts.shown(entry.name)
            is_wanted = entry.name in fitting or wanted in keys.casefold().split()
            if keys and is_wanted:
                groups.setdefault(entry.menu_title, []).append((keys, entry.title))
        mouse = [row for row in self._mouse if wanted in " ".join(row).casefold()]
        if mouse:
            groups[self.tr("On the canvas")] = mouse
        return groups

    def _show(self, query: str) -> None:
        sheet = QWidget()
        columns = QHBoxLayout(sheet)
        columns.setContentsMargins(0, 0, 12, 0)
        columns.setSpacing(32)
        made = [QVBoxLayout() for _ in range(COLUMNS)]
        lengths = [0] * COLUMNS
        groups = self.rows(query)
        for title, rows in groups.items():
            shortest = lengths.index(min(lengths))
            made[shortest].addLayout(_group(title, rows))
            made[shortest].addSpacing(12)
            lengths[shortest] += len(rows) + 2
        if not groups:
            made[0].addWidget(QLabel(self.tr("No command fits these words.")))
        for column in made:
            column.addStretch(1)
            columns.addLayout(column, 1)
        self.page.setWidget(sheet)

    def _fit(self) -> None:
        """As large as the sheet, and no larger than the window."""
        around = self.parentWidget()
        width = min(MOST_WIDTH, around.width() - 40) if around else MOST_WIDTH
        most = min(MOST_HEIGHT, around.height() - 60) if around else MOST_HEIGHT
        sheet = self.page.widget()
        wanted = sheet.sizeHint().height() + 90 if sheet else most
        self.resize(width, min(wanted, most))


def _group(title: str, rows: Rows) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    heading = QLabel(title)
    heading.setProperty("heading", True)
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, (keys, text) in enumerate(rows, start=1):
        shown, what = QLabel(keys), QLabel(text)
        shown.setProperty("muted", True)
        shown.setWordWrap(True)
        what.setWordWrap(True)
        shown.setMinimumWidth(110)
        shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        what.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(shown, row, 0)
        grid.addWidget(what, row, 1)
    return grid
