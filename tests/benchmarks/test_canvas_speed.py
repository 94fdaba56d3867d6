"""How fast the canvas is: `python -m pytest tests/benchmarks/test_canvas_speed.py -s`.

A frame is what the window does from a mouse event until it is drawn. Each is compared with a bare
QGraphicsView that shows the same picture, in the same run, because machines differ.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView
from studio_fixtures import open_studio, studio

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.geometry import Affine, Box
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton
from kpstudio.store.project import Project
from kpstudio.workspace.predicted_subject import PredictedSubject

__all__ = ["open_studio", "studio"]

CANVAS = 1280, 800
LARGE, FULL_HD = (4000, 3000), (1920, 1080)
FRAMES = 60
NONE, LEFT, MIDDLE = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def report(what: str, times: list[float], goal_ms: float, bare: list[float] | None = None) -> None:
    p50, p95 = np.percentile(1e3 * np.array(times), (50, 95))
    text = f"{what}: median {p50:.2f} ms, p95 {p95:.2f} ms (goal {goal_ms:g} ms)"
    if bare is not None:
        bare50, bare95 = np.percentile(1e3 * np.array(bare), (50, 95))
        text += f"; bare view {bare50:.2f} and {bare95:.2f} ms, ratio {p50 / bare50:.1f}"
    say(text)


def timed_frames(step: Callable[[int], None], count: int = FRAMES) -> list[float]:
    times = []
    for index in range(count):
        QApplication.processEvents()
        started = time.perf_counter()
        step(index)
        QApplication.processEvents()
        times.append(time.perf_counter() - started)
    return times


def send_mouse(view: QGraphicsView, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton) -> None:
    viewport = view.viewport()
    held = NONE if kind is QEvent.Type.MouseButtonRelease else button
    changed = NONE if kind is QEvent.Type.MouseMove else button
    where = QPointF(viewport.mapToGlobal(at))
    modifiers = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, at, where, changed, held, modifiers)
    QApplication.sendEvent(viewport, event)


def send_wheel(view: QGraphicsView, at: QPointF, delta: int) -> None:
    where = QPointF(view.viewport().mapToGlobal(at))
    pixels, angle = QPointF().toPoint(), QPointF(0, delta).toPoint()
    phase, modifiers = Qt.ScrollPhase.NoScrollPhase, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        view.viewport(), QWheelEvent(at, where, pixels, angle, NONE, modifiers, phase, False)
    )


def spot(index: int) -> QPointF:
    """A path of the mouse that stays on the canvas and never stands still."""
    angle = index * 0.21
    return QPointF(640 + 210 * np.cos(angle), 400 + 130 * np.sin(angle))


def pan(view: QGraphicsView) -> list[float]:
    send_mouse(view, QEvent.Type.MouseButtonPress, spot(0), MIDDLE)
    times = timed_frames(
        lambda index: send_mouse(view, QEvent.Type.MouseMove, spot(index + 1), MIDDLE)
    )
    send_mouse(view, QEvent.Type.MouseButtonRelease, spot(FRAMES), MIDDLE)
    return times


def zoom(view: QGraphicsView) -> list[float]:
    return timed_frames(lambda index: send_wheel(view, spot(7), 40 if index % 30 < 15 else -40))


class BareView(QGraphicsView):
    """What Qt does by itself: the picture, panned and zoomed."""

    def __init__(self, pixels: np.ndarray) -> None:
        super().__init__()
        height, width = pixels.shape[:2]
        self._pixels = pixels
        picture = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        scene = QGraphicsScene(self)
        item = scene.addPixmap(QPixmap.fromImage(picture))
        item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.setScene(scene)
        self.setSceneRect(-1.5 * width, -1.5 * height, 4.0 * width, 4.0 * height)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setFixedSize(*CANVAS)
        self._from = QPointF()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        by, self._from = event.position() - self._from, event.position()
        for bar, step in (
            (self.horizontalScrollBar(), by.x()),
            (self.verticalScrollBar(), by.y()),
        ):
            bar.setValue(bar.value() - round(step))

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = 1.2 ** (event.angleDelta().y() / 120)
        self.scale(factor, factor)


def photograph(path: Path, size: tuple[int, int], seed: int = 0) -> np.ndarray:
    """A picture with large and small structure, that compresses about as a photograph does."""
    width, height = size
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (height // 40, width // 40, 3), dtype=np.uint8)
    pixels = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    grain = rng.integers(0, 24, (height // 2, width // 2, 1), dtype=np.uint8)
    pixels = cv2.add(pixels, cv2.resize(np.repeat(grain, 3, axis=2), size))
    assert cv2.imwrite(str(path), pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return np.ascontiguousarray(pixels[:, :, ::-1])


# A standing person, x and y in shares of the height, in the order of COCO.
BODY = np.array(
    [
        *([0, 0.08], [0.02, 0.06], [-0.02, 0.06], [0.04, 0.07], [-0.04, 0.07], [0.11, 0.2]),
        *([-0.11, 0.2], [0.16, 0.33], [-0.16, 0.33], [0.2, 0.46], [-0.2, 0.46], [0.08, 0.5]),
        *([-0.08, 0.5], [0.09, 0.72], [-0.09, 0.72], [0.1, 0.93], [-0.1, 0.93]),
    ]
)


def person(keypoints: int, rng: np.random.Generator) -> np.ndarray:
    """(K, 2) a person of height 1: with feet, a face and hands where the skeleton has them."""
    parts = [BODY]
    if keypoints > len(BODY):
        feet = np.repeat(BODY[15:17], 3, axis=0) + rng.uniform(-0.03, 0.03, (6, 2))
        turn = np.linspace(0, 2 * np.pi, 68, endpoint=False)
        face = BODY[0] + 0.05 * np.stack([np.cos(turn), 1.2 * np.sin(turn)], axis=1)
        hands = np.repeat(BODY[9:11], 21, axis=0) + rng.uniform(-0.04, 0.04, (42, 2))
        parts += [feet, face, hands]
    xy = np.concatenate(parts)
    return xy + rng.normal(0, 0.004, xy.shape) - (0, 0.5)


def make_project(
    folder: Path, skeleton: Skeleton, size: tuple[int, int], *, images: int = 1, subjects: int = 1
) -> Path:
    rng = np.random.default_rng(1)
    first = folder / "image0.jpg"
    photograph(first, size)
    made = [Image(1, first, *size)]
    for number in range(1, images):
        path = folder / f"image{number}.jpg"
        path.symlink_to(first)
        made.append(Image(number + 1, path, *size))
    labels = []
    for image in made:
        for subject in range(subjects):
            column = (subject + 0.5) / subjects if subjects > 1 else 0.5
            centre = np.array([0.05 + 0.9 * column, rng.uniform(0.4, 0.6)]) * size
            height = rng.uniform(0.4, 0.8) * size[1]
            xy = centre + height * person(len(skeleton), rng)
            visibility = np.where(np.arange(len(skeleton)) % 5 == 4, 1, 2)
            labels.append(Annotation(f"{image.id:08x}{subject:024x}", image.id, xy, visibility))
    path = folder / "speed.kps"
    with Project.create(path, skeleton) as project:
        project.import_dataset(Dataset(skeleton, tuple(made), tuple(labels)), source="import:test")
    return path


def ghost(xy: np.ndarray, size: tuple[int, int]) -> PredictedSubject:
    """A prediction with the heatmaps behind it, beside the labels."""
    count, rng = len(xy), np.random.default_rng(2)
    maps = rng.uniform(0, 0.9, (count, 64, 48)).astype(np.float32)
    width, height = size
    return PredictedSubject(
        xy + 9.0,
        np.full(count, 0.8),
        Box.around(xy),
        0.9,
        np.tile(np.diag([30.0, 60.0]), (count, 1, 1)),
        np.tile([width / 3, height / 3, 0.4], (count, 2, 1)),
        maps,
        Affine.scaling(width / 48, height / 64),
    )


def show(studio, path: Path, size: tuple[int, int], *, with_ghosts: bool) -> None:
    """The project on a canvas of the agreed size, its first keypoint selected."""
    studio.canvas.setFixedSize(*CANVAS)
    studio.open(path)
    workspace = studio.workspace
    labels = workspace.labels.annotations
    if with_ghosts:
        inference = workspace.inference
        inference.subjects = tuple(ghost(each.xy, size) for each in labels[:1])
        inference.subjects_image_id = workspace.selection.image_id
        inference.predictions_changed.emit()
    workspace.selection.select_annotation(labels[0].id, 0)
    QApplication.processEvents()


@pytest.fixture
def bare(open_studio, tmp_path):
    """The bare view of a picture of 12 megapixels."""
    open_studio()
    view = BareView(photograph(tmp_path / "bare.jpg", LARGE))
    view.show()
    view.scale(0.25, 0.25)
    QApplication.processEvents()
    yield view
    view.close()
    view.deleteLater()


CASES = {
    "17 keypoints and a heatmap": ("person17.json", 1, True, 8.0),
    "20 subjects of 133 keypoints": ("wholebody133.json", 20, False, 16.0),
}


@pytest.mark.parametrize("case", CASES)
def test_pan_and_zoom_at_12_megapixels(studio, bare, tmp_path, case):
    name, subjects, with_ghosts, goal_ms = CASES[case]
    skeleton = read_skeleton(resource_path("skeletons", name))
    path = make_project(tmp_path, skeleton, LARGE, subjects=subjects)
    show(studio, path, LARGE, with_ghosts=with_ghosts)
    say("")
    report(f"pan, {case}", pan(studio.canvas), goal_ms, pan(bare))
    report(f"zoom, {case}", zoom(studio.canvas), goal_ms, zoom(bare))


@pytest.mark.parametrize("case", CASES)
def test_moving_the_mouse_and_dragging_a_keypoint(studio, tmp_path, case):
    name, subjects, with_ghosts, _ = CASES[case]
    skeleton = read_skeleton(resource_path("skeletons", name))
    path = make_project(tmp_path, skeleton, LARGE, subjects=subjects)
    show(studio, path, LARGE, with_ghosts=with_ghosts)
    canvas = studio.canvas
    say("")
    hover = timed_frames(lambda index: send_mouse(canvas, QEvent.Type.MouseMove, spot(index), NONE))
    report(f"hover, {case}", hover, 4.0)
    for loupe in (False, True):
        studio.workspace.preferences.loupe = loupe
        before = studio.workspace.labels.annotations[0].xy[0]
        start = QPointF(canvas.viewportTransform().map(QPointF(*before.tolist())))
        send_mouse(canvas, QEvent.Type.MouseButtonPress, start, LEFT)
        drag = timed_frames(
            lambda index, start=start: send_mouse(
                canvas, QEvent.Type.MouseMove, start + spot(index) - spot(-9), LEFT
            )
        )
        end = start + spot(FRAMES) - spot(-9)
        send_mouse(canvas, QEvent.Type.MouseButtonRelease, end, LEFT)
        assert not np.array_equal(studio.workspace.labels.annotations[0].xy[0], before)
        report(f"drag, {case}{', with the loupe' * loupe}", drag, 4.0)


@pytest.mark.parametrize(("size", "goal_ms"), [(FULL_HD, 25.0), (LARGE, 60.0)])
def test_the_next_image_when_it_has_been_read_ahead(studio, bare, tmp_path, size, goal_ms):
    skeleton = read_skeleton(resource_path("skeletons", "person17.json"))
    path = make_project(tmp_path, skeleton, size, images=40)
    show(studio, path, size, with_ghosts=False)
    workspace, canvas = studio.workspace, studio.canvas
    times = []
    for index in range(1, 40):
        following = workspace.images[index].id
        studio.wait(lambda following=following: workspace.pixels.cached(following) is not None)
        workspace.pixels._background.wait()
        QApplication.processEvents()
        started = time.perf_counter()
        workspace.step_image(1)
        QApplication.processEvents()
        times.append(time.perf_counter() - started)
        assert canvas.shown_image_id == following
    say("")
    report(f"next image of {size[0]}x{size[1]}", times, goal_ms)


START = """
import sys, time
started, used = time.perf_counter(), time.process_time()
from kpstudio.__main__ import run_command
run_command([])
from kpstudio import app
from kpstudio.gui.main_window import MainWindow
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace
application = app.make_application()
window = MainWindow(Workspace(), ThemeSwitch("dark"))
window.show()
application.processEvents()
print(time.perf_counter() - started, time.process_time() - used, "torch" in sys.modules)
window.close()
"""


def test_the_window_is_up_without_torch(tmp_path, monkeypatch):
    # As it is installed: compiled, from the second start on.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path))
    times, used = [], []
    for _ in range(8):
        started = time.perf_counter()
        words = subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True
        ).stdout.split()
        assert words[2] == "False"
        times.append(float(words[0]))
        used.append(float(words[1]))
        whole = time.perf_counter() - started
    say("")
    report("window up", times[1:], 1000.0)
    report("window up, on the processor", used[1:], 1000.0)
    say(f"the fastest: {min(times):.2f} s, {min(used):.2f} s on the processor")
    say(f"the whole process until it has ended: {whole:.2f} s")
