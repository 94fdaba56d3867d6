"""Every verb by its name: type some of it, press Enter."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from kpstudio.gui.shortcuts import Shortcuts
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.gui.verb_search import find_verbs
from kpstudio.gui.verbs.action_entry import ActionEntry

WIDTH, ROWS, ROW_HEIGHT = 640, 11, 34
ENTRY, WHY, KEYS = (Qt.ItemDataRole.UserRole + offset for offset in range(3))
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -ROWS,
    Qt.Key.Key_PageDown: ROWS,
}


class _VerbDelegate(QStyledItemDelegate):
    """Menu and title at the left; the keys, or why it cannot be done, at the right."""

    def __init__(self, themes: ThemeSwitch, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(
        self,
        option: QStyleOptionViewItem,  # noqa: ARG002
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        return QSize(WIDTH // 2, ROW_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme, entry = self._themes.theme, index.data(ENTRY)
        why, keys = index.data(WHY), index.data(KEYS)
        area: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(theme.raised))
            painter.fillRect(area.x(), area.y(), 3, area.height(), QColor(theme.accent))
        area = area.adjusted(14, 0, -14, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(theme.muted))
        menu = f"{entry.menu_title}  ›  "
        painter.drawText(area, middle, menu)
        right = why or keys
        metrics = painter.fontMetrics()
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, right)
        painter.setPen(QColor(theme.muted if why else theme.text))
        left = area.adjusted(
            metrics.horizontalAdvance(menu), 0, -metrics.horizontalAdvance(right) - 16, 0
        )
        title = metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, middle, title)
        painter.restore()


class CommandPalette(QDialog):
    """A field and the verbs that fit what is in it.

    Args:
        shortcuts: The verbs and their keys.
        why_greyed: Why a verb cannot be run now; empty if it can.
        recent: Names of verbs that were run last, the newest first.
        themes: Colours.
        parent: The window over which it lies.

    Signals:
        chosen(name): A verb is to be run; the palette is closed.
    """

    chosen = Signal(str)

    def __init__(
        self,
        shortcuts: Shortcuts,
        why_greyed: Callable[[ActionEntry], str],
        recent: Sequence[str],
        themes: ThemeSwitch,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.FramelessWindowHint | Qt.WindowType.Dialog)
        self.setObjectName("palette")
        self.setWindowTitle(self.tr("Commands"))
        self._shortcuts, self._why_greyed, self._window = shortcuts, why_greyed, parent
        self._recent = tuple(recent)
        self.search = QLineEdit()
        self.search.setObjectName("palette_search")
        self.search.setPlaceholderText(self.tr("What do you want to do?"))
        self.search.setAccessibleName(self.tr("Search commands"))
        self.search.setFrame(False)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("palette_list")
        self.list.setAccessibleName(self.tr("Commands that fit"))
        self.list.setItemDelegate(_VerbDelegate(themes, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self._nothing = QLabel(self.tr("No command fits these words."))
        self._nothing.setProperty("muted", True)
        self._nothing.setContentsMargins(14, 8, 14, 10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        layout.addWidget(self._nothing)
        self.setFixedWidth(WIDTH)
        self.search.textChanged.connect(self._fill)
        self.list.itemClicked.connect(lambda _: self._run())
        self._fill("")

    @property
    def shown(self) -> list[ActionEntry]:
        """The verbs that fit, the best first."""
        return [self.list.item(row).data(ENTRY) for row in range(self.list.count())]

    def showEvent(self, event: QShowEvent) -> None:
        """At the top of the window, in its middle."""
        super().showEvent(event)
        window = self._window
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + 64)
        self.search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that choose work while the field is typed into."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
            step = _STEPS.get(Qt.Key(event.key()))
            if step is not None:
                self._step(step)
                return True
        return super().eventFilter(watched, event)

    def _fill(self, query: str) -> None:
        self.list.clear()
        for entry in find_verbs(query, self._shortcuts.entries, recent=self._recent):
            why, keys = self._why_greyed(entry), self._shortcuts.shown(entry.name)
            item = QListWidgetItem()
            item.setData(ENTRY, entry)
            item.setData(WHY, why)
            item.setData(KEYS, keys)
            spoken = (f"{entry.menu_title}: {entry.title}", keys, why)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole, ", ".join(each for each in spoken if each)
            )
            self.list.addItem(item)
        count = self.list.count()
        self._nothing.setVisible(not count)
        self.list.setVisible(bool(count))
        self.list.setFixedHeight(min(count, ROWS) * ROW_HEIGHT)
        self.list.setCurrentRow(0)
        self.adjustSize()

    def _step(self, step: int) -> None:
        last = self.list.count() - 1
        row = self.list.currentRow() + step
        if abs(step) == 1:
            row = last if row < 0 else 0 if row > last else row
        self.list.setCurrentRow(min(max(row, 0), last))

    def _run(self) -> None:
        """Close and run; one that is greyed says why, and the palette stays."""
        item = self.list.currentItem()
        if item is None or item.data(WHY):
            return
        self.accept()
        self.chosen.emit(item.data(ENTRY).name)
