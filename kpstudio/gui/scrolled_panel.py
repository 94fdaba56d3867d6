"""A panel that scrolls where there is too little room for it, so that nothing of it is cut."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStyle, QWidget

_LEAST_HEIGHT = 120


class ScrolledPanel(QScrollArea):
    """Up and down only: the panel always has the width that it needs.

    Args:
        panel: What is in it.
        name: For screen readers.
    """

    def __init__(self, panel: QWidget, name: str) -> None:
        super().__init__()
        self._panel = panel
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The keyboard goes to what is in it.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setWidget(panel)

    def minimumSizeHint(self) -> QSize:
        """As wide as the panel beside its scroll bar, and a few lines high."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        return QSize(self._panel.minimumSizeHint().width() + bar, _LEAST_HEIGHT)
