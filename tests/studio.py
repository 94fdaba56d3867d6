"""The real window, driven as a person drives it: by mouse and keys."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.gui.main_window import MainWindow
from kpstudio.store.project import Project

LEFT, MIDDLE, RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)

SKELETON = Skeleton(
    name="three",
    keypoints=("nose", "left_ear", "right_ear"),
    edges=((0, 1), (0, 2)),
    flip_pairs=((1, 2),),
    category="mouse",
)
SIZE = 160, 120
POSE = np.array([[40.25, 30.5], [80.0, 60.0], [120.0, 40.0]])


def make_project(folder: Path, *, images: int = 3, labelled: int = 2) -> Path:
    """A project with small images, of which the first ones are labelled with POSE."""
    generator = np.random.default_rng(0)
    made = []
    for index in range(images):
        path = folder / f"image{index}.png"
        pixels = generator.integers(0, 255, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
        cv2.imwrite(str(path), pixels)
        made.append(Image(index + 1, path, *SIZE))
    labels = [
        Annotation(f"label{image.id}", image.id, POSE, np.array([2, 2, 1]))
        for image in made[:labelled]
    ]
    path = folder / "small.kps"
    with Project.create(path, SKELETON) as project:
        project.import_dataset(Dataset(SKELETON, tuple(made), tuple(labels)), source="import:test")
    return path


def add_stored_run(path: Path, poses: dict[int, np.ndarray]) -> int:
    """A run whose predictions are stored, by the position of the image in the list."""
    with Project.open(path) as project:
        run = project.runs.start("efficientnet_lite0", {})
        assert run.checkpoint is not None
        run.checkpoint.write_bytes(b"not for an engine")
        project.runs.finish(run.id, state="finished")
        for position, xy in poses.items():
            image = project.images()[position]
            box = Box.around(xy).grown(1.5)
            prediction = Prediction(image.id, run.id, xy, np.full(len(xy), 0.9), box, 0.8)
            project.predictions.put(run.id, image.id, "dark", [prediction])
        return run.id


class Studio:
    """A window, and the hands on it."""

    def __init__(self, window: MainWindow, wait_until: Callable[..., None]) -> None:
        self.window = window
        self.workspace = window.workspace
        self.canvas = window.canvas
        self._wait_until = wait_until

    def wait(self, condition: Callable[[], object], *, timeout_s: float = 30) -> None:
        self._wait_until(lambda: bool(condition()), timeout=round(timeout_s * 1000))

    def open(self, path: Path) -> None:
        """Open a project, and wait for its first image."""
        assert self.workspace.open_project(path)
        self.wait_for_image()

    def wait_for_image(self) -> None:
        selection = self.workspace.selection
        self.wait(lambda: self.canvas.shown_image_id == selection.image_id is not None)

    def key(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        # A dialog that is closed hands the keys back a moment later.
        self.wait(QApplication.activeWindow)
        focused = QApplication.focusWidget() or self.window
        QTest.keyClick(focused, key, modifiers)

    def undo(self) -> None:
        self.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    def redo(self) -> None:
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        self.key(Qt.Key.Key_Z, both)

    def next_image(self) -> None:
        self.key(Qt.Key.Key_D)
        self.wait_for_image()

    def at(self, x: float, y: float) -> QPoint:
        """Image pixels to a position of the canvas."""
        return self.canvas.viewportTransform().map(QPointF(x, y)).toPoint()

    def click(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        viewport, position = self.canvas.viewport(), self.at(x, y)
        QTest.mouseMove(viewport, position)
        QTest.mouseClick(viewport, button, pos=position)

    def press(self, x: float, y: float) -> None:
        QTest.mousePress(self.canvas.viewport(), LEFT, pos=self.at(x, y))

    def move(self, x: float, y: float) -> None:
        QTest.mouseMove(self.canvas.viewport(), self.at(x, y))

    def release(self, x: float, y: float) -> None:
        QTest.mouseRelease(self.canvas.viewport(), LEFT, pos=self.at(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        self.press(*start)
        self.move(*middle)
        self.move(*end)
        self.release(*end)

    def drag_with(
        self,
        start: Sequence[float],
        end: Sequence[float],
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """Drag while a key is held."""
        viewport = self.canvas.viewport()
        QTest.mousePress(viewport, LEFT, modifier, self.at(*start))
        for share in (0.5, 1.0):
            # QTest's own moves have no modifiers.
            self.move_with(np.asarray(start) + share * (np.asarray(end) - start), modifier)
        QTest.mouseRelease(viewport, LEFT, modifier, self.at(*end))

    def move_with(self, to: Sequence[float], modifier: Qt.KeyboardModifier) -> None:
        """Move with the left button and a key held."""
        viewport, at = self.canvas.viewport(), self.at(*to)
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(at),
            QPointF(viewport.mapToGlobal(at)),
            Qt.MouseButton.NoButton,
            LEFT,
            modifier,
        )
        QApplication.sendEvent(viewport, event)

    def pull(self, start: QPoint, by: QPoint, button: Qt.MouseButton) -> None:
        """Drag in screen pixels."""
        viewport = self.canvas.viewport()
        QTest.mousePress(viewport, button, pos=start)
        QTest.mouseMove(viewport, start + by)
        QTest.mouseRelease(viewport, button, pos=start + by)

    def wheel(self, position: QPoint, clicks: int) -> None:
        viewport = self.canvas.viewport()
        event = QWheelEvent(
            QPointF(position),
            QPointF(viewport.mapToGlobal(position)),
            QPoint(),
            QPoint(0, 120 * clicks),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)

    @property
    def annotation(self) -> Annotation:
        """The only label of the open image."""
        (annotation,) = self.workspace.labels.annotations
        return annotation

    @property
    def notice(self) -> str:
        return self.window.notice.text
