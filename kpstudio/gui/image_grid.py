"""The images as a grid of larger thumbnails, with their skeletons."""

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from kpstudio.core.dataset import Image
from kpstudio.gui.canvas.pose_painter import PosePainter
from kpstudio.gui.glimpse_poses import glimpse_poses
from kpstudio.gui.image_list_model import ImageListModel, paint_signs
from kpstudio.gui.theme import ThemeSwitch, keypoint_colours
from kpstudio.workspace.workspace import Workspace

THUMBNAIL = QSize(160, 120)
MARGIN, CAPTION = 6, 20
CELL = QSize(THUMBNAIL.width() + 2 * MARGIN, THUMBNAIL.height() + CAPTION + 2 * MARGIN)
Index = QModelIndex | QPersistentModelIndex


class ImageGridModel(QAbstractTableModel):
    """The rows of the list, several in a row.

    A list view in icon mode lays out all of a million pictures; a table knows where each one is.
    """

    def __init__(self, images: ImageListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.images = images
        self._columns = 1
        images.modelReset.connect(self._reset)
        images.dataChanged.connect(self._refresh)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else -(-self.images.rowCount() // self._columns)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._columns

    def set_columns(self, columns: int) -> bool:
        """Let a row have so many; False where it has them already."""
        if columns == self._columns:
            return False
        self._columns = columns
        self._reset()
        return True

    def position(self, index: Index) -> int | None:
        """Which image of the list is there; None in the rest of the last row."""
        position = index.row() * self._columns + index.column()
        return position if index.isValid() and position < self.images.rowCount() else None

    def index_of(self, position: int) -> QModelIndex:
        """Where an image of the list is."""
        return self.index(*divmod(position, self._columns))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        position = self.position(index)
        return None if position is None else self.images.data(self.images.index(position), role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        nothing = Qt.ItemFlag.NoItemFlags
        return nothing if self.position(index) is None else super().flags(index)

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _refresh(self, first: QModelIndex, last: QModelIndex) -> None:
        begin, end = first.row() // self._columns, last.row() // self._columns
        self.dataChanged.emit(self.index(begin, 0), self.index(end, self._columns - 1))


class _CellDelegate(QStyledItemDelegate):
    def __init__(self, workspace: Workspace, themes: ThemeSwitch, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._themes = themes
        self._painter: PosePainter | None = None
        workspace.project_changed.connect(self._read_skeleton)
        workspace.labels.skeleton_changed.connect(self._read_skeleton)
        self._read_skeleton()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, ImageGridModel)
        position = model.position(index)
        if position is None:
            return
        theme, image = self._themes.theme, model.images.image(position)
        area: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(area.adjusted(2, 2, -2, -2), 4, 4)
        frame = QRect(area.topLeft(), THUMBNAIL).translated(MARGIN, MARGIN)
        picture = model.data(index, Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QImage):
            self._paint_picture(painter, frame, picture, image)
        else:
            painter.setPen(QColor(theme.border))
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(frame, 3, 3)
        text = QRect(frame.x(), frame.bottom() + 3, frame.width(), CAPTION - 3)
        signs = paint_signs(painter, text, image, model.images, theme)
        self._paint_name(painter, text.adjusted(0, 0, -signs, 0), image, model.images)
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, frame: QRect, picture: QImage, image: Image
    ) -> None:
        target = QRect(
            frame.topLeft(), picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        )
        target.moveCenter(frame.center())
        painter.drawImage(target, picture)
        if self._painter is None or not image.width:
            return
        painter.save()
        painter.setClipRect(target)
        scale = target.width() / image.width
        painter.translate(QPointF(target.topLeft()))
        painter.scale(scale, scale)
        # Pixel centres are at integers: the first one lies half a pixel inside.
        painter.translate(0.5, 0.5)
        self._painter.paint(painter, glimpse_poses(self._workspace.glimpses, image.id))
        painter.restore()

    def _paint_name(
        self, painter: QPainter, text: QRect, image: Image, images: ImageListModel
    ) -> None:
        theme = self._themes.theme
        colour = QColor(images.colour(image, theme))
        painter.setPen(QPen(colour, 1.6))
        painter.setBrush(colour if images.is_labelled(image) else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(text.x() + 1, text.center().y() - 3, 7, 7)
        painter.setPen(QColor(theme.text))
        name = painter.fontMetrics().elidedText(
            image.name, Qt.TextElideMode.ElideMiddle, text.width() - 13
        )
        painter.drawText(text.adjusted(13, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)

    def _read_skeleton(self) -> None:
        skeleton = self._workspace.labels.skeleton
        self._painter = (
            PosePainter(skeleton.edges, keypoint_colours(skeleton), skeleton.keypoints)
            if skeleton
            else None
        )


class ImageGrid(QTableView):
    """Choosing a cell chooses its image.

    Signals:
        chosen(position): In the list.
        entered: Enter was pressed: the person wants to work on the image.
    """

    chosen = Signal(int)
    entered = Signal()

    def __init__(self, workspace: Workspace, images: ImageListModel, themes: ThemeSwitch) -> None:
        super().__init__()
        self.setObjectName("image_grid")
        self.setAccessibleName(self.tr("Images"))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for header, size in (
            (self.horizontalHeader(), CELL.width()),
            (self.verticalHeader(), CELL.height()),
        ):
            header.hide()
            header.setMinimumSectionSize(1)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
        self._position: int | None = None
        self._model = ImageGridModel(images, self)
        self.setModel(self._model)
        self.setItemDelegate(_CellDelegate(workspace, themes, self))
        self.selectionModel().currentChanged.connect(self._choose)
        self._model.modelReset.connect(self._show_position)
        workspace.glimpses.changed.connect(self.viewport().update)
        themes.changed.connect(self.viewport().update)

    @property
    def columns(self) -> int:
        return self._model.columnCount()

    def show_position(self, position: int | None) -> None:
        """Select an image of the list, or none."""
        self._position = position
        self._show_position()

    def event(self, event: QEvent) -> bool:
        """Enter is meant for the grid, not for the window's shortcut."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Left and right go on in the next row; the ends are those of the list."""
        count, start = self._model.images.rowCount(), self._model.position(self.currentIndex())
        if start is None or not count:
            return super().moveCursor(action, modifiers)
        page = max(1, self.viewport().height() // CELL.height()) * self.columns
        kind = QAbstractItemView.CursorAction
        steps = {
            kind.MoveLeft: -1,
            kind.MoveRight: 1,
            kind.MoveUp: -self.columns,
            kind.MoveDown: self.columns,
            kind.MovePageUp: -page,
            kind.MovePageDown: page,
            kind.MoveHome: -count,
            kind.MoveEnd: count,
        }
        position = min(max(start + steps.get(action, 0), 0), count - 1)
        return self._model.index_of(position)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._model.set_columns(max(1, self.viewport().width() // CELL.width()))

    def _choose(self, current: QModelIndex) -> None:
        position = self._model.position(current)
        if position is not None and position != self._position:
            self._position = position
            self.chosen.emit(position)

    def _show_position(self) -> None:
        if self._position is None or self._position >= self._model.images.rowCount():
            self.selectionModel().clear()
            return
        index = self._model.index_of(self._position)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
        self.scrollTo(index)
