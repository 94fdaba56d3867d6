"""A scripted expert labels real subjects in the real window, by mouse and keys alone.

The table says what it took: actions, and how long the program itself needed for them.
"""

import sys
import time
from dataclasses import dataclass, field

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from studio import LEFT, RIGHT, add_stored_run

from kpstudio import formats
from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, Annotation
from kpstudio.core.dataset import Dataset
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import read_skeleton
from kpstudio.store.project import Project

# A click nearer than that to a keypoint takes hold of it instead of placing the next one.
GRAB_PX, MARGIN_PX = 11.5, 24
WORST = 3
PERSON, MOUSE = (
    read_skeleton(resource_path("skeletons", name)) for name in ("person17.json", "mouse4.json")
)


@dataclass
class Expert:
    """Hands that know the truth, and a tally of what they did."""

    studio: object
    clicks: int = 0
    keys: int = 0
    wheels: int = 0
    busy_s: list[float] = field(default_factory=list)

    def do(self, action) -> None:
        started = time.perf_counter()
        action()
        QApplication.processEvents()
        self.busy_s.append(time.perf_counter() - started)

    def key(self, key) -> None:
        self.keys += 1
        self.do(lambda: self.studio.key(key))

    def click(self, xy, button=LEFT) -> None:
        self.clicks += 1
        self.do(lambda: self.studio.click(*xy, button))

    def next_image(self) -> None:
        self.key(Qt.Key.Key_D)
        self.studio.wait_for_image()

    def look_at(self, xy, placed) -> None:
        """Zoom in until the place is on the canvas, exact enough, and apart from the others."""
        canvas = self.studio.canvas
        if not self._is_inside(self.studio.at(*xy)):
            self.key(Qt.Key.Key_F)
        while canvas.transform().m11() < 1.05 or self._is_crowded(xy, placed):
            self.wheels += 1
            self.do(lambda: self.studio.wheel(self.studio.at(*xy), 2))

    def _is_crowded(self, xy, placed) -> bool:
        scale = self.studio.canvas.transform().m11()
        return any(scale * np.linalg.norm(each - xy) < GRAB_PX for each in placed)

    def _is_inside(self, at: QPoint) -> bool:
        area = self.studio.canvas.viewport().rect()
        return area.adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX).contains(at)

    def label(self, truth: Annotation) -> None:
        """Click through the keypoints; X leaves one out."""
        placed = []
        for xy, visibility in zip(truth.xy, truth.visibility, strict=True):
            if visibility == NOT_LABELLED:
                self.key(Qt.Key.Key_X)
                continue
            self.look_at(xy, placed)
            self.click(xy, RIGHT if visibility == OCCLUDED else LEFT)
            placed.append(xy)

    def correct(self, truth: Annotation, index: int) -> None:
        """Drag one keypoint to where it belongs."""
        studio = self.studio
        self.look_at(truth.xy[index], [])
        start = studio.annotation.xy[index]
        self.clicks += 1
        self.do(lambda: studio.drag(tuple(start), tuple(truth.xy[index])))

    def row(self, what: str, subjects: int) -> str:
        busy = np.array(self.busy_s)
        return (
            f"{what}: {subjects} subjects, each {self.clicks / subjects:.1f} clicks, "
            f"{self.keys / subjects:.1f} keys, {self.wheels / subjects:.1f} turns of the wheel; "
            f"program {busy.sum() / subjects:.2f} s each, "
            f"median {1e3 * np.median(busy):.0f} ms an action, "
            f"p95 {1e3 * np.percentile(busy, 95):.0f} ms"
        )


def one_per_image(dataset: Dataset, count: int, *, least: int) -> tuple[Dataset, list[Annotation]]:
    """Images without labels, and the subject of each that has most keypoints apart."""
    by_image: dict[int, list[Annotation]] = {}
    for each in dataset.annotations:
        points = each.xy[each.is_labelled]
        gaps = np.linalg.norm(points[:, None] - points, axis=2) + 1e9 * np.eye(len(points))
        if len(points) >= least and gaps.min() >= 1:
            by_image.setdefault(each.image_id, []).append(each)
    chosen = [image for image in dataset.images if image.id in by_image][:count]
    truths = [max(by_image[image.id], key=lambda each: each.is_labelled.sum()) for image in chosen]
    assert len(truths) == count
    return Dataset(dataset.skeleton, tuple(chosen), ()), truths


def people(shared, count):
    folder = shared / "data/coco_mini/annotations"
    found = [
        one_per_image(
            formats.read(folder / f"person_keypoints_{name}2017.json", PERSON), most, least=10
        )
        for name, most in (("val", min(count, 10)), ("train", max(count - 10, 0)))
        if most
    ]
    return [dataset for dataset, _ in found], [each for _, truths in found for each in truths]


def make(path, datasets) -> None:
    with Project.create(path, datasets[0].skeleton) as project:
        for number, dataset in enumerate(datasets):
            project.import_dataset(dataset, source=f"import:test{number}")


def assert_labelled(path, truths) -> None:
    """What is stored is the truth, to half a pixel along each axis."""
    with Project.open(path, read_only=True) as project:
        for image, truth in zip(project.images(), truths, strict=True):
            (stored,) = project.annotations(image.id)
            assert stored.visibility.tolist() == truth.visibility.tolist()
            there = truth.is_labelled
            assert np.abs(stored.xy[there] - truth.xy[there]).max() <= 0.5


def click_through(studio, path, truths, what) -> Expert:
    studio.window.resize(1600, 1000)
    studio.open(path)
    expert = Expert(studio)
    for number, truth in enumerate(truths):
        if number:
            expert.next_image()
        expert.key(Qt.Key.Key_F)
        expert.label(truth)
    assert_labelled(path, truths)
    sys.stdout.write("\n" + expert.row(what, len(truths)) + "\n")
    labelled = int(np.sum([truth.is_labelled.sum() for truth in truths]))
    assert expert.clicks == labelled, "one click a keypoint, no more"
    return expert


COUNTS = (3, pytest.param(20, marks=pytest.mark.thorough))


@pytest.mark.parametrize("count", COUNTS)
def test_people_are_labelled_with_one_click_a_keypoint(studio, shared, tmp_path, count):
    datasets, truths = people(shared, count)
    make(tmp_path / "people.kps", datasets)
    click_through(studio, tmp_path / "people.kps", truths, "people, click-through")


@pytest.mark.parametrize("count", COUNTS)
def test_mice_are_labelled_with_one_click_a_keypoint(studio, shared, tmp_path, count):
    dataset = formats.read(shared / "data/dlc_openfield", MOUSE)
    empty, truths = one_per_image(dataset, count, least=4)
    make(tmp_path / "mice.kps", [empty])
    expert = click_through(studio, tmp_path / "mice.kps", truths, "mice, click-through")
    effort = studio.workspace.effort.log.summary()
    assert effort.annotations == count
    assert effort.clicks_each == expert.clicks / count, "the panel counts what the hands did"


@pytest.mark.parametrize("count", COUNTS)
def test_an_accepted_prediction_needs_only_its_worst_keypoints_moved(
    studio, shared, tmp_path, count
):
    """The prediction is the truth to half a pixel, but for three keypoints that are far off."""
    datasets, truths = people(shared, count)
    path = tmp_path / "people.kps"
    make(path, datasets)
    rng = np.random.default_rng(0)
    predicted, worst = {}, []
    for number, truth in enumerate(truths):
        there = np.flatnonzero(truth.is_labelled)
        far = rng.choice(there, WORST, replace=False)
        aside = np.stack([3.0 + 14 * np.arange(len(truth.xy)), np.full(len(truth.xy), 3.0)], axis=1)
        xy = np.where(truth.is_labelled[:, None], truth.xy, aside)
        xy[there] += rng.normal(0, 0.3, (len(there), 2)).clip(-0.5, 0.5)
        xy[far] = truth.xy[far] + rng.choice([-1, 1], (WORST, 2)) * rng.uniform(40, 60, (WORST, 2))
        predicted[number] = xy
        worst.append(far)
    add_stored_run(path, predicted)
    studio.window.resize(1600, 1000)
    studio.open(path)
    expert = Expert(studio)
    for number, truth in enumerate(truths):
        if number:
            expert.next_image()
        expert.key(Qt.Key.Key_Return)
        for index in worst[number].tolist():
            expert.key(Qt.Key.Key_F)
            expert.correct(truth, index)
    with Project.open(path, read_only=True) as project:
        for image, truth in zip(project.images(), truths, strict=True):
            (stored,) = project.annotations(image.id)
            there = truth.is_labelled
            assert np.abs(stored.xy[there] - truth.xy[there]).max() <= 1.0
    sys.stdout.write("\n" + expert.row("people, accepted and corrected", count) + "\n")
    assert studio.workspace.effort.log.summary().accepted_unchanged == 0
