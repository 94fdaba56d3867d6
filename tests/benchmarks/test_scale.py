"""A project of a million images: `python -m pytest tests/benchmarks/test_scale.py -s`.

With predictions for all and one in twenty labelled. KPSTUDIO_SCALE sets another number of images.
Times are of one run on one machine, and the load of the machine stands beside them; the image files
do not exist, so that no decoding is in them.
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from kpstudio import app
from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.core.image_filter import ImageFilter, Order
from kpstudio.core.picture import Picture
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import read_skeleton
from kpstudio.gui.main_window import MainWindow
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.store.project import Project
from kpstudio.workspace import pixels
from kpstudio.workspace.workspace import Workspace

STUDIO = """
import resource, sys
from pathlib import Path
from kpstudio import app
from kpstudio.core.image_filter import ImageFilter
from kpstudio.gui.main_window import MainWindow
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace import pixels
from kpstudio.workspace.workspace import Workspace

application = app.make_application()
workspace = Workspace()
window = MainWindow(workspace, ThemeSwitch("dark", workspace))
window.show()
workspace.open_project(Path(sys.argv[1]))
shown = len(workspace.images)
for _ in range(100):
    workspace.step_image(1)
    application.processEvents()
workspace.show_images(ImageFilter(order="least certain"))
while workspace.images.ids[0] == 1:
    application.processEvents()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(shown, len(workspace.images), peak // 1024)
window.close()
"""
IMAGES = int(os.environ.get("KPSTUDIO_SCALE", "1000000"))
LABELLED = IMAGES // 20
BLOCK = 10_000
SKELETON = read_skeleton(resource_path("skeletons", "person17.json"))
ORDERS: tuple[Order, ...] = get_args(Order)
FILTERS = (
    "",
    "cam7 00012",
    "jpg",
    "is:unlabelled",
    "is:labelled",
    "is:accepted",
    "split:val",
    "tag:night",
    "missing:nose",
    "score:>0.2 score:<0.5",
    "is:labelled tag:night split:train",
    "score:<2 cam7 split:train is:unlabelled",
)
pytestmark = pytest.mark.timeout(1800)
PIXELS = np.random.default_rng(1).integers(0, 255, (1080, 1920, 3), dtype=np.uint8)


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


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


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


def labels(count: int) -> tuple[Annotation, ...]:
    """One on each twentieth image; of every tenth the nose is not labelled."""
    seen = np.full(len(SKELETON), 2)
    without_nose = np.where(np.arange(len(SKELETON)) == 0, 0, seen)
    return tuple(
        Annotation(
            f"{n:032x}", 20 * n + 1, xy, without_nose if n % 10 == 0 else seen, time=float(n)
        )
        for n, xy in enumerate(poses(count))
    )


def predict_all(project: Project, run: int, xys: np.ndarray) -> float:
    """Store a prediction of every image; how many images that were in a second."""
    scores, box = np.full(len(SKELETON), 0.5), Box(0, 0, 1000, 1000)
    took = 0.0
    for start in range(1, IMAGES + 1, BLOCK):
        some = {
            n: [Prediction(n, run, xys[n % BLOCK], scores, box, n % 997 / 997)]
            for n in range(start, min(start + BLOCK, IMAGES + 1))
        }
        started = time.perf_counter()
        project.predictions.put_many(run, "dark", some)
        took += time.perf_counter() - started
    return IMAGES / took


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("scale") / "large.kps"
    say(f"\n{load()}")
    with Project.create(path, SKELETON, author="Ann") as project:
        new = images()
        with timed("import of images", IMAGES):
            project.import_dataset(Dataset(SKELETON, new, ()), source="images")
        size = path.stat().st_size
        labelled = tuple(new[each.image_id - 1] for each in labels(LABELLED))
        with timed("import of annotations", LABELLED):
            report = project.import_dataset(
                Dataset(SKELETON, labelled, labels(LABELLED)), source="labels"
            )
        assert (report.images, report.annotations) == (0, LABELLED)
        run = project.runs.start("any", {})
        assert run.checkpoint is not None
        run.checkpoint.touch()
        say(f"predictions: {predict_all(project, run.id, poses(BLOCK)):,.0f} images a second")
        project.marks.change_tags(range(1, IMAGES + 1, 100), add=["night"])
        with timed("split"):
            parts = project.splits.divide(0.2)
        assert sum(parts.values()) == IMAGES
        project.runs.finish(run.id, state="finished")
    say(f"file: {size / 1e6:.0f} MB of images, {path.stat().st_size / 1e6:.0f} MB in all")
    return path


def expected(text: str) -> int:
    """How many images a filter must let through, by how they were made."""
    ids = np.arange(1, IMAGES + 1)
    is_labelled = (ids - 1) % 20 == 0
    return {
        "": IMAGES,
        "jpg": IMAGES,
        "is:unlabelled": IMAGES - LABELLED,
        "is:labelled": LABELLED,
        "is:accepted": 0,
        "split:val": IMAGES // 5,
        "tag:night": -(-IMAGES // 100),
        "missing:nose": -(-LABELLED // 10),
        "score:>0.2 score:<0.5": int(((ids % 997 / 997 > 0.2) & (ids % 997 / 997 < 0.5)).sum()),
        "cam7 00012": sum(n % 20 == 7 and "00012" in f"{n:07}" for n in range(1, IMAGES + 1)),
        "is:labelled tag:night split:train": int((is_labelled & (ids % 100 == 1)).sum()),
        "score:<2 cam7 split:train is:unlabelled": int((~is_labelled & (ids % 20 == 7)).sum()),
    }[text]


@pytest.mark.parametrize("text", FILTERS)
def test_filters_and_orders(path, text):
    with Project.open(path, read_only=True) as project:
        for order in ORDERS:
            took = []
            for _ in range(3):
                started = time.perf_counter()
                found = project.find_images(ImageFilter.parsed(text, order))
                took.append(time.perf_counter() - started)
            say(f"filter “{text}”, {order}: {sorted(took)[1]:.2f} s, {load()}")
            # What a split takes from each part is by chance.
            slack = 0 if "train" not in text else expected(text) // 3
            assert expected(text) - slack <= len(found) <= expected(text)
            assert len(np.unique(found)) == len(found)
        certain = found % 997
        if "score" in text:
            assert (np.diff(certain) >= 0).all()


def test_edits_in_the_store(path):
    times = []
    with Project.open(path) as project:
        newest = project.history.entries()[-1].id
        for n in range(200):
            (old,) = project.annotations(20 * n + 1)
            edit = Edit.change("Move", old, old.with_keypoint(n % 17, (n, n), 2))
            started = time.perf_counter()
            project.apply(edit)
            times.append(time.perf_counter() - started)
        assert len(project.history.entries(after=newest)) == 200
    with Project.open(path, read_only=True) as project:
        for n in range(200):
            (stored,) = project.annotations(20 * n + 1)
            assert stored.xy[n % 17].tolist() == [n, n]
    say(f"an edit in the store: {percentiles(times)}, {load()}")


def test_predictions_take_the_place_of_others(path, tmp_path):
    """Of a run that predicts again, as after a break: what was there is replaced."""
    copy = tmp_path / "again.kps"
    shutil.copy(path, copy)
    with Project.open(copy) as project:
        xys = poses(BLOCK) + 1
        say(f"predictions again: {predict_all(project, 1, xys):,.0f} images a second, {load()}")
        (one,) = project.predictions.of(1, IMAGES)
        assert np.array_equal(one.xy, xys[IMAGES % BLOCK])
    # Nothing of the old is left: the file has only what was there, and the marks of the log.
    assert copy.stat().st_size < 1.05 * path.stat().st_size


def test_the_file_grows_with_what_is_in_it(tmp_path):
    """A quarter and a half of the images, with all that belongs to them."""
    sizes = []
    for part in (4, 2):
        path = tmp_path / f"{part}.kps"
        some = images()[: IMAGES // part]
        with Project.create(path, SKELETON) as project:
            dataset = Dataset(SKELETON, some, labels(LABELLED // part))
            project.import_dataset(dataset, source="images")
            run = project.runs.start("any", {})
            xys, scores = poses(BLOCK), np.full(len(SKELETON), 0.5)
            for start in range(0, len(some), BLOCK):
                answers = {
                    each.id: [
                        Prediction(
                            each.id, run.id, xys[each.id % BLOCK], scores, Box(0, 0, 9, 9), 0.5
                        )
                    ]
                    for each in some[start : start + BLOCK]
                }
                project.predictions.put_many(run.id, "dark", answers)
        sizes.append(path.stat().st_size)
    say(f"file of a quarter {sizes[0] / 1e6:.1f} MB, of a half {sizes[1] / 1e6:.1f} MB")
    assert sizes[1] / sizes[0] == pytest.approx(2, rel=0.05)


@pytest.fixture
def decoded(monkeypatch) -> None:
    """Every image is there and decoded: that is not what is measured."""
    thumbnail = np.ascontiguousarray(PIXELS[::20, ::20])
    monkeypatch.setattr(pixels, "read_picture", lambda *_: Picture.of(PIXELS))
    monkeypatch.setattr(pixels, "read_thumbnail", lambda *_: thumbnail)


@pytest.mark.usefixtures("decoded")
def test_the_window(path):
    application = app.make_application()
    workspace = Workspace()
    window = MainWindow(workspace, ThemeSwitch("dark", workspace))
    window.resize(1440, 900)
    window.show()
    application.processEvents()
    before = memory_mb()
    with timed(f"open in the window until it is drawn, {load()}"):
        assert workspace.open_project(path)
        application.processEvents()
        window.grab()
    steps, edits, processor = [], [], []
    for n in range(200):
        # As fast as a person can press a key, so that what is read ahead is there.
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            application.processEvents()
            time.sleep(0.002)
        started, before_s = time.perf_counter(), time.thread_time()
        workspace.step_image(1)
        while window.canvas.shown_image_id != workspace.selection.image_id:
            application.processEvents()
        application.processEvents()
        steps.append(time.perf_counter() - started)
        processor.append(time.thread_time() - before_s)
        assert workspace.selection.image_id == n + 2
        assert len(workspace.labels.annotations) == ((n + 1) % 20 == 0)
        assert len(workspace.inference.subjects) == 1
    for n in range(200):
        workspace.selection.open_image(20 * n + 1)
        application.processEvents()
        started = time.perf_counter()
        workspace.labels.move_keypoint(workspace.labels.annotations[0].id, 3, (n + 0.5, n))
        edits.append(time.perf_counter() - started)
    say(f"next image: {percentiles(steps)}, of the processor {percentiles(processor)}, {load()}")
    say(f"an edit in the window: {percentiles(edits)}")
    with timed("to the next image without labels"):
        workspace.going.step_to_unlabelled()
    assert workspace.selection.image_id == 20 * 199 + 2
    say(f"memory: {before:.0f} MB before, {memory_mb():.0f} MB with the project")
    window.close()
    with Project.open(path, read_only=True) as project:
        for n in range(200):
            assert project.annotations(20 * n + 1)[0].xy[3].tolist() == [n + 0.5, n]


def test_the_memory_of_the_studio(path):
    """Of a process that does nothing else, at its peak."""
    answer = subprocess.run(
        [sys.executable, "-c", STUDIO, str(path)], capture_output=True, text=True, check=True
    )
    shown, found, peak = map(int, answer.stdout.split())
    say(f"memory of the studio at its peak: {peak} MB")
    assert (shown, found) == (IMAGES, IMAGES)
    assert peak < 700


def test_coco(path, tmp_path):
    """The whole commands, in processes of their own."""
    out, new = tmp_path / "out.json", tmp_path / "new.kps"
    for command in (
        ("export", path, out, "--format", "coco"),
        ("new", new, "--skeleton", "person17"),
    ):
        _run(*command)
    _run("import", new, out, "--anyway")
    with (
        Project.open(path, read_only=True) as old,
        Project.open(new, read_only=True) as project,
    ):
        assert len(project.labelled_image_ids()) == LABELLED
        last = 20 * (LABELLED - 1) + 1
        (one,) = old.annotations(last)
        (same,) = project.annotations(max(project.labelled_image_ids()))
        assert same.xy == pytest.approx(one.xy, abs=0.01)
        assert same.visibility.tolist() == one.visibility.tolist()


def _run(*command: object) -> None:
    words = [sys.executable, "-m", "kpstudio", *map(str, command)]
    with timed(f"kpstudio {command[0]}, {load()}"):
        subprocess.run(words, check=True, capture_output=True)
