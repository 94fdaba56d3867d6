"""One line over the canvas that says what happened and what to do now."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from kpstudio.core.errors import UserProblem
from kpstudio.gui.icons import icon
from kpstudio.gui.problem_words import problem_text, sentence_text
from kpstudio.gui.theme import ThemeSwitch

DONE_SHOWN_MS = 6000


class NoticeBar(QFrame):
    """Shows problems until they are closed, and good news for a while."""

    def __init__(self, themes: ThemeSwitch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._themes = themes
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setToolTip(self.tr("Close this notice"))
        self._close.setAccessibleName(self.tr("Close notice"))
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        themes.changed.connect(self._show_theme)
        self._show_theme()
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text() if not self.isHidden() else ""

    def show_problem(self, problem: UserProblem) -> None:
        self._timer.stop()
        self._show("problem", problem_text(problem))

    def show_done(self, text: str) -> None:
        """Tell what was done, and in further lines what is worth a look."""
        self._show("done", " ".join(map(sentence_text, text.split("\n"))))
        self._timer.start(DONE_SHOWN_MS)

    def _show(self, kind: str, text: str) -> None:
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._text.setText(text)
        self.show()

    def _show_theme(self) -> None:
        self._close.setIcon(icon("close", self._themes.theme.muted))
