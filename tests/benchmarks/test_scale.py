"""A project of a million images: `python -m pytest tests/benchmarks/test_scale.py -s`.

With predictions for all and one in twenty labelled. KPSTUDIO_SCALE sets another number of images.
Times are of one run on one machine; the image files do not exist, so that no decoding is in them.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from kpstudio import formats
from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.core.image_filter import ImageFilter
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import read_skeleton
from kpstudio.gui.main_window import MainWindow
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.store.project import Project
from kpstudio.workspace.workspace import Workspace

IMAGES = int(os.environ.get("KPSTUDIO_SCALE", "1000000"))
LABELLED = IMAGES // 20
BLOCK = 10_000
SKELETON = read_skeleton(resource_path("skeletons", "person17.json"))
FILTERS = (
    ("", "name"),
    ("cam7 00012", "added"),
    ("is:unlabelled", "added"),
    ("is:labelled", "newest label"),
    ("split:val", "added"),
    ("tag:night", "added"),
    ("", "least certain"),
    ("author:Ann", "added"),
    ("source:human", "added"),
    ("missing:nose", "added"),
    ("run:1", "added"),
    ("score:<0.5", "added"),
    ("size:>900", "added"),
)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


@contextmanager
def timed(what: str, count: int = 0) -> Iterator[None]:
    started = time.perf_counter()
    yield
    took = time.perf_counter() - started
    rate = f", {count / took:,.0f} a second" if count else ""
    say(f"{what}: {took:.2f} s{rate}")


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def percentiles(times: list[float]) -> str:
    p50, p95 = np.percentile(1e3 * np.array(times), (50, 95))
    return f"median {p50:.1f} ms, p95 {p95:.1f} ms"


def images() -> tuple[Image, ...]:
    folder = Path("/data")
    return tuple(
        Image(n, folder / f"cam{n % 20}" / f"{n:07}.jpg", 1920, 1080) for n in range(1, IMAGES + 1)
    )


def poses(count: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1000, (count, len(SKELETON), 2))


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("scale") / "large.kps"
    say("")
    with Project.create(path, SKELETON, author="Ann") as project:
        new = images()
        with timed("import of images", IMAGES):
            project.import_dataset(Dataset(SKELETON, new, ()), source="images")
        size = path.stat().st_size
        labels = tuple(
            Annotation(f"{n:032x}", 20 * n + 1, xy, np.full(len(SKELETON), 2), time=float(n))
            for n, xy in enumerate(poses(LABELLED))
        )
        with timed("import of annotations", LABELLED):
            project.import_dataset(Dataset(SKELETON, new, labels), source="labels")
        run = project.start_run("any", {})
        scores, box = np.full(len(SKELETON), 0.5), Box(0, 0, 1000, 1000)
        xys = poses(BLOCK)
        took = 0.0
        for start in range(1, IMAGES + 1, BLOCK):
            some = {
                n: [Prediction(n, run.id, xys[n % BLOCK], scores, box, n % 997 / 997)]
                for n in range(start, min(start + BLOCK, IMAGES + 1))
            }
            started = time.perf_counter()
            project.put_many_predictions(run.id, "dark", some)
            took += time.perf_counter() - started
        say(f"predictions: {took:.2f} s, {IMAGES / took:,.0f} images a second")
        project.change_tags(range(1, IMAGES, 100), add=["night"])
        with timed("split"):
            project.split(0.2)
    say(f"file: {size / 1e6:.0f} MB of images, {path.stat().st_size / 1e6:.0f} MB in all")
    return path


def test_filters_and_orders(path):
    with Project.open(path) as project:
        for text, order in FILTERS:
            with timed(f"filter “{text}”, {order}"):
                found = project.find_images(ImageFilter.parsed(text, order))
            assert len(found) or "missing" in text


def test_edits_in_the_store(path):
    times = []
    with Project.open(path) as project:
        for n in range(200):
            (old,) = project.annotations(20 * n + 1)
            edit = Edit.change("Move", old, old.with_keypoint(n % 17, (n, n), 2))
            started = time.perf_counter()
            project.apply(edit)
            times.append(time.perf_counter() - started)
    say(f"an edit in the store: {percentiles(times)}")


def test_the_window(path):
    application = QApplication.instance() or QApplication([])
    workspace = Workspace()
    window = MainWindow(workspace, ThemeSwitch(application))
    window.resize(1440, 900)
    window.show()
    application.processEvents()
    before = memory_mb()
    with timed("open in the window until it is drawn"):
        assert workspace.open_project(path)
        application.processEvents()
        window.grab()
    steps, edits = [], []
    for _ in range(200):
        started = time.perf_counter()
        workspace.step_image(1)
        application.processEvents()
        steps.append(time.perf_counter() - started)
    for n in range(200):
        workspace.selection.open_image(20 * n + 1)
        application.processEvents()
        started = time.perf_counter()
        workspace.labels.move_keypoint(workspace.labels.annotations[0].id, 3, (n + 0.5, n))
        edits.append(time.perf_counter() - started)
    say(f"next image: {percentiles(steps)}")
    say(f"an edit in the window: {percentiles(edits)}")
    with timed("to the next image without labels"):
        workspace.going.step_to_unlabelled()
    say(f"memory: {before:.0f} MB before, {memory_mb():.0f} MB with the project")
    window.close()


def test_coco(path, tmp_path):
    with Project.open(path, read_only=True) as project:
        with timed("reading the dataset"):
            dataset = project.dataset()
        with timed("COCO export", LABELLED):
            formats.write(dataset, tmp_path / "out.json")
    with timed("COCO reading", LABELLED):
        back = formats.read(tmp_path / "out.json", SKELETON)
    with (
        Project.create(tmp_path / "new.kps", SKELETON) as project,
        timed("import into a new project", LABELLED),
    ):
        project.import_dataset(back, source="out.json")
