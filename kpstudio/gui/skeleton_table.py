"""The keypoints of a skeleton that is being edited, a row each."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRegularExpression,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from kpstudio.core.skeleton import COCO_DEFAULT_SIGMA
from kpstudio.gui.draft_model import COLOUR, LABELS, MIRROR, NAME, SIDE, SIGMA, DraftModel
from kpstudio.gui.plain_table import set_up_table

_NUMBER = QRegularExpression(r"\d{0,4}([.,]\d{0,6})?")
Index = QModelIndex | QPersistentModelIndex


class DraftDelegate(QStyledItemDelegate):
    """Fields for names and numbers, lists for partners and sides.

    Attributes:
        editor: The one that was opened last; only while the view is editing it is still there.
    """

    editor: QWidget | None = None

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, DraftModel)
        self.editor = self._made(model, parent, option, index)
        return self.editor

    def _made(
        self, model: DraftModel, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        if index.column() in (MIRROR, SIDE):
            choice = QComboBox(parent)
            choice.setMaxVisibleItems(16)
            self._fill(choice, model, index)
            choice.activated.connect(lambda _: self._finish(choice))
            # When it has its place in the table: who opened it wants the list, not the field.
            QTimer.singleShot(0, choice, choice.showPopup)
            return choice
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit) and index.column() == SIGMA:
            editor.setPlaceholderText(f"{COCO_DEFAULT_SIGMA:g}")
            editor.setValidator(QRegularExpressionValidator(_NUMBER, editor))
        return editor

    def _fill(self, choice: QComboBox, model: DraftModel, index: Index) -> None:
        if index.column() == SIDE:
            choice.addItem(self.tr("left"), "left")
            choice.addItem(self.tr("right"), "right")
            return
        choice.addItem(self.tr("none"), None)
        key = model.key(index.row())
        for each in model.draft.keypoints:
            if each.key != key:
                choice.addItem(each.name, each.key)

    def _finish(self, editor: QComboBox) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(index.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        elif isinstance(editor, QLineEdit):
            model.setData(index, editor.text())


class SkeletonTable(QTableView):
    """Rows to rename, pair, order and remove.

    Insert adds a keypoint, Delete removes the selected ones, Alt with an arrow moves them.

    Signals:
        keys_selected: Other rows are selected.
        colour_wanted(key): A swatch was double-clicked.
    """

    keys_selected = Signal()
    colour_wanted = Signal(int)

    def __init__(self, model: DraftModel) -> None:
        super().__init__()
        self._draft_model = model
        self.setObjectName("skeleton_keypoints")
        self.setAccessibleName(self.tr("Keypoints of the skeleton"))
        self.setModel(model)
        self._delegate = DraftDelegate(self)
        self.setItemDelegate(self._delegate)
        set_up_table(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)
        self._set_up_columns()
        model.keys_wanted.connect(self.select_keys)
        self.selectionModel().selectionChanged.connect(lambda *_: self.keys_selected.emit())
        self.doubleClicked.connect(self._open)

    def _set_up_columns(self) -> None:
        modes, header = QHeaderView.ResizeMode, self.horizontalHeader()
        header.setSectionResizeMode(modes.Fixed)
        for column, mode in ((NAME, modes.Stretch), (MIRROR, modes.Stretch)):
            header.setSectionResizeMode(column, mode)
        header.setMinimumSectionSize(20)
        for column, width in ((COLOUR, 30), (SIDE, 62), (SIGMA, 66), (LABELS, 62)):
            self.setColumnWidth(column, width)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(modes.Fixed)
        rows.setDefaultSectionSize(26)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        rows.setHighlightSections(False)
        rows.show()

    @property
    def selected_keys(self) -> tuple[int, ...]:
        """From the first row to the last."""
        rows = sorted({index.row() for index in self.selectionModel().selectedIndexes()})
        return tuple(self._draft_model.key(row) for row in rows)

    def select_keys(self, keys: Sequence[int]) -> None:
        """Select rows, and bring the first into view."""
        model, draft = self._draft_model, self._draft_model.draft
        rows = [row for row, each in enumerate(draft.keypoints) if each.key in keys]
        chosen = QItemSelection()
        for row in rows:
            chosen.select(model.index(row, 0), model.index(row, LABELS))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flags.ClearAndSelect)
        if rows:
            current = model.index(rows[0], NAME)
            self.selectionModel().setCurrentIndex(current, flags.NoUpdate)
            self.scrollTo(current)
        self.keys_selected.emit()

    def edit_name(self, key: int) -> None:
        """Let the person type the name of a keypoint."""
        self.select_keys((key,))
        self.edit(self._draft_model.index(self._draft_model.draft.index(key), NAME))

    def finish_typing(self) -> None:
        """Take over what stands in a field that is still open."""
        editor = self._delegate.editor
        if self.state() == QAbstractItemView.State.EditingState and editor is not None:
            self.commitData(editor)
            self.closeEditor(editor, QStyledItemDelegate.EndEditHint.NoHint)

    def add(self) -> None:
        """A new keypoint below the selected ones, whose name is typed next."""
        model, keys = self._draft_model, self.selected_keys
        before = model.draft.index(keys[-1]) + 1 if keys else None
        draft, key = model.draft.with_added(before)
        model.change(draft)
        self.name_new(key)

    def name_new(self, key: int) -> None:
        """Let the name of a keypoint be typed that has just been added."""
        self.setFocus()
        self.edit_name(key)

    def remove(self) -> None:
        """Remove the selected keypoints."""
        model, keys = self._draft_model, self.selected_keys
        if not keys:
            return
        first = model.draft.index(keys[0])
        model.change(model.draft.without(keys))
        left = model.draft.keypoints
        self.select_keys((left[min(first, len(left) - 1)].key,) if left else ())

    def move_rows(self, step: int) -> None:
        """Move the selected keypoints one row up (-1) or down (1)."""
        model, keys = self._draft_model, self.selected_keys
        if not keys:
            return
        draft = model.draft
        before = draft.index(keys[0]) - 1 if step < 0 else draft.index(keys[-1]) + 2
        model.change(draft.with_moved(keys, before))
        self.select_keys(keys)

    def _open(self, index: QModelIndex) -> None:
        if index.column() == COLOUR:
            self.colour_wanted.emit(self._draft_model.key(index.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_Insert:
            self.add()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        elif is_alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_rows(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # In a dialog it would press OK, which nobody means who wants to rename a row. The one
            # that ends the typing comes here, too.
            is_typing = self.state() == QAbstractItemView.State.EditingState
            if self.currentIndex().isValid() and not is_typing:
                self.edit(self.currentIndex().siblingAtColumn(NAME))
        else:
            super().keyPressEvent(event)
