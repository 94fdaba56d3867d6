"""The middle of the window while a project is open: the canvas and what belongs to it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpstudio.gui.canvas.canvas_view import CanvasView
from kpstudio.gui.canvas.previous_view import PreviousView
from kpstudio.gui.timeline_view import TimelineView


class WorkView(QWidget):
    """The canvas, on its left the previous image, and under both the video."""

    def __init__(self, canvas: CanvasView, previous: PreviousView, timeline: TimelineView) -> None:
        super().__init__()
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(previous, 1)
        beside.addWidget(canvas, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(beside, 1)
        layout.addWidget(timeline)
        self.setFocusProxy(canvas)
        canvas.view_changed.connect(previous.update)
