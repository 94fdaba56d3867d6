"""How long the things take that a user waits for: `python -m pytest tests/benchmarks`."""

import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.skeleton import Skeleton
from kpstudio.demo.generator import draw_sample
from kpstudio.gui.canvas.hit import nearest_keypoint
from kpstudio.store.project import Project


def test_drawing_one_demo_image(benchmark):
    seeds = iter(range(100_000))
    benchmark(lambda: draw_sample(next(seeds)))


def test_storing_one_moved_keypoint_durably(benchmark, tmp_path):
    skeleton = Skeleton("s", tuple(f"k{i}" for i in range(17)))
    image = Image(1, tmp_path / "i.png", 64, 48)
    label = Annotation("a", 1, np.zeros((17, 2)), np.full(17, 2))
    with Project.create(tmp_path / "p.kps", skeleton) as project:
        project.import_dataset(Dataset(skeleton, (image,), (label,)), source="import:test")
        state = {"now": project.annotations(project.images()[0].id)[0]}

        def move():
            before = state["now"]
            after = before.with_keypoint(3, (before.xy[3][0] + 1, 5.0), 2)
            project.apply(Edit.change("Move", before, after))
            state["now"] = after

        benchmark(move)


def test_finding_what_is_under_the_cursor_among_20_people(benchmark):
    poses = list(np.random.default_rng(0).uniform(0, 1000, (20, 133, 2)))
    benchmark(nearest_keypoint, poses, (500.0, 500.0), radius=10.0)
