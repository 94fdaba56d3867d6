"""The images of the project as rows, and the signs that say what is known of each."""

from collections import OrderedDict

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    Qt,
)
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from kpstudio.core.dataset import Image
from kpstudio.gui.canvas.drawn_picture import pixels_image
from kpstudio.gui.problem_words import problem_text
from kpstudio.gui.review_badge import SIZE, paint_flag, paint_question, paint_review, review_words
from kpstudio.gui.theme import Theme
from kpstudio.workspace.marks import FLAG
from kpstudio.workspace.workspace import Workspace

Index = QModelIndex | QPersistentModelIndex


class ImageListModel(QAbstractListModel):
    """The images of the project as rows; asks for a thumbnail only when a row is drawn."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._pictures: OrderedDict[int, QImage] = OrderedDict()
        workspace.images_changed.connect(self._reset)
        workspace.pixels.thumbnail_read.connect(self._refresh)
        workspace.labels.labelled_changed.connect(self._refresh_all)
        workspace.marks.marks_changed.connect(self._refresh_all)
        workspace.issues.issues_changed.connect(self._refresh_all)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._workspace.images)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        image = self._workspace.images[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return image.name
        if role == Qt.ItemDataRole.ToolTipRole:
            problem = self._workspace.pixels.problem(image.id)
            return problem_text(problem) if problem else f"{image.path}\n{self.words(image)}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(image)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{image.name}, {self.words(image)}"
        return None

    def image(self, row: int) -> Image:
        return self._workspace.images[row]

    def is_labelled(self, image: Image) -> bool:
        return image.id in self._workspace.labels.labelled_image_ids

    def is_broken(self, image: Image) -> bool:
        return self._workspace.pixels.problem(image.id) is not None

    def state(self, image: Image) -> str:
        if self.is_broken(image):
            return self.tr("cannot be read")
        if not self.is_labelled(image):
            return self.tr("not labelled")
        return self.tr("labelled · {0}").format(image.split) if image.split else self.tr("labelled")

    def has_issue(self, image: Image) -> bool:
        return image.id in self._workspace.issues.open_image_ids

    def words(self, image: Image) -> str:
        """All that the signs of a row mean."""
        review = review_words(image.review) if image.review else ""
        issue = self.tr("has an open issue") if self.has_issue(image) else ""
        tags = self.tr("tags: {0}").format(", ".join(image.tags)) if image.tags else ""
        return ", ".join(filter(None, (self.state(image), review, issue, tags)))

    def colour(self, image: Image, theme: Theme) -> str:
        """Of the dot that says its state."""
        if self.is_broken(image):
            return theme.danger
        return theme.good if self.is_labelled(image) else theme.muted

    def forget_pictures(self) -> None:
        """Thumbnails have another size from now on."""
        self._reset()

    def _picture(self, image: Image) -> QImage | None:
        if image.id not in self._pictures:
            pixels = self._workspace.pixels.thumbnail(image)
            if pixels is None:
                return None
            self._pictures[image.id] = pixels_image(pixels)
            while len(self._pictures) > self._workspace.pixels.kept_thumbnails:
                self._pictures.popitem(last=False)
        return self._pictures[image.id]

    def _reset(self) -> None:
        self.beginResetModel()
        self._pictures.clear()
        self.endResetModel()

    def _refresh(self, image_id: int) -> None:
        row = self._workspace.position(image_id)
        if row is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def _refresh_all(self) -> None:
        if self._workspace.images:
            self.dataChanged.emit(self.index(0), self.index(len(self._workspace.images) - 1))


def paint_signs(
    painter: QPainter, text: QRect, image: Image, model: ImageListModel, theme: Theme
) -> int:
    """Draw the signs of review, issues and flags, from the right; returns their width in pixels."""
    right = text.right() + 1
    corner = QPointF(right, text.bottom() + 1 - SIZE)
    if image.review:
        corner -= QPointF(SIZE, 0)
        paint_review(painter, corner, image.review, theme)
        corner -= QPointF(4, 0)
    if model.has_issue(image):
        corner -= QPointF(SIZE, 0)
        paint_question(painter, corner, theme)
        corner -= QPointF(4, 0)
    if FLAG in image.tags:
        corner -= QPointF(SIZE, 0)
        paint_flag(painter, corner, theme)
        corner -= QPointF(4, 0)
    return right - round(corner.x())
