"""The subjects of the open image: which individual each is, and how much of it is labelled."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableView, QWidget

from kpstudio.core.annotation import Annotation
from kpstudio.gui.colour_dot import colour_dot
from kpstudio.gui.image_list_panel import Index
from kpstudio.gui.plain_delegate import PlainDelegate
from kpstudio.gui.plain_table import follow_row, set_up_table
from kpstudio.gui.subject_identity import SUBJECT_COLOURS, subject_colour, subject_name
from kpstudio.workspace.workspace import Workspace

NAME, KEYPOINTS, SOURCE = range(3)
MOST_ROWS = 5


class SubjectModel(QAbstractTableModel):
    """One row per annotation of the open image."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._dots: dict[int, QIcon] = {}
        workspace.labels.annotations_changed.connect(self._reset)
        workspace.project_changed.connect(self._reset)

    def annotation(self, row: int) -> Annotation | None:
        annotations = self._workspace.labels.annotations
        return annotations[row] if row < len(annotations) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._workspace.labels.annotations)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (self.tr("Subject"), self.tr("Labelled"), self.tr("Source"))[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        annotation = self.annotation(index.row())
        if annotation is None:
            return None
        if role == Qt.ItemDataRole.EditRole and index.column() == NAME:
            return annotation.track
        if role == Qt.ItemDataRole.DecorationRole and index.column() == NAME:
            return self._dot(index.row())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == NAME:
            return self.tr("Double click: name it, the same in every image")
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == NAME:
            return subject_name(annotation, index.row())
        if index.column() == KEYPOINTS:
            return f"{int(annotation.is_labelled.sum())}/{len(annotation.xy)}"
        return annotation.source

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        annotation = self.annotation(index.row())
        if role != Qt.ItemDataRole.EditRole or annotation is None:
            return False
        self._workspace.subjects.name(annotation.id, str(value))
        return True

    def _dot(self, row: int) -> QIcon:
        place = row % len(SUBJECT_COLOURS)
        if place not in self._dots:
            self._dots[place] = colour_dot(subject_colour(place))
        return self._dots[place]

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()


class SubjectTable(QTableView):
    """Not there while the image has no annotation, and never taller than a few rows."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.setObjectName("subjects")
        self.setAccessibleName(self.tr("Subjects of the open image"))
        self.setModel(SubjectModel(workspace, self))
        set_up_table(self)
        self.setItemDelegate(PlainDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.model().modelReset.connect(self._follow)
        self.selectionModel().currentRowChanged.connect(self._choose)
        workspace.selection.subject_changed.connect(self._follow)
        self._follow()

    @property
    def chosen_ids(self) -> list[str]:
        """Of the rows that are chosen, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        annotations = self._workspace.labels.annotations
        return [annotations[row].id for row in rows if row < len(annotations)]

    def _choose(self, current: QModelIndex) -> None:
        annotations, selection = self._workspace.labels.annotations, self._workspace.selection
        if current.isValid() and current.row() < len(annotations):
            wanted = annotations[current.row()].id
            if wanted != selection.annotation_id:
                selection.select_annotation(wanted, selection.keypoint)

    def _follow(self) -> None:
        annotations = self._workspace.labels.annotations
        self.setVisible(bool(annotations))
        rows = min(len(annotations), MOST_ROWS)
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(header + 24 * rows + 2 * self.frameWidth())
        ids = [each.id for each in annotations]
        chosen = self._workspace.selection.annotation_id
        follow_row(self, ids.index(chosen) if chosen in ids else None)

    def _show_menu(self, at: QPoint) -> None:
        menu, ids = QMenu(self), self.chosen_ids
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        subjects = self._workspace.subjects
        rename = menu.addAction(self.tr("&Name…"), lambda: self.edit(self.currentIndex()))
        rename.setEnabled(len(ids) == 1)
        merge = menu.addAction(self.tr("&Merge"), lambda: subjects.merge(ids))
        merge.setEnabled(len(ids) > 1)
        menu.addAction(self.tr("&Delete"), lambda: subjects.delete(ids)).setEnabled(bool(ids))
        menu.popup(self.viewport().mapToGlobal(at))
