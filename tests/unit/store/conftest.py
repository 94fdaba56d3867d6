import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project

SKELETON = Skeleton(
    name="rat5",
    keypoints=("snout", "leftear", "rightear", "neck", "tail"),
    edges=((0, 3), (3, 4)),
    flip_pairs=((1, 2),),
    category="rat",
    sigmas=(0.02, 0.03, 0.03, 0.05, 0.07),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(7):
        (tmp_path / "frames").mkdir(exist_ok=True)
        (tmp_path / "frames" / f"{number}.png").touch()
    return tmp_path


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    """Seven images of 31 x 17 pixels, no annotations."""
    with Project.create(folder / "rats.kps", SKELETON, author="Ann") as project:
        images = tuple(Image(n, folder / "frames" / f"{n}.png", 31, 17) for n in range(7))
        project.import_dataset(Dataset(SKELETON, images, ()), source="frames")
        yield project


@pytest.fixture
def annotation() -> Callable[..., Annotation]:
    draw = np.random.default_rng(11)

    def make(image_id: int = 1, **fields: object) -> Annotation:
        given = {"xy": draw.normal(size=(5, 2)), "visibility": np.array([2, 1, 2, 2, 1])} | fields
        empty = Annotation.empty(image_id, SKELETON)
        return Annotation(id=empty.id, image_id=image_id, **given)  # type: ignore[arg-type]

    return make


@pytest.fixture
def copies(project, annotation, tmp_path_factory) -> Iterator[tuple]:
    """Two copies of one project with three annotations, in two folders, and these."""
    made = [annotation(number) for number in (1, 2, 3)]
    for each in made:
        project.apply(Edit.change("Add", None, each))
    project.close()
    folder = tmp_path_factory.mktemp("bob") / "all"
    shutil.copytree(project.folder, folder)
    with (
        Project.open(project.path, author="Ann") as ours,
        Project.open(folder / "rats.kps", author="Bob") as theirs,
    ):
        yield ours, theirs, made
