"""The draft of a skeleton as the rows of a table, and how it is undone."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QWidget

from kpstudio.core.skeleton import COCO_DEFAULT_SIGMA
from kpstudio.core.skeleton_draft import SkeletonDraft
from kpstudio.gui.colour_dot import colour_dot
from kpstudio.gui.side_palettes import side_colours

COLOUR, NAME, MIRROR, SIDE, SIGMA, LABELS = range(6)
_MIME = "application/x-kpstudio-keypoints"
Index = QModelIndex | QPersistentModelIndex


def draft_colour(draft: SkeletonDraft, key: int) -> QColor:
    """A keypoint's own colour, or else that of its side."""
    return QColor(draft.keypoint(key).colour or side_colours()[draft.side(key)])


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
