"""The keypoints of the selected annotation: name, visibility, position."""

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE
from kpstudio.gui.image_list_panel import Index
from kpstudio.gui.theme import keypoint_colours
from kpstudio.workspace.workspace import Workspace


def colour_dot(colour: QColor) -> QIcon:
    """A round swatch for a table row, of the same colour in a selected one."""
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QColor(0, 0, 0, 120))
    painter.setBrush(colour)
    painter.drawEllipse(4, 4, 16, 16)
    painter.end()
    pixmap.setDevicePixelRatio(2)
    dot = QIcon(pixmap)
    dot.addPixmap(pixmap, QIcon.Mode.Selected)
    return dot


class KeypointModel(QAbstractTableModel):
    """One row per keypoint of the skeleton."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._dots: list[QIcon] = []
        workspace.project_changed.connect(self._reset)
        workspace.labels.skeleton_changed.connect(self._reset)
        workspace.labels.annotations_changed.connect(self._refresh)
        workspace.selection.subject_changed.connect(self._refresh)
        self._reset()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        skeleton = self._workspace.labels.skeleton
        return len(skeleton) if skeleton and not parent.isValid() else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (self.tr("Keypoint"), self.tr("Visibility"), self.tr("x, y"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        skeleton, row = self._workspace.labels.skeleton, index.row()
        if skeleton is None:
            return None
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._dots[row]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return (skeleton.keypoints[row], self._visibility(row), self._position(row))[
                index.column()
            ]
        return None

    def _visibility(self, row: int) -> str:
        annotation = self._workspace.labels.selected
        if annotation is None:
            return ""
        return {
            VISIBLE: self.tr("visible"),
            OCCLUDED: self.tr("occluded"),
            NOT_LABELLED: self.tr("–"),
        }[int(annotation.visibility[row])]

    def _position(self, row: int) -> str:
        annotation = self._workspace.labels.selected
        if annotation is None or not np.isfinite(annotation.xy[row]).all():
            return ""
        x, y = annotation.xy[row]
        return f"{x:.1f}, {y:.1f}"

    def _reset(self) -> None:
        self.beginResetModel()
        skeleton = self._workspace.labels.skeleton
        self._dots = [colour_dot(c) for c in keypoint_colours(skeleton)] if skeleton else []
        self.endResetModel()

    def _refresh(self) -> None:
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, 2))


class KeypointPanel(QWidget):
    """A double click cycles a keypoint's visibility; while placing, a click chooses the next."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.table = QTableView()
        self.table.setObjectName("keypoints")
        self.table.setAccessibleName(self.tr("Keypoints of the selected annotation"))
        self.table.setModel(KeypointModel(workspace, self))
        set_up_table(self.table)
        self.table.setToolTip(self.tr("Double click: visible, occluded, not labelled"))
        self._state = QLabel()
        self._state.setProperty("muted", True)
        self._state.setWordWrap(True)
        self._state.setContentsMargins(10, 6, 10, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._state)
        layout.addWidget(self.table, 1)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.doubleClicked.connect(self._cycle)
        workspace.selection.subject_changed.connect(self._follow)
        workspace.labels.annotations_changed.connect(self._follow)
        workspace.placing.changed.connect(self._follow)
        workspace.project_changed.connect(self._follow)
        workspace.labels.skeleton_changed.connect(self._follow)
        self._follow()

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid():
            self._workspace.selection.select_keypoint(current.row())

    def _cycle(self, index: QModelIndex) -> None:
        annotation = self._workspace.labels.selected
        if annotation is not None:
            self._workspace.labels.cycle_visibility(annotation.id, index.row())

    def _follow(self) -> None:
        follow_row(self.table, self._workspace.selection.keypoint)
        self._state.setText(self._advice())

    def _advice(self) -> str:
        labels, selection = self._workspace.labels, self._workspace.selection
        skeleton = labels.skeleton
        if skeleton is None or selection.image_id is None:
            return self.tr("Open an image to label it.")
        following = self._workspace.placing.next_keypoint
        if following is not None:
            name = skeleton.keypoints[following]
            return self.tr("Click where {0} is. Right click: occluded. X: skip it.").format(name)
        if selection.ghost is not None:
            return self.tr("A prediction is selected. Enter accepts it.")
        if labels.selected is None:
            return self.tr("{0} annotations here. Click one, or press N for a new one.").format(
                len(labels.annotations)
            )
        done = int(labels.selected.is_labelled.sum())
        return self.tr("{0} of {1} keypoints labelled. Source: {2}.").format(
            done, len(skeleton), labels.selected.source
        )


def set_up_table(table: QTableView) -> None:
    """Rows that are chosen as a whole, and columns that fit."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)


def follow_row(table: QTableView, row: int | None) -> None:
    """Let a table show which keypoint is selected."""
    if row is None:
        table.selectionModel().clear()
    elif row != table.currentIndex().row():
        flags = (
            QItemSelectionModel.SelectionFlag.ClearAndSelect
            | QItemSelectionModel.SelectionFlag.Rows
        )
        table.selectionModel().setCurrentIndex(table.model().index(row, 0), flags)
