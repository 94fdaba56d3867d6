"""The review state of the open image, in the bottom line."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from kpstudio.gui.review_badge import SIZE, review_pixmap, review_words
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace


class ReviewLabel(QWidget):
    """Its sign and its name; nothing while no image is open."""

    def __init__(
        self, workspace: Workspace, themes: ThemeSwitch, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._themes = workspace, themes
        self._sign, self._text = QLabel(), QLabel()
        self._sign.setFixedSize(SIZE, SIZE)
        self._text.setObjectName("review_state")
        self.setToolTip(self.tr("State of the review of this image (menu Review)"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(5)
        layout.addWidget(self._sign)
        layout.addWidget(self._text)
        workspace.selection.image_changed.connect(self._show)
        workspace.images_changed.connect(self._show)
        workspace.marks.marks_changed.connect(self._show)
        themes.changed.connect(self._show)
        self._show()

    @property
    def text(self) -> str:
        return self._text.text()

    def _show(self) -> None:
        image = self._workspace.current_image
        self.setVisible(image is not None)
        if image is None:
            self._text.clear()
            return
        self._sign.setVisible(bool(image.review))
        self._sign.setPixmap(review_pixmap(image.review, self._themes.theme))
        words = review_words(image.review)
        if words != self._text.text():
            self._text.setText(words)
            self.setAccessibleName(self.tr("Review: {0}").format(words))
