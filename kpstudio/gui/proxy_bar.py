"""One line over the canvas that offers a copy of a slow video, and shows how far it is."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from kpstudio.gui.breakable_words import breakable
from kpstudio.workspace.proxies import Proxies

_PROGRESS_PX = 180


class ProxyBar(QFrame):
    """A question with two answers; then a progress that can be stopped.

    Args:
        proxies: What is offered and made.
        parent: Of the bar.
    """

    def __init__(self, proxies: Proxies, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._proxies = proxies
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(_PROGRESS_PX)
        self.make_button = QPushButton(self.tr("Make a copy"))
        self.make_button.setObjectName("make_proxy")
        self.decline_button = QPushButton()
        self.decline_button.setObjectName("decline_proxy")
        for button in (self.make_button, self.decline_button):
            button.setAutoDefault(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._progress)
        layout.addWidget(self.make_button)
        layout.addWidget(self.decline_button)
        self.make_button.clicked.connect(proxies.make)
        self.decline_button.clicked.connect(proxies.decline)
        proxies.changed.connect(self._show)
        proxies.work.progressed.connect(self._show_progress)
        self._show()

    @property
    def text(self) -> str:
        return self._text.text() if not self.isHidden() else ""

    def _show(self) -> None:
        video, is_making = self._proxies.video, self._proxies.is_making
        self.setVisible(video is not None)
        if video is None:
            return
        text = self.tr(
            "{0} is slow to look through. A copy beside it shows any frame at once; labels stay"
            " with the video."
        )
        if is_making:
            text = self.tr("Copying {0}; you can go on meanwhile…")
        self._text.setText(text.format(breakable(video.name)))
        self._progress.setVisible(is_making)
        self._progress.setRange(0, 0)
        self.make_button.setHidden(is_making)
        self.decline_button.setText(self.tr("Stop") if is_making else self.tr("Not now"))

    def _show_progress(self, done: int, total: int) -> None:
        self._progress.setRange(0, total)
        self._progress.setValue(done)
