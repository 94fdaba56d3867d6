"""The keyboard's way from one panel to the next."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget


class PanelCycle:
    """Goes from the centre of the window through its panels and back.

    Args:
        centre: What is in the middle now.
        docks: The panels, in their order.
    """

    def __init__(self, centre: Callable[[], QWidget | None], docks: Sequence[QDockWidget]) -> None:
        self._centre = centre
        self._docks = docks

    def step(self, step: int) -> None:
        """Give the keyboard to the panel that many further on; closed ones are left out."""
        open_ = [dock for dock in self._docks if dock.toggleViewAction().isChecked()]
        centre = self._centre()
        stops: list[QWidget] = [*([centre] if centre else []), *open_]
        focused = QApplication.focusWidget()
        here = next(
            (
                i
                for i, each in enumerate(stops)
                if focused is not None and (each is focused or each.isAncestorOf(focused))
            ),
            0,
        )
        self._focus(stops[(here + step) % len(stops)])

    def go_to(self, dock: QDockWidget) -> None:
        """Open a panel if it is closed, and give it the keyboard."""
        dock.show()
        self._focus(dock)

    def _focus(self, panel: QWidget) -> None:
        if isinstance(panel, QDockWidget):
            panel.raise_()
        inside = panel.widget() if isinstance(panel, QDockWidget) else panel
        controls = (
            each for each in (inside, *inside.findChildren(QWidget)) if _takes_keys(each, inside)
        )
        # A panel without anything to press is still a stop for whoever reads the screen by ear.
        target = next(controls, inside)
        if target is inside and not _takes_keys(inside, inside):
            inside.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _takes_keys(widget: QWidget, panel: QWidget) -> bool:
    is_stop = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return is_stop and widget.isEnabled() and (widget is panel or widget.isVisibleTo(panel))
