"""Choose the keys of every verb."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.errors import UserProblem
from kpstudio.gui.key_recorder import KeyRecorder
from kpstudio.gui.problem_words import problem_text
from kpstudio.gui.shortcuts import Shortcuts
from kpstudio.gui.verb_search import find_verbs
from kpstudio.gui.verbs.action_entry import ActionEntry, shown_key

NAME = Qt.ItemDataRole.UserRole


class ShortcutsDialog(QDialog):
    """All verbs in a table; the keys of the chosen one below it. Changes are in force at once.

    Args:
        shortcuts: The verbs and their keys.
        parent: Of the dialog.
    """

    def __init__(self, shortcuts: Shortcuts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Shortcuts"))
        self._shortcuts = shortcuts
        self._offered: tuple[str, tuple[str, ...]] | None = None
        self.search = QLineEdit()
        self.search.setObjectName("pattern")
        self.search.setPlaceholderText(self.tr("Search commands"))
        self.search.setAccessibleName(self.tr("Search commands"))
        self.search.setClearButtonEnabled(True)
        self.table = QTableWidget(0, 3)
        self.recorder = KeyRecorder()
        self.message = QLabel()
        self.message.setObjectName("message")
        self.message.setWordWrap(True)
        self._verb = QLabel()
        self._verb.setProperty("heading", True)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        self.take_over = self._button("take_over", self.tr("&Take it over"), self._take_over)
        self.take_over.setProperty("primary", True)
        self.leave = self._button("leave", self.tr("&Leave it there"), self._withdraw)
        self.reset_one = self._button("reset_one", self.tr("&Reset this one"), self._reset_one)
        self._reset_all = self._button("reset_all", self.tr("Reset &all"), shortcuts.reset_all)
        self._set_up_table()
        self._set_up()
        self.search.textChanged.connect(lambda query: self._fill(query, chosen=""))
        self.table.currentCellChanged.connect(lambda *_: self._show_chosen())
        self.table.itemActivated.connect(lambda _: self.recorder.setFocus())
        self.recorder.recorded.connect(self._record)
        self.recorder.given_up.connect(self.table.setFocus)
        shortcuts.changed.connect(self._refresh)
        self._fill("", chosen="")
        self.search.setFocus()

    @property
    def chosen(self) -> ActionEntry | None:
        item = self.table.item(self.table.currentRow(), 0)
        if item is None:
            return None
        return next(each for each in self._shortcuts.entries if each.name == item.data(NAME))

    def choose(self, name: str) -> None:
        """Select a verb in the table."""
        for row in range(self.table.rowCount()):
            item = self.table.item(row, 0)
            if item is not None and item.data(NAME) == name:
                self.table.setCurrentCell(row, 0)

    # Composition

    def _set_up_table(self) -> None:
        table = self.table
        table.setObjectName("shortcuts")
        table.setAccessibleName(self.tr("Commands and their keys"))
        table.setHorizontalHeaderLabels([self.tr("Command"), self.tr("Menu"), self.tr("Keys")])
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _set_up(self) -> None:
        keys = QHBoxLayout()
        keys.setSpacing(8)
        keys.addLayout(self._chips)
        keys.addWidget(self.recorder)
        keys.addWidget(self.reset_one)
        keys.addStretch(1)
        answer = QHBoxLayout()
        answer.addWidget(self.message, 1)
        answer.addWidget(self.take_over)
        answer.addWidget(self.leave)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        buttons.rejected.connect(self.reject)
        last = QHBoxLayout()
        last.addWidget(self._reset_all)
        last.addStretch(1)
        last.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._verb)
        layout.addLayout(keys)
        layout.addLayout(answer)
        layout.addLayout(last)
        self.recorder.setFixedWidth(150)
        self.resize(680, 600)

    def _button(self, name: str, text: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.clicked.connect(lambda _=False: run())
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return in the search goes to what was found."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and self.search.hasFocus():
            self.table.setFocus()
        else:
            super().keyPressEvent(event)

    # What is shown

    def _fill(self, query: str, *, chosen: str) -> None:
        found = find_verbs(query, self._shortcuts.entries)
        self.table.setRowCount(len(found))
        for row, entry in enumerate(found):
            keys = self._shortcuts.shown(entry.name)
            if self._shortcuts.is_own(entry.name):
                keys = self.tr("{0}  (yours)").format(keys or "–")
            for column, text in enumerate((entry.title, entry.menu_title, keys)):
                item = QTableWidgetItem(text)
                item.setData(NAME, entry.name)
                self.table.setItem(row, column, item)
        names = [entry.name for entry in found]
        row = names.index(chosen) if chosen in names else 0
        self.table.setCurrentCell(row if found else -1, 0)
        self._show_chosen()

    def _refresh(self) -> None:
        chosen = self.chosen
        self._fill(self.search.text(), chosen=chosen.name if chosen else "")

    def _show_chosen(self) -> None:
        self._withdraw()
        entry = self.chosen
        self._verb.setText(entry.title if entry else self.tr("No command fits these words."))
        while (item := self._chips.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for key in self._shortcuts.keys(entry.name) if entry else ():
            chip = self._button("chip", f"{shown_key(key)}   ×", partial(self._remove, key))
            chip.setToolTip(self.tr("Take {0} away").format(shown_key(key)))
            chip.setAccessibleName(chip.toolTip())
            self._chips.addWidget(chip)
        self.recorder.setEnabled(entry is not None)
        self.reset_one.setEnabled(entry is not None and self._shortcuts.is_own(entry.name))
        self._reset_all.setEnabled(
            any(self._shortcuts.is_own(each.name) for each in self._shortcuts.entries)
        )

    def _say(self, text: str, *, is_question: bool = False) -> None:
        self.message.setText(text)
        self.take_over.setVisible(is_question)
        self.leave.setVisible(is_question)

    # Verbs

    def _record(self, key: str) -> None:
        entry = self.chosen
        if entry is None:
            return
        keys = (*self._shortcuts.keys(entry.name), key)
        why = self._shortcuts.reserved(key)
        if why:
            self._offered = None
            self._say(self.tr("{0} Press another key.").format(why))
            return
        self._offer(entry.name, keys)

    def _remove(self, key: str) -> None:
        entry = self.chosen
        if entry is not None:
            left = [each for each in self._shortcuts.keys(entry.name) if each != key]
            self._set(entry.name, tuple(left))

    def _reset_one(self) -> None:
        entry = self.chosen
        if entry is not None:
            self._offer(entry.name, self._shortcuts.supplied(entry.name))

    def _offer(self, name: str, keys: tuple[str, ...]) -> None:
        """Set keys, unless one is another's: then ask."""
        conflicts = self._shortcuts.conflicts(name, keys)
        if not conflicts:
            self._set(name, keys)
            return
        self._offered = name, keys
        text = " ".join(
            self.tr("{0} already runs “{1}”.").format(shown_key(key), other.title)
            for key, other in conflicts
        )
        self._say(text, is_question=True)
        self.take_over.setFocus()

    def _take_over(self) -> None:
        if self._offered is not None:
            self._set(*self._offered)
            self.recorder.setFocus()

    def _withdraw(self) -> None:
        self._offered = None
        self._say("")

    def _set(self, name: str, keys: tuple[str, ...]) -> None:
        try:
            self._shortcuts.set_keys(name, keys)
        except UserProblem as problem:
            self._say(problem_text(problem))
