"""The middle of the window while a project is open: the canvas and what belongs to it."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kpstudio.gui.canvas.canvas_view import CanvasView
from kpstudio.gui.timeline_view import TimelineView


class WorkView(QWidget):
    """The canvas, and under it the video."""

    def __init__(self, canvas: CanvasView, timeline: TimelineView) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(canvas, 1)
        layout.addWidget(timeline)
        self.setFocusProxy(canvas)
