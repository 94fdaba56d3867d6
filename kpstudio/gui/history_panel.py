"""All changes of the labels, the newest first, and the way back to any of them."""

import datetime
from collections.abc import Callable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.history_entry import HistoryEntry
from kpstudio.gui.enumeration import enumerated
from kpstudio.gui.image_list_panel import Index
from kpstudio.gui.plain_table import set_up_table
from kpstudio.gui.problem_words import record_text
from kpstudio.workspace.workspace import Workspace

_WHAT, _IMAGE, _WHEN = range(3)


class HistoryModel(QAbstractTableModel):
    """One row per change; which images it touched is read only when a row is drawn."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._count = 0
        self._images: dict[int, str] = {}
        workspace.history.changed.connect(self._follow)
        workspace.history.touched_known.connect(self._show_touched)
        workspace.project_changed.connect(self._reset)
        self._reset()

    def entry(self, row: int) -> HistoryEntry:
        return self._workspace.history.entries[self._count - 1 - row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (self.tr("Change"), self.tr("Image"), self.tr("When"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            if index.column() == _WHAT:
                words = self.words(entry)
                return words if entry.merge is None else f"    {words}"
            return self._image(entry) if index.column() == _IMAGE else clock(entry.time)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.details(entry)
        if role == Qt.ItemDataRole.FontRole and entry.kind != "edit":
            font = QFont()
            font.setItalic(True)
            return font
        return None

    def words(self, entry: HistoryEntry) -> str:
        label = record_text(entry.label)
        if entry.kind == "undo":
            return self.tr("Undo: {0}").format(label)
        return self.tr("Redo: {0}").format(label) if entry.kind == "redo" else label

    def details(self, entry: HistoryEntry) -> str:
        """Who, when, where, and how long the image had been open."""
        when = datetime.datetime.fromtimestamp(entry.time).astimezone()
        parts = [f"{when:%Y-%m-%d %H:%M:%S}"]
        if entry.author:
            parts.append(self.tr("by {0}").format(entry.author))
        if image := self._image(entry):
            parts.append(self.tr("in {0}").format(image))
        if entry.merge is not None:
            parts.append(self.tr("in another copy"))
        if entry.seconds_open is not None:
            parts.append(self.tr("image open for {0:.0f} s").format(entry.seconds_open))
        return enumerated(parts)

    def _image(self, entry: HistoryEntry) -> str:
        if entry.id not in self._images:
            found = self._workspace.history.touched(entry)
            if found is None:
                return "…"
            touched = found.image_ids
            position = self._workspace.position(min(touched)) if len(touched) == 1 else None
            if position is not None:
                name = self._workspace.images[position].name
            else:
                name = self.tr("{0} images").format(len(touched)) if touched else ""
            self._images[entry.id] = name
        return self._images[entry.id]

    def _show_touched(self, entry_id: int) -> None:
        ids = [each.id for each in self._workspace.history.entries[: self._count]]
        if entry_id in ids:
            cell = self.index(self._count - 1 - ids.index(entry_id), _IMAGE)
            self.dataChanged.emit(cell, cell)

    def _follow(self) -> None:
        count = len(self._workspace.history.entries)
        if count > self._count:
            self.beginInsertRows(QModelIndex(), 0, count - self._count - 1)
            self._count = count
            self.endInsertRows()
        elif count < self._count:
            self._reset()

    def _reset(self) -> None:
        self.beginResetModel()
        self._images.clear()
        self._count = len(self._workspace.history.entries)
        self.endResetModel()


class HistoryPanel(QWidget):
    """A double click opens the image of a change; buttons restore what was there after it."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._model = HistoryModel(workspace, self)
        self.table = QTableView()
        self.table.setObjectName("history")
        self.table.setAccessibleName(self.tr("Changes of the labels, newest first"))
        self.table.setModel(self._model)
        set_up_table(self.table)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_WHAT, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(_IMAGE, 96)
        header.resizeSection(_WHEN, 84)
        self._details = QLabel()
        self._details.setProperty("muted", True)
        self._details.setWordWrap(True)
        self.show_image = QPushButton(self.tr("Show"))
        self.show_image.setToolTip(self.tr("Open the image of this change (double click)"))
        self.restore_image = QPushButton(self.tr("Restore image"))
        self.restore_image.setToolTip(
            self.tr("Make the labels of the open image what they were after this change")
        )
        self.restore_project = QPushButton(self.tr("Restore project"))
        self.restore_project.setToolTip(
            self.tr("Make the labels of all images what they were after this change")
        )
        self._set_up_layout()
        history = workspace.history
        self.table.doubleClicked.connect(lambda index: history.show_image(self._entry_at(index)))
        self.show_image.clicked.connect(lambda: self._with_chosen(history.show_image))
        self.restore_image.clicked.connect(lambda: self._with_chosen(history.restore_image))
        self.restore_project.clicked.connect(lambda: self._with_chosen(history.restore_project))
        self.table.selectionModel().currentRowChanged.connect(self._show_state)
        self._model.modelReset.connect(self._show_state)
        self._model.rowsInserted.connect(self._show_state)
        workspace.selection.image_changed.connect(self._show_state)
        self._show_state()

    def _set_up_layout(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.show_image, self.restore_image, self.restore_project):
            # Three in a row must not say how narrow the panels may be.
            button.setProperty("compact", True)
            buttons.addWidget(button)
        below = QVBoxLayout()
        below.setContentsMargins(10, 6, 10, 8)
        below.setSpacing(6)
        below.addWidget(self._details)
        below.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)

    def _entry_at(self, index: QModelIndex) -> HistoryEntry:
        return self._model.entry(index.row())

    def _with_chosen(self, act: Callable[[HistoryEntry], None]) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            act(self._entry_at(index))

    def _show_state(self) -> None:
        index = self.table.currentIndex()
        is_chosen = index.isValid()
        self.show_image.setEnabled(is_chosen)
        # Nothing here was ever as it was in another copy.
        was_here = is_chosen and self._entry_at(index).merge is None
        self.restore_project.setEnabled(was_here)
        has_image = self._workspace.selection.image_id is not None
        self.restore_image.setEnabled(was_here and has_image)
        if is_chosen:
            self._details.setText(self._model.details(self._entry_at(index)))
        elif self._model.rowCount():
            self._details.setText(self.tr("Choose a change to see who made it, or to go back."))
        else:
            self._details.setText(self.tr("Nothing has been changed yet."))


def clock(time: float) -> str:
    """The time of a change of today, else its date."""
    when = datetime.datetime.fromtimestamp(time).astimezone()
    today = datetime.datetime.now().astimezone().date()
    return f"{when:%H:%M}" if when.date() == today else f"{when:%Y-%m-%d}"
