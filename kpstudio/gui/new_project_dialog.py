"""From images to a project that is ready to be labelled: what, which keypoints, where."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
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
from kpstudio.gui.elided_label import ElidedLabel
from kpstudio.gui.problem_words import problem_text
from kpstudio.gui.skeleton_dialog import SkeletonDialog
from kpstudio.gui.skeleton_picture import ICON, SkeletonPicture, skeleton_icon
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.first_picture import FirstPicture, first_picture
from kpstudio.workspace.project_sources import check_sources
from kpstudio.workspace.skeleton_source import (
    skeleton_from_file,
    skeleton_named_in,
    supplied_pose,
    supplied_skeletons,
)

SUFFIX = ".kps"

Found = TypeVar("Found")


class NewProjectDialog(QDialog):
    """Images or none yet; a supplied skeleton, one from a file, or one that is made here.

    Args:
        themes: Colours.
        parent: Of the dialog.
        sources: Files and folders of images to begin with.
        create: Makes the project file; what is wrong then is said while all can still be mended.
    """

    def __init__(
        self,
        themes: ThemeSwitch,
        parent: QWidget | None = None,
        *,
        sources: Sequence[Path] = (),
        create: Callable[[Path, Skeleton], None] = lambda _path, _skeleton: None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New project"))
        self.setAcceptDrops(True)
        self._themes, self._create = themes, create
        self._skeletons: list[Skeleton] = []
        self._poses: list[NDArray[np.float64] | None] = []
        self._clicked: dict[int, tuple[FirstPicture, NDArray[np.float64]]] = {}
        self.sources: tuple[Path, ...] = ()
        self.choices = QListWidget()
        self.choices.setObjectName("skeletons")
        self.choices.setAccessibleName(self.tr("Skeletons"))
        self.choices.setIconSize(ICON)
        self.choices.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.choices.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._images = ElidedLabel()
        self._images.setObjectName("images")
        self.place = QLineEdit()
        self.place.setObjectName("path")
        self.place.setAccessibleName(self.tr("Project file"))
        self.place.setPlaceholderText(self.tr("Asked when the project is created"))
        self._title, self._summary, self._names = QLabel(), QLabel(), QLabel()
        self._picture = SkeletonPicture(themes)
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
            self._add(skeleton, supplied_pose(skeleton))
        self.choices.setCurrentRow(0)
        self._images.setText(self.tr("None yet. Drop a folder or a video here."))
        self._by_clicks.setEnabled(False)
        if sources:
            self.take_sources(sources)
        self.choices.setFocus()

    @property
    def skeleton(self) -> Skeleton:
        """The one that is chosen."""
        return self._skeletons[self.choices.currentRow()]

    @property
    def project(self) -> Path | None:
        """Where the project file shall be; None if that is still to be asked."""
        text = self.place.text().strip()
        if not text:
            return None
        path = Path(text if text.endswith(SUFFIX) else text + SUFFIX)
        try:
            return path.expanduser()
        except RuntimeError:
            # Nobody is called so: it is the name of a file.
            return path

    @property
    def first_labels(self) -> tuple[Path, NDArray[np.float64]] | None:
        """The image on which the chosen keypoints were clicked, and (K, 2) where."""
        found = self._clicked.get(self.choices.currentRow())
        return None if found is None else (found[0].path, found[1])

    # Composition

    def _set_up(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addLayout(self._skeleton_sources(), 2)
        columns.addLayout(self._details(), 3)
        last = QHBoxLayout()
        last.setSpacing(20)
        last.addWidget(self.message, 1)
        last.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(_heading(self.tr("1 · Which images?")))
        layout.addLayout(self._image_row())
        layout.addWidget(_heading(self.tr("2 · What is labelled?")))
        layout.addLayout(columns, 1)
        layout.addWidget(_heading(self.tr("3 · Where shall the project be?")))
        layout.addLayout(self._place_row())
        layout.addLayout(last)
        self.resize(860, 640)

    def _image_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self._images, 1)
        row.addWidget(self._button("folder", self.tr("Fo&lder…"), self.ask_folder))
        row.addWidget(self._button("video", self.tr("&Video or file…"), self.ask_video))
        return row

    def _place_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.place, 1)
        row.addWidget(self._button("place", self.tr("C&hoose…"), self.ask_place))
        return row

    def _skeleton_sources(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self.choices, 1)
        buttons = QGridLayout()
        buttons.setSpacing(8)
        file_tip = self.tr("A skeleton in JSON, or labels that name their keypoints (COCO, CSV)")
        self._by_clicks = self._button(
            "by_clicks",
            self.tr("&Click them on the first image…"),
            self.make_by_clicks,
            self.tr("Click each keypoint and type its name"),
        )
        buttons.addWidget(self._by_clicks, 0, 0, 1, 2)
        buttons.addWidget(self._button("file", self.tr("From a &file…"), self.ask_file, file_tip))
        own = self._button("empty", self.tr("My &own keypoints…"), self.make_own)
        buttons.addWidget(own, 1, 1)
        column.addLayout(buttons)
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
        column.addWidget(self._picture, 3)
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
        button.clicked.connect(lambda _=False: run())
        return button

    def _add(self, skeleton: Skeleton, pose: NDArray[np.float64] | None = None) -> None:
        self._skeletons.append(skeleton)
        self._poses.append(pose)
        count = self.tr("{0} keypoints").format(len(skeleton))
        icon = skeleton_icon(skeleton, pose, self._themes.theme.canvas)
        self.choices.addItem(QListWidgetItem(icon, f"{skeleton.name}  ·  {count}"))

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
        self._picture.show_skeleton(skeleton, self._poses[self.choices.currentRow()])

    # Images

    def take_sources(self, sources: Sequence[Path]) -> None:
        """Begin with these files and folders; labels among them may name the keypoints."""
        try:
            _waiting(lambda: check_sources(sources))
        except UserProblem as problem:
            self.message.setText(problem_text(problem))
            return
        self.message.clear()
        self.sources = tuple(sources)
        self._by_clicks.setEnabled(True)
        self._images.setText(", ".join(str(each) for each in sources))
        self.place.setText(str(_free_place(self.sources[0])))
        self.create_button.setText(self.tr("Create"))
        named = _waiting(lambda: skeleton_named_in(self.sources))
        if named is not None:
            self._choose_new(named)

    def ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, self.tr("A folder of images, or a DeepLabCut project")
        )
        if folder:
            self.take_sources([Path(folder)])

    def ask_video(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("A file of labels, a video or an image"), "", self.tr("All files (*)")
        )
        if name:
            self.take_sources([Path(name)])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.take_sources(paths)

    def ask_place(self) -> None:
        """Ask where the project file shall be."""
        name, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Where shall the project be?"),
            self.place.text(),
            self.tr("kpstudio projects (*.kps)"),
        )
        if name:
            self.place.setText(name)

    # Keypoints

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
            self.message.setText(problem_text(problem))

    def make_own(self) -> None:
        """Name keypoints from nothing."""
        self._edit(SkeletonDraft(name=self.tr("my keypoints")))

    def make_by_clicks(self) -> None:
        """Click the keypoints on the first image and name them."""
        try:
            picture = _waiting(lambda: first_picture(self.sources))
        except UserProblem as problem:
            self.message.setText(problem_text(problem))
            return
        draft = SkeletonDraft(name=self.tr("my keypoints"))
        dialog = SkeletonDialog(draft, self._themes, picture=picture.pixels, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._take_clicked(dialog, picture))
        dialog.open()

    def edit_chosen(self) -> None:
        """Change the chosen skeleton for the new project; the supplied one stays."""
        self._edit(SkeletonDraft.of(self.skeleton), self._poses[self.choices.currentRow()])

    def _edit(self, draft: SkeletonDraft, pose: NDArray[np.float64] | None = None) -> None:
        dialog = SkeletonDialog(draft, self._themes, pose=pose, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._choose_new(dialog.skeleton))
        dialog.open()

    def _take_clicked(self, dialog: SkeletonDialog, picture: FirstPicture) -> None:
        clicked = dialog.clicked
        # Names tell which are left and right; who has paired them already knows better.
        draft = dialog.draft if dialog.draft.flip_pairs else dialog.draft.with_pairs_by_name()
        is_whole = clicked is not None and bool(np.isfinite(clicked).all())
        self._choose_new(draft.skeleton(), clicked if is_whole else None)
        if clicked is not None:
            self._clicked[self.choices.currentRow()] = picture, clicked

    def _choose_new(self, skeleton: Skeleton, pose: NDArray[np.float64] | None = None) -> None:
        self._add(skeleton, supplied_pose(skeleton) if pose is None else pose)
        self.choices.setCurrentRow(len(self._skeletons) - 1)

    # The end

    def accept(self) -> None:
        """Create; where that cannot be done, nothing that was chosen or typed is lost."""
        if self.project is None:
            self.ask_place()
        project = self.project
        if project is None:
            return
        try:
            if os.path.lexists(project):
                raise UserProblem(
                    self.tr("{0} is there already.").format(project.name),
                    self.tr("Choose another name."),
                )
            _waiting(lambda: self._create(project, self.skeleton))
        except UserProblem as problem:
            self.message.setText(problem_text(problem))
            self.place.setFocus()
            return
        super().accept()


def _waiting(work: Callable[[], Found]) -> Found:
    QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        return work()
    finally:
        QApplication.restoreOverrideCursor()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("heading", True)
    return label


def _free_place(source: Path) -> Path:
    """A project file beside the images, of their name, that is not there yet."""
    name = source.resolve().name if source.is_dir() else source.stem
    folder = source if source.is_dir() else source.parent
    number, place = 2, folder / f"{name}{SUFFIX}"
    while place.exists():
        place = folder / f"{name}-{number}{SUFFIX}"
        number += 1
    return place
