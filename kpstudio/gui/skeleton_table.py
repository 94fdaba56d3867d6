"""The keypoints of a skeleton that is being edited, a row each."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QByteArray,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QRegularExpression,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QRegularExpressionValidator
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
from kpstudio.core.skeleton_draft import SkeletonDraft
from kpstudio.gui.keypoint_panel import colour_dot, set_up_table
from kpstudio.gui.theme import SIDE_COLOURS

COLOUR, NAME, MIRROR, SIDE, SIGMA, LABELS = range(6)
_MIME = "application/x-kpstudio-keypoints"
_NUMBER = QRegularExpression(r"\d{0,4}([.,]\d{0,6})?")
Index = QModelIndex | QPersistentModelIndex


def draft_colour(draft: SkeletonDraft, key: int) -> QColor:
    """A keypoint's own colour, or else that of its side."""
    return QColor(draft.keypoint(key).colour or SIDE_COLOURS[draft.side(key)])


class DraftModel(QAbstractTableModel):
    """The one owner of the draft that is edited.

    Signals:
        draft_changed: It is another.
        keys_wanted(keys): These rows should be selected now.
    """

    draft_changed = Signal()
    keys_wanted = Signal(object)

    def __init__(
        self, draft: SkeletonDraft, counts: dict[str, int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.draft = draft
        self._counts = counts
        self._past: list[SkeletonDraft] = []
        self._future: list[SkeletonDraft] = []
        self._dots: list[QIcon] = []
        self._paint_dots()

    def change(self, draft: SkeletonDraft) -> None:
        """Make the draft another one, which can be undone."""
        if draft != self.draft:
            self._past.append(self.draft)
            self._future.clear()
            self._show(draft)

    def rename(self, *, name: str, category: str) -> None:
        """Other names of the whole; the fields in which they are typed undo them by themselves."""
        self._show(replace(self.draft, name=name, category=category))

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    def undo(self) -> None:
        """Back to the draft before the last change."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Forth to what was undone last."""
        self._step(self._future, self._past)

    def _step(self, source: list[SkeletonDraft], target: list[SkeletonDraft]) -> None:
        if source:
            target.append(self.draft)
            self._show(replace(source.pop(), name=self.draft.name, category=self.draft.category))

    def _show(self, draft: SkeletonDraft) -> None:
        old_keys = [each.key for each in self.draft.keypoints]
        if old_keys == [each.key for each in draft.keypoints]:
            self.draft = draft
            self._paint_dots()
            if old_keys:
                self.dataChanged.emit(self.index(0, 0), self.index(len(old_keys) - 1, LABELS))
        else:
            self.beginResetModel()
            self.draft = draft
            self._paint_dots()
            self.endResetModel()
        self.draft_changed.emit()

    def _paint_dots(self) -> None:
        self._dots = [
            colour_dot(draft_colour(self.draft, each.key)) for each in self.draft.keypoints
        ]

    def key(self, row: int) -> int:
        return self.draft.keypoints[row].key

    def label_count(self, key: int) -> int:
        """How many labels a keypoint has, or would have again."""
        each = self.draft.keypoint(key)
        return self._counts.get(each.origin or each.name, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.draft.keypoints)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return LABELS + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.TextAlignmentRole and section >= SIGMA:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                "",
                self.tr("Name"),
                self.tr("Mirror image"),
                self.tr("Side"),
                self.tr("Sigma"),
                self.tr("Labels"),
            )[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                self.tr("Colour; double click to choose another"),
                self.tr("Double click or F2 to rename; labels go along"),
                self.tr("The keypoint that takes its place when an image is mirrored"),
                self.tr("The subject's own left and right"),
                self.tr("How exactly it can be labelled, for OKS scores: COCO's constants, 0.05"),
                self.tr("How many labels there are; those of a removed keypoint are kept"),
            )[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        each = self.draft.keypoints[row]
        if column == COLOUR:
            if role == Qt.ItemDataRole.DecorationRole:
                return self._dots[row]
            if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
                return each.colour or self.tr("the colour of its side")
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= SIGMA:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and column == SIGMA and each.sigma is None:
            return QColor(128, 136, 148)
        if role == Qt.ItemDataRole.EditRole:
            return self._edited(row, column)
        if role == Qt.ItemDataRole.ToolTipRole and column in (NAME, MIRROR):
            return self._text(row, column)
        return self._text(row, column) if role == Qt.ItemDataRole.DisplayRole else None

    def _edited(self, row: int, column: int) -> object:
        each = self.draft.keypoints[row]
        if column == NAME:
            return each.name
        if column == MIRROR:
            return self.draft.partner(each.key)
        if column == SIDE:
            return self.draft.side(each.key)
        return "" if each.sigma is None else f"{each.sigma:g}"

    def _text(self, row: int, column: int) -> str:
        each = self.draft.keypoints[row]
        if column == NAME:
            return each.name
        if column == MIRROR:
            partner = self.draft.partner(each.key)
            return "" if partner is None else self.draft.keypoint(partner).name
        if column == SIDE:
            words = {"left": self.tr("left"), "right": self.tr("right"), "centre": ""}
            return words[self.draft.side(each.key)]
        if column == SIGMA:
            return f"{COCO_DEFAULT_SIGMA if each.sigma is None else each.sigma:g}"
        count = self.label_count(each.key)
        return f"{count}" if count else "–"

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        draft, key = self.draft, self.key(index.row())
        match index.column():
            case column if column == NAME:
                self.change(draft.with_keypoint(key, name=str(value).strip()))
            case column if column == MIRROR:
                self.change(draft.with_partner(key, value if isinstance(value, int) else None))
            case column if column == SIDE:
                if value != draft.side(key):
                    self.change(draft.with_sides_swapped(key))
            case column if column == SIGMA:
                self.change(draft.with_keypoint(key, sigma=_sigma(str(value))))
            case _:
                return False
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag
        if not index.isValid():
            return flags.ItemIsDropEnabled
        known = flags.ItemIsEnabled | flags.ItemIsSelectable | flags.ItemIsDragEnabled
        if index.column() in (NAME, MIRROR, SIGMA):
            return known | flags.ItemIsEditable
        if index.column() == SIDE and self.draft.partner(self.key(index.row())) is not None:
            return known | flags.ItemIsEditable
        return known

    # Rows that are dragged

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        keys = sorted({self.key(index.row()) for index in indexes})
        data.setData(_MIME, QByteArray(",".join(map(str, keys)).encode()))
        return data

    def dropMimeData(
        self,
        data: QMimeData,
        action: Qt.DropAction,
        row: int,
        column: int,  # noqa: ARG002
        parent: Index,
    ) -> bool:
        """Move the rows; False, so that the view removes none."""
        if action == Qt.DropAction.MoveAction and data.hasFormat(_MIME):
            keys = {int(key) for key in bytes(data.data(_MIME).data()).split(b",")}
            before = row if row >= 0 else parent.row() if parent.isValid() else self.rowCount()
            self.change(self.draft.with_moved(keys, before))
            self.keys_wanted.emit(keys)
        return False


def _sigma(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if value > 0 else None


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
        self.setTabKeyNavigation(False)
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
