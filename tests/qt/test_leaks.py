"""What is closed is gone: windows, projects, and what they held."""

import gc
import threading
import weakref
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication
from studio import SKELETON

from kpstudio.core.dataset import Dataset, Image
from kpstudio.gui.main_window import MainWindow
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.store.project import Project
from kpstudio.workspace.workspace import Workspace


def settle() -> None:
    QApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    gc.collect()


def test_opening_and_closing_a_project_leaves_no_objects(studio, project):
    def parts() -> int:
        settle()
        owners = studio.window, studio.workspace
        return sum(len(owner.findChildren(QObject)) for owner in owners)

    counts = []
    for _ in range(6):
        studio.open(project)
        studio.wait(studio.workspace.pixels.has_all_thumbnails)
        studio.workspace.close_project()
        counts.append(parts())
    # What is shown for a moment may be among them, but nothing more each time.
    assert max(counts[3:]) <= max(counts[:3]), counts
    assert studio.workspace.pixels._images == {}


def test_a_closed_window_is_gone_and_so_are_its_threads(studio, project):
    before = threading.active_count()
    workspace = Workspace()
    window = MainWindow(workspace, ThemeSwitch("dark", workspace))
    window.show()
    assert workspace.open_project(project)
    settle()
    gone = []
    parts = window, window.canvas, window.effort, workspace.pixels, workspace.training
    for each in parts:
        each.destroyed.connect(lambda *_: gone.append(1))
    canvas = weakref.ref(window.canvas)
    window.close()
    window.deleteLater()
    workspace.deleteLater()
    del each, parts, window, workspace
    settle()
    assert len(gone) == 5
    assert canvas() is None
    assert threading.active_count() <= before


def memory_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.mark.thorough
@pytest.mark.timeout(1200)
def test_memory_stays_flat_over_thousands_of_image_changes(studio, tmp_path):
    rng = np.random.default_rng(0)
    images = []
    for number in range(1, 41):
        path = tmp_path / f"image{number}.jpg"
        cv2.imwrite(str(path), rng.integers(0, 255, (480, 640, 3), dtype=np.uint8))
        images.append(Image(number, path, 640, 480))
    path = tmp_path / "many.kps"
    with Project.create(path, SKELETON) as project:
        project.import_dataset(Dataset(SKELETON, tuple(images), ()), source="import:test")
    studio.open(path)
    sizes = []
    for number in range(10_000):
        studio.workspace.open_image_at(number % len(images))
        QApplication.processEvents()
        if number % 1000 == 999:
            gc.collect()
            sizes.append(memory_mb())
            print(f"after {number + 1} changes: {sizes[-1]:.0f} MB", flush=True)  # noqa: T201
    assert sizes[-1] - sizes[1] < 20
