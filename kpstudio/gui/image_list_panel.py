"""The list of images: thumbnails, names, and which of them are labelled."""

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.errors import UserProblem
from kpstudio.core.image_filter import FILTER_HELP, ImageFilter, Order, with_condition
from kpstudio.gui.filter_menu import FilterMenu
from kpstudio.gui.icons import icon
from kpstudio.gui.image_grid import CELL, THUMBNAIL, ImageGrid
from kpstudio.gui.image_list_model import ImageListModel, Index, paint_signs
from kpstudio.gui.problem_words import problem_text, sentence_text
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.pixels import THUMBNAIL_SIZE
from kpstudio.workspace.workspace import Workspace

__all__ = ["ImageListPanel", "Index"]

ROW_HEIGHT = 64
MINIMUM_WIDTH = 230
PICTURE = QSize(76, 54)
TYPING_PAUSE_MS = 200


class _RowDelegate(QStyledItemDelegate):
    def __init__(self, model: ImageListModel, themes: ThemeSwitch, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(THUMBNAIL_SIZE[0], ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, image = self._themes.theme, self._model.image(index.row())
        area: QRect = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        if is_selected:
            painter.fillRect(area, QColor(theme.raised))
            painter.fillRect(area.x(), area.y(), 3, area.height(), QColor(theme.accent))
        frame = QRect(area.x() + 10, area.y() + 5, PICTURE.width(), PICTURE.height())
        self._paint_picture(painter, frame, index)
        text = area.adjusted(PICTURE.width() + 20, 10, -8, -8)
        name = painter.fontMetrics().elidedText(
            image.name, Qt.TextElideMode.ElideMiddle, text.width()
        )
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        painter.setPen(QColor(theme.text))
        painter.drawText(text, top, name)
        colour = self._model.colour(image, theme)
        signs = paint_signs(painter, text, image, self._model, theme)
        painter.setPen(QColor(theme.muted))
        state = painter.fontMetrics().elidedText(
            self._model.state(image), Qt.TextElideMode.ElideRight, text.width() - 13 - signs
        )
        painter.drawText(text.adjusted(13, 0, 0, 0), bottom, state)
        painter.setPen(QPen(QColor(colour), 1.6))
        if self._model.is_labelled(image):
            painter.setBrush(QColor(colour))
        painter.drawEllipse(text.x() + 1, text.bottom() - 11, 7, 7)
        painter.restore()

    def _paint_picture(self, painter: QPainter, frame: QRect, index: Index) -> None:
        picture = self._model.data(index, Qt.ItemDataRole.DecorationRole)
        if not isinstance(picture, QImage):
            painter.setPen(QColor(self._themes.theme.border))
            painter.setBrush(QColor(self._themes.theme.raised))
            painter.drawRoundedRect(frame, 3, 3)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            return
        size = picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(frame.topLeft(), size)
        target.moveCenter(frame.center())
        painter.drawImage(target, picture)


class ImageListPanel(QWidget):
    """Choosing a row opens its image; the rows can also be a grid.

    Signals:
        entered: The person wants to work on the image that is open.
        widened(width): The grid would like to be so wide, in pixels.
    """

    entered = Signal()
    widened = Signal(int)

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace, self._themes = workspace, themes
        # A list view lays out all rows anew whenever one has changed: seconds for a million.
        self.view = QTableView()
        self.view.setMinimumWidth(MINIMUM_WIDTH)
        self.view.setObjectName("image_list")
        self.view.setAccessibleName(self.tr("Images"))
        self.view.setShowGrid(False)
        self.view.setTabKeyNavigation(False)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.horizontalHeader().hide()
        self.view.horizontalHeader().setStretchLastSection(True)
        rows = self.view.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        model = ImageListModel(workspace, self)
        self.view.setModel(model)
        self.view.setItemDelegate(_RowDelegate(model, themes, self.view))
        self._model = model
        self.grid = ImageGrid(workspace, model, themes)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.grid)
        self.more = QToolButton()
        self.more.setObjectName("add_filter")
        self.more.setToolTip(self.tr("Add a condition, or choose a saved search"))
        self.more.setAccessibleName(self.tr("Add a condition"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(FilterMenu(workspace, self))
        self.as_grid = QToolButton()
        self.as_grid.setObjectName("as_grid")
        self.as_grid.setCheckable(True)
        self.as_grid.setToolTip(self.tr("Larger thumbnails with labels, in a grid"))
        self.as_grid.setAccessibleName(self.tr("Grid"))
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setAccessibleName(self.tr("Search images"))
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.order = QComboBox()
        self.order.setObjectName("order")
        self.order.setAccessibleName(self.tr("Order of the images"))
        self.order.setToolTip(self.tr("What comes first"))
        orders: dict[Order, str] = {
            "added": self.tr("As added"),
            "name": self.tr("By name"),
            "newest label": self.tr("Newest label"),
            "oldest label": self.tr("Oldest label"),
            "least certain": self.tr("Least certain"),
        }
        for order, text in orders.items():
            self.order.addItem(text, order)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._count = QLabel()
        self._count.setProperty("muted", True)
        self._count.setContentsMargins(2, 0, 2, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QGridLayout()
        head.setContentsMargins(8, 6, 8, 4)
        head.setHorizontalSpacing(2)
        head.addWidget(self.search, 0, 0, 1, 2)
        head.addWidget(self.more, 0, 2)
        head.addWidget(self.as_grid, 0, 3)
        head.addWidget(self._count, 1, 0)
        head.addWidget(self.order, 1, 1, 1, 3)
        head.setColumnStretch(0, 1)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)
        self.grid.chosen.connect(workspace.open_image_at)
        self.grid.entered.connect(self.entered)
        self.as_grid.toggled.connect(self._show_as_grid)
        self.view.selectionModel().currentChanged.connect(self._choose)
        workspace.selection.image_changed.connect(self._follow)
        workspace.images_changed.connect(self._show_count)
        workspace.project_changed.connect(self._show_count)
        workspace.images_changed.connect(self._follow)
        workspace.labels.labelled_changed.connect(self._show_count)
        self.search.textEdited.connect(lambda _text: self._typing.start())
        self.search.textChanged.connect(lambda text: None if text else self._search())
        self._typing.timeout.connect(lambda: self._search())
        self.order.activated.connect(lambda _index: self._search())
        workspace.project_changed.connect(self._begin_anew)
        workspace.key_names.changed.connect(self._show_keys)
        themes.changed.connect(self._show_theme)
        self._show_theme()
        self._show_keys()
        self._follow()
        self.as_grid.setChecked(workspace.preferences.has_grid)

    def _show_theme(self) -> None:
        for button, name in ((self.more, "filter"), (self.as_grid, "grid")):
            button.setIcon(icon(name, self._themes.theme.text))
        self.view.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the search Escape shows all images, then leaves it; Down goes into the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                if self.text:
                    self.search_for("")
                else:
                    self.entered.emit()
                return True
            if event.key() == Qt.Key.Key_Down:
                view = self.grid if self.as_grid.isChecked() else self.view
                view.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return super().eventFilter(watched, event)

    def focus_search(self) -> None:
        """Let the next keys be typed into the search."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @property
    def text(self) -> str:
        """What is looked for."""
        return self.search.text()

    def search_for(self, text: str, order: Order | None = None) -> None:
        """Look for something as if it had been typed, also where that is what was typed last.

        Args:
            text: As it is typed.
            order: What comes first; None leaves that as it is.
        """
        self.search.setText(text)
        if order is not None:
            self.order.setCurrentIndex(self.order.findData(order))
        self._search(is_anew=True)

    def add_condition(self, text: str) -> None:
        """Narrow what is looked for: a condition of the same kind makes way, but for tags."""
        self.search_for(with_condition(self.text, text))

    def choose_order(self, order: Order, *, opens_first: bool = False) -> None:
        """Let the list have another order.

        Args:
            order: What comes first.
            opens_first: Open it, as soon as it is known.
        """
        self.order.setCurrentIndex(self.order.findData(order))
        self._search(is_anew=True, opens_first=opens_first)

    def _search(self, *, is_anew: bool = False, opens_first: bool = False) -> None:
        self._typing.stop()
        try:
            wanted = ImageFilter.parsed(self.search.text(), self.order.currentData())
        except UserProblem as problem:
            self._count.setText(problem_text(problem))
            return
        self._workspace.show_images(wanted, is_anew=is_anew, opens_first=opens_first)
        self._show_count()

    def _begin_anew(self) -> None:
        if self._workspace.filter.is_everything:
            self.search.clear()
            self.order.setCurrentIndex(0)

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid():
            self._workspace.open_image_at(current.row())

    def _follow(self) -> None:
        row = self._workspace.position(self._workspace.selection.image_id)
        self.grid.show_position(row)
        if row is None:
            self.view.selectionModel().clear()
        if row is None or row == self.view.currentIndex().row():
            return
        index = self.view.model().index(row, 0)
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.view.selectionModel().setCurrentIndex(index, select)
        self.view.scrollTo(index)

    def _show_as_grid(self, is_grid: bool) -> None:
        workspace = self._workspace
        workspace.preferences.has_grid = is_grid
        size = (THUMBNAIL.width(), THUMBNAIL.height()) if is_grid else THUMBNAIL_SIZE
        workspace.pixels.use_thumbnails(size)
        self._model.forget_pictures()
        # Before the other is shown: a view that gets the focus without a row takes its first.
        self._follow()
        self._pages.setCurrentWidget(self.grid if is_grid else self.view)
        if not is_grid:
            self.view.scrollTo(self.view.currentIndex())
        if is_grid and self.grid.viewport().width() < 2 * CELL.width():
            bar = self.grid.verticalScrollBar().sizeHint().width()
            self.widened.emit(2 * CELL.width() + bar + 4)

    def _show_keys(self) -> None:
        key = self._workspace.key_names.of("find")
        self.search.setPlaceholderText(self.tr("Search ({0})").format(key))
        self.search.setToolTip(f"{key}. {sentence_text(FILTER_HELP)}")
        self._show_count()

    def _show_count(self) -> None:
        total = self._workspace.total_images
        labelled = len(self._workspace.labels.labelled_image_ids)
        shown = len(self._workspace.images)
        if total and not shown:
            text = self.tr("None of {0} images fits. Escape in the search shows all.").format(total)
        elif total and not self._workspace.filter.is_everything and shown < total:
            text = self.tr("{0} of {1} images").format(shown, total)
        elif total:
            text = self.tr("{0} of {1} labelled").format(labelled, total)
        elif self._workspace.path is not None:
            text = self.tr("No images yet. Import a folder: {0}").format(
                self._workspace.key_names.of("import_folder")
            )
        else:
            text = self.tr("No project is open.")
        self._count.setText(text)
        self._count.setWordWrap(True)
        # There is nothing to order, and the advice needs the room.
        self.order.setVisible(total > 0)
