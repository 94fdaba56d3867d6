"""A field that takes the next key combination as it is pressed."""

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

_ALONE = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_unknown,
)
_FOCUS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class KeyRecorder(QLineEdit):
    """Emits each combination that is pressed in it; Tab leaves it and Escape gives up.

    Signals:
        recorded(key): As Qt's portable text.
        given_up: Escape.
    """

    recorded = Signal(str)
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("key_recorder")
        self.setReadOnly(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setPlaceholderText(self.tr("Add a key…"))
        self.setAccessibleName(self.tr("Press the keys of the new shortcut"))

    def event(self, event: QEvent) -> bool:
        """Keep keys from the shortcuts of the window while they are recorded."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _FOCUS or (
            key == Qt.Key.Key_Escape and event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            if key == Qt.Key.Key_Escape:
                self.given_up.emit()
            event.ignore() if key in _FOCUS else event.accept()
            return
        event.accept()
        if key in _ALONE or event.isAutoRepeat():
            return
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        typed = event.text()
        if typed and typed.isprintable() and not typed.isalpha() and typed != " ":
            # What Shift made of the key is the key: "?" and not "Shift+?".
            held &= ~Qt.KeyboardModifier.ShiftModifier
        sequence = QKeySequence(QKeyCombination(held, key))
        self.recorded.emit(sequence.toString(QKeySequence.SequenceFormat.PortableText))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.setPlaceholderText(self.tr("Press the keys…"))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setPlaceholderText(self.tr("Add a key…"))
