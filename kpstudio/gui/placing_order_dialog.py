"""In which order clicks place the keypoints."""

from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kpstudio.gui.colour_dot import colour_dot
from kpstudio.gui.theme import keypoint_colours
from kpstudio.workspace.workspace import Workspace


class PlacingOrderDialog(QDialog):
    """The keypoints in a list, in which they are dragged or moved by buttons."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("placing_order")
        self.setWindowTitle(self.tr("Order of placing"))
        self._workspace = workspace
        advice = QLabel(
            self.tr("Clicks place the keypoints from the top. Drag a line to another place.")
        )
        advice.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Keypoints in the order of placing"))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.up, self.down = QPushButton(self.tr("&Up")), QPushButton(self.tr("&Down"))
        self.reset = buttons.addButton(
            self.tr("&As skeleton"), QDialogButtonBox.ButtonRole.ResetRole
        )
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.reset.clicked.connect(lambda: self._fill(range(self.list.count())))
        buttons.accepted.connect(self._store)
        buttons.rejected.connect(self.reject)
        # They move a line and decide nothing, so they stand beside the list and not below it.
        moving = QVBoxLayout()
        for button in (self.up, self.down):
            button.setAutoDefault(False)
            moving.addWidget(button)
        moving.addStretch(1)
        middle = QHBoxLayout()
        middle.addWidget(self.list, 1)
        middle.addLayout(moving)
        layout = QVBoxLayout(self)
        layout.addWidget(advice)
        layout.addLayout(middle, 1)
        layout.addWidget(buttons)
        self.resize(420, 480)
        self._fill(workspace.placing.order)

    def _fill(self, order: range | tuple[int, ...]) -> None:
        skeleton = self._workspace.labels.skeleton
        if skeleton is None:
            return
        self.list.clear()
        colours = keypoint_colours(skeleton)
        for index in order:
            self.list.addItem(
                QListWidgetItem(colour_dot(colours[index]), skeleton.keypoints[index])
            )
        self.list.setCurrentRow(0)

    def _move(self, by: int) -> None:
        row = self.list.currentRow()
        if 0 <= row + by < self.list.count():
            self.list.insertItem(row + by, self.list.takeItem(row))
            self.list.setCurrentRow(row + by)

    def _store(self) -> None:
        names = [self.list.item(row).text() for row in range(self.list.count())]
        skeleton = self._workspace.labels.skeleton
        is_plain = skeleton is not None and names == list(skeleton.keypoints)
        self._workspace.placing.set_order([] if is_plain else names)
        self.accept()
