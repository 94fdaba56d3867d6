"""The title of a panel, where no tab says it already."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

_HEIGHT, _DOTS, _APART = 10, 5, 5


class Grip(QWidget):
    """A row of dots by which a panel is dragged; the mouse is left to the dock around it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setToolTip(self.tr("Drag the panel elsewhere; a double click detaches it"))

    def sizeHint(self) -> QSize:
        return QSize(_DOTS * _APART, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Mid))
        left = (self.width() - (_DOTS - 1) * _APART) / 2
        for dot in range(_DOTS):
            painter.drawEllipse(round(left) + dot * _APART - 1, _HEIGHT // 2 - 1, 2, 2)


class DockTitles(QObject):
    """Gives panels in tabs a grip in place of the title that their tab has already.

    Args:
        docks: The panels of the window.
        window: Theirs.
    """

    def __init__(self, docks: Sequence[QDockWidget], window: QMainWindow) -> None:
        super().__init__(window)
        self._docks, self._window = docks, window
        # Qt is still at work on the layout when it tells of a change.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.follow)
        for dock in docks:
            for signal in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
                # What the signals tell would be taken for the time to wait.
                signal.connect(lambda *_: self._later.start())
        self.follow()

    def follow(self) -> None:
        """Look where every panel is now."""
        for dock in self._docks:
            has_tab = not dock.isFloating() and any(
                each.toggleViewAction().isChecked()
                for each in self._window.tabifiedDockWidgets(dock)
            )
            grip = dock.titleBarWidget()
            if has_tab and not isinstance(grip, Grip):
                dock.setTitleBarWidget(Grip(dock))
            elif not has_tab and isinstance(grip, Grip):
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]
                grip.deleteLater()
