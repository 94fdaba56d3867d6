"""What is left in English in a window that speaks another language."""

import re

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QMenuBar, QTabBar, QWidget

# Names, keys and signs that are the same in every language.
AS_IT_IS = re.compile(
    r"[^A-Za-z]*|.*\b(kpstudio|English|Ctrl|Shift|Alt|F\d+|px|nose|left_ear|right_ear|image\d\.png"
    r"|small|mouse4|Insert|Delete)\b.*|x, y|viridis|magma|inferno|turbo|cividis|plasma"
    r"|(\s*([A-Z]|Esc|PgUp|PgDown|Return|Enter|Ins|Del|Backspace))+"
)


CHINESE = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b")


def english_of(root):
    """Texts of a widget and all in it that are no Chinese, or have English words in a row."""
    texts = set()
    for widget in (root, *root.findChildren(QWidget)):
        if isinstance(widget, QLabel | QAbstractButton):
            texts.add(widget.text())
        if isinstance(widget, QComboBox):
            texts.update(widget.itemText(row) for row in range(widget.count()))
        if isinstance(widget, QTabBar):
            texts.update(widget.tabText(row) for row in range(widget.count()))
        texts.update((widget.toolTip(), widget.accessibleName(), widget.windowTitle()))
    for menu in root.findChildren(QMenuBar):
        texts.update(action.text() for action in menu.findChildren(QAction))
    plain = {re.sub(r"<[^>]*>|\(&\w\)", "", text) for text in texts}
    return sorted(
        text
        for text in plain
        if (not CHINESE.search(text) and not AS_IT_IS.fullmatch(text)) or SENTENCE.search(text)
    )
