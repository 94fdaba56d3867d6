"""The keypoints of the selected annotation: name, visibility, position."""

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE
from kpstudio.gui.colour_dot import colour_dot
from kpstudio.gui.image_list_panel import Index
from kpstudio.gui.plain_delegate import PlainDelegate
from kpstudio.gui.plain_table import fix_columns, follow_row, set_up_table
from kpstudio.gui.subject_table import SubjectTable
from kpstudio.gui.theme import keypoint_colours
from kpstudio.workspace.workspace import Workspace


class KeypointModel(QAbstractTableModel):
    """One row per keypoint of the skeleton."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._dots: list[QIcon] = []
        self._columns: list[list[str]] = [[], [], []]
        workspace.project_changed.connect(self._reset)
        workspace.labels.skeleton_changed.connect(self._reset)
        workspace.settings.changed.connect(self._show_colours)
        workspace.labels.annotations_changed.connect(self._refresh)
        workspace.selection.subject_changed.connect(self._refresh)
        self._reset()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns[0])

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008
        return 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (self.tr("Keypoint"), self.tr("Visibility"), self.tr("x, y"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._dots[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._columns[index.column()][index.row()]
        return None

    def _texts(self) -> list[list[str]]:
        """What each column says."""
        skeleton, annotation = self._workspace.labels.skeleton, self._workspace.labels.selected
        names = list(skeleton.keypoints) if skeleton else []
        if annotation is None:
            return [names, [""] * len(names), [""] * len(names)]
        words = {
            VISIBLE: self.tr("visible"),
            OCCLUDED: self.tr("occluded"),
            NOT_LABELLED: self.tr("–"),
        }
        is_somewhere = np.isfinite(annotation.xy).all(axis=1).tolist()
        return [
            names,
            [words[each] for each in annotation.visibility.tolist()],
            [
                f"{x:.1f}, {y:.1f}" if there else ""
                for (x, y), there in zip(annotation.xy.tolist(), is_somewhere, strict=True)
            ],
        ]

    def _reset(self) -> None:
        self.beginResetModel()
        self._take_colours()
        self._columns = self._texts()
        self.endResetModel()

    def _take_colours(self) -> None:
        skeleton = self._workspace.labels.skeleton
        self._dots = [colour_dot(c) for c in keypoint_colours(skeleton)] if skeleton else []

    def _show_colours(self) -> None:
        self._take_colours()
        if self._dots:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._dots) - 1, 0))

    def _refresh(self) -> None:
        """Only what reads other than before is drawn anew: leafing through images is fast."""
        before, now = self._columns, self._texts()
        if len(before[0]) != len(now[0]):
            self._reset()
            return
        self._columns = now
        for column in range(len(now)):
            pairs = zip(before[column], now[column], strict=True)
            rows = [row for row, (old, new) in enumerate(pairs) if old != new]
            if rows:
                self.dataChanged.emit(self.index(rows[0], column), self.index(rows[-1], column))


class KeypointPanel(QWidget):
    """The subjects of the image, and the keypoints of the selected one.

    A double click cycles a keypoint's visibility; while placing, a click chooses the next.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.table = QTableView()
        self.table.setObjectName("keypoints")
        self.table.setAccessibleName(self.tr("Keypoints of the selected annotation"))
        self.table.setModel(KeypointModel(workspace, self))
        set_up_table(self.table)
        self.table.setItemDelegate(PlainDelegate(self.table))
        words = (self.tr("visible"), self.tr("occluded"))
        fix_columns(self.table, (max(words, key=len), "1234.5, 1234.5"))
        self.table.setToolTip(self.tr("Double click: visible, occluded, not labelled"))
        self._state = QLabel()
        self._state.setProperty("muted", True)
        self._state.setWordWrap(True)
        self._state.setContentsMargins(10, 6, 10, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.subjects = SubjectTable(workspace)
        layout.addWidget(self.subjects)
        layout.addWidget(self._state)
        layout.addWidget(self.table, 1)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.doubleClicked.connect(self._cycle)
        workspace.selection.subject_changed.connect(self._follow)
        workspace.labels.annotations_changed.connect(self._follow)
        workspace.placing.changed.connect(self._follow)
        workspace.key_names.changed.connect(self._follow)
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
        following, key_names = self._workspace.placing.next_keypoint, self._workspace.key_names
        if following is not None:
            name = skeleton.keypoints[following]
            return self.tr("Click where {0} is. Right click: occluded. {1}: skip it.").format(
                name, key_names.of("skip")
            )
        if selection.ghost is not None:
            return self.tr("A prediction is selected. {0} accepts it.").format(
                key_names.of("accept")
            )
        if labels.selected is None:
            return self.tr("{0} annotations here. Click one, or press {1} for a new one.").format(
                len(labels.annotations), key_names.of("begin")
            )
        done = int(labels.selected.is_labelled.sum())
        return self.tr("{0} of {1} keypoints labelled. Source: {2}.").format(
            done, len(skeleton), labels.selected.source
        )
