"""A field for what somebody wants to say: Enter sends it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_LINES = 2
_PADDING = 12
_ENTER = Qt.Key.Key_Return, Qt.Key.Key_Enter
_MEANT_HERE = (*_ENTER, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)


class CommentField(QPlainTextEdit):
    """Shift and Enter begin another line.

    Signals:
        sent: Enter was pressed.
        left: Escape was pressed.
    """

    sent = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comment")
        self.setTabChangesFocus(True)
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + _PADDING)

    def event(self, event: QEvent) -> bool:
        """Keys with which shortcuts of the window begin are meant for the text here."""
        is_shortcut = event.type() == QEvent.Type.ShortcutOverride
        if is_shortcut and isinstance(event, QKeyEvent) and event.key() in _MEANT_HERE:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
