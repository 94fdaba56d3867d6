"""The conflicts of a merge in a table, in which each has its choice."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from kpstudio.core.merge import Choice
from kpstudio.gui.conflict_model import IMAGE, KEEP, OURS, THEIRS, WHAT, ConflictModel
from kpstudio.gui.plain_table import set_up_table
from kpstudio.gui.theme import ThemeSwitch

CHOICES: tuple[Choice, ...] = ("both", "ours", "theirs")
SEGMENT_WIDTH, MARGIN = 50, 4
Index = QModelIndex | QPersistentModelIndex


class ChoiceDelegate(QStyledItemDelegate):
    """Three words in a row, of which a click chooses one."""

    def __init__(self, model: ConflictModel, themes: ThemeSwitch, parent: QTableView) -> None:
        super().__init__(parent)
        self._model, self._themes = model, themes

    def segment(self, cell: QRect, choice: Choice) -> QRect:
        """Where a choice is in its cell."""
        left = cell.left() + MARGIN + CHOICES.index(choice) * SEGMENT_WIDTH
        return QRect(left, cell.top() + 3, SEGMENT_WIDTH, cell.height() - 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, theme = index.row(), self._themes.theme
        words = {"both": self.tr("Both"), "ours": self.tr("Ours"), "theirs": self.tr("Theirs")}
        cell: QRect = option.rect
        state: QStyle.StateFlag = option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if is_selected:
            painter.fillRect(cell, QColor(theme.accent))
        for choice in self._model.conflict(row).choices:
            area = self.segment(cell, choice)
            text = theme.on_accent if is_selected else theme.muted
            if self._model.choice(row) == choice:
                text = theme.accent if is_selected else theme.on_accent
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(theme.on_accent if is_selected else theme.accent))
                painter.drawRoundedRect(area, 4, 4)
            painter.setPen(QColor(text))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words[choice])
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,  # noqa: ARG002
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """A click on a word."""
        if event.type() != QEvent.Type.MouseButtonRelease or not isinstance(event, QMouseEvent):
            return False
        at = event.position().toPoint()
        for choice in self._model.conflict(index.row()).choices:
            if self.segment(option.rect, choice).contains(at):
                self._model.choose([index.row()], choice)
                return True
        return False


class MiddleElidingDelegate(QStyledItemDelegate):
    """Names of images differ at their ends, where words do not."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class ConflictTable(QTableView):
    """Rows to choose in; several can be selected, and are decided together."""

    def __init__(self, model: ConflictModel, themes: ThemeSwitch) -> None:
        super().__init__()
        self._conflict_model = model
        self.setObjectName("conflicts")
        self.setAccessibleName(self.tr("Conflicts; B, O or T chooses what is kept"))
        self.setModel(model)
        self.choices = ChoiceDelegate(model, themes, self)
        self._names = MiddleElidingDelegate(self)
        self.setItemDelegateForColumn(KEEP, self.choices)
        self.setItemDelegateForColumn(IMAGE, self._names)
        set_up_table(self)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalHeader().setDefaultSectionSize(28)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(KEEP, QHeaderView.ResizeMode.Fixed)
        for column, width in (
            (IMAGE, 150),
            (OURS, 92),
            (THEIRS, 92),
            (KEEP, 3 * SEGMENT_WIDTH + 2 * MARGIN),
        ):
            header.resizeSection(column, width)

    @property
    def selected_rows(self) -> tuple[int, ...]:
        return tuple(sorted(index.row() for index in self.selectionModel().selectedRows()))

    def choose(self, choice: Choice) -> None:
        """Keep that of the selected conflicts, and go on to the one after them."""
        rows = self.selected_rows
        if not rows:
            return
        self._conflict_model.choose(rows, choice)
        following = min(rows[-1] + 1, self._conflict_model.rowCount() - 1)
        if len(rows) == 1:
            self.selectRow(following)
