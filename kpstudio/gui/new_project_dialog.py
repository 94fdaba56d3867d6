"""Which keypoints a new project shall have."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.core.skeleton_draft import SkeletonDraft
from kpstudio.gui.skeleton_dialog import SkeletonDialog
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.skeleton_source import skeleton_from_file, supplied_skeletons


class NewProjectDialog(QDialog):
    """The supplied skeletons, one from a file, or one that is made here.

    Args:
        themes: Colours.
        parent: Of the dialog.
    """

    def __init__(self, themes: ThemeSwitch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New project"))
        self._themes = themes
        self._skeletons: list[Skeleton] = []
        self.choices = QListWidget()
        self.choices.setObjectName("skeletons")
        self.choices.setAccessibleName(self.tr("Skeletons"))
        self._title, self._summary, self._names = QLabel(), QLabel(), QLabel()
        self.message = QLabel()
        self.message.setObjectName("message")
        self.message.setWordWrap(True)
        self.message.setProperty("fit", "misleading")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.create_button = self.buttons.addButton(
            self.tr("Create…"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.create_button.setProperty("primary", True)
        self.create_button.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._set_up()
        self.choices.currentRowChanged.connect(self._show)
        self.choices.itemActivated.connect(lambda _: self.accept())
        for skeleton in supplied_skeletons():
            self._add(skeleton)
        self.choices.setCurrentRow(0)
        self.choices.setFocus()

    @property
    def skeleton(self) -> Skeleton:
        """The one that is chosen."""
        return self._skeletons[self.choices.currentRow()]

    def _set_up(self) -> None:
        question = QLabel(self.tr("What is labelled?"))
        question.setProperty("heading", True)
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addLayout(self._sources(), 2)
        columns.addLayout(self._details(), 3)
        last = QHBoxLayout()
        last.setSpacing(20)
        last.addWidget(self.message, 1)
        last.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(question)
        layout.addLayout(columns, 1)
        layout.addLayout(last)
        self.resize(760, 460)

    def _sources(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self.choices, 1)
        file_tip = self.tr("A skeleton in JSON, or labels that name their keypoints (COCO, CSV)")
        column.addWidget(self._button("file", self.tr("From a &file…"), self.ask_file, file_tip))
        column.addWidget(self._button("empty", self.tr("My &own keypoints…"), self.make_own))
        return column

    def _details(self) -> QVBoxLayout:
        self._title.setProperty("heading", True)
        self._names.setObjectName("keypoint_names")
        self._summary.setProperty("muted", True)
        for label in (self._title, self._summary, self._names):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._names.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        scroll = QScrollArea()
        scroll.setAccessibleName(self.tr("Names of the keypoints"))
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._names)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._summary)
        column.addWidget(scroll, 1)
        column.addWidget(
            self._button("edit", self.tr("&Edit keypoints…"), self.edit_chosen),
            0,
            Qt.AlignmentFlag.AlignLeft,
        )
        return column

    def _button(self, name: str, text: str, run: Callable[[], None], tip: str = "") -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: run())
        return button

    def _add(self, skeleton: Skeleton) -> None:
        self._skeletons.append(skeleton)
        count = self.tr("{0} keypoints").format(len(skeleton))
        self.choices.addItem(QListWidgetItem(f"{skeleton.name}  ·  {count}"))

    def _show(self) -> None:
        skeleton = self.skeleton
        self.message.clear()
        self._title.setText(skeleton.name)
        self._summary.setText(
            self.tr("Subject: {0}. {1} keypoints, {2} edges, {3} mirrored pairs.").format(
                skeleton.category,
                len(skeleton),
                len(skeleton.edges),
                len(skeleton.flip_pairs),
            )
        )
        self._names.setText(", ".join(skeleton.keypoints))

    # Verbs

    def ask_file(self) -> None:
        """Take the keypoints of a file."""
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("A skeleton, or labels that name their keypoints"),
            "",
            self.tr("Skeletons and labels (*.json *.csv *.h5);;All files (*)"),
        )
        if not name:
            return
        try:
            self._choose_new(skeleton_from_file(Path(name)))
        except UserProblem as problem:
            self.message.setText(str(problem))

    def make_own(self) -> None:
        """Name keypoints from nothing."""
        self._edit(SkeletonDraft(name=self.tr("my keypoints")))

    def edit_chosen(self) -> None:
        """Change the chosen skeleton for the new project; the supplied one stays."""
        self._edit(SkeletonDraft.of(self.skeleton))

    def _edit(self, draft: SkeletonDraft) -> None:
        dialog = SkeletonDialog(draft, self._themes, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._choose_new(dialog.skeleton))
        dialog.open()

    def _choose_new(self, skeleton: Skeleton) -> None:
        self._add(skeleton)
        self.choices.setCurrentRow(len(self._skeletons) - 1)
