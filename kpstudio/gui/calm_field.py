"""Fields that the wheel changes only while they have the keyboard.

Whoever scrolls through a panel passes over them, and would change what is set without a notice.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDoubleSpinBox, QSpinBox

_INSET = 5


class CalmChoice(QComboBox):
    """One of several."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class CalmNumber(QDoubleSpinBox):
    """A number with decimals."""

    def __init__(self) -> None:
        super().__init__()
        _set_up(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class CalmWhole(QSpinBox):
    """A number without decimals."""

    def __init__(self) -> None:
        super().__init__()
        _set_up(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _set_up(spin: QAbstractSpinBox) -> None:
    spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    # A style sheet cannot move the text away from the frame.
    spin.lineEdit().setTextMargins(_INSET, 0, 0, 0)
