"""A process that changes a project until it is killed, and says what it has done.

The n-th operation is decided by n alone, so that another project can be brought to the same state.
Arguments: the project, the folder of COCO files, the number of the first operation, and after how
many pages the journal is emptied.
"""

import os
import random
import sys
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from kpstudio import formats
from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.merging import merge, plan_merge
from kpstudio.store.project import Project

SKELETON = Skeleton("three", ("snout", "neck", "tail"))
LARGER = replace(SKELETON, keypoints=(*SKELETON.keypoints, "paw"))
IMAGES = 5
IMPORTED = 1009
KINDS = (
    *("edit", "edit", "edit", "remove", "undo", "undo", "redo", "restore", "restore image"),
    *("skeleton", "import", "import", "predict", "tags", "split", "merge"),
)


def make_project(path: Path) -> None:
    with Project.create(path, SKELETON) as project:
        images = tuple(Image(n, path.parent / f"{n}.png", 31, 17) for n in range(1, IMAGES + 1))
        project.import_dataset(Dataset(SKELETON, images, ()), source="frames")
        project.runs.start("network", {})


def make_files(folder: Path) -> None:
    """Three states of the same thousand annotations, as COCO has them, and a copy to be merged."""
    images = tuple(Image(n, folder / f"{n}.png", 31, 17) for n in range(1, IMAGES + 1))
    for number in range(3):
        annotations = tuple(
            Annotation(
                str(n),
                1 + n % IMAGES,
                np.array([[n, number], [n, 2], [3.0, n]]),
                np.array([2, 1, 2]),
            )
            for n in range(IMPORTED)
        )
        path = folder / str(number) / "labels.json"
        path.parent.mkdir()
        formats.write(Dataset(SKELETON, images, annotations), path)
    make_copy(folder)


def make_copy(folder: Path) -> None:
    with Project.create(folder / "copy.kps", SKELETON) as copy:
        images = tuple(Image(n, folder / f"{n}.png", 31, 17) for n in range(1, 2 * IMAGES))
        ids = [*(f"m{n}" for n in range(97)), "e3"]
        # The last one where the edits of this process have it.
        places = [*(1 + n % len(images) for n in range(97)), 1 + 3 % IMAGES]
        annotations = tuple(
            Annotation(id, place, np.full((3, 2), 7.0 * n), np.full(3, 2))
            for n, (id, place) in enumerate(zip(ids, places, strict=True))
        )
        copy.import_dataset(Dataset(SKELETON, images, ()), source="frames")
        copy.apply(Edit("Label", dict.fromkeys(ids), {each.id: each for each in annotations}))
        copy.marks.change_tags(range(1, IMAGES), add=["copied"])


def kind_of(number: int) -> str:
    return random.Random(f"kind {number}").choice(KINDS)


def perform(project: Project, files: Path, number: int) -> None:
    draw = random.Random(f"operation {number}")
    kind = kind_of(number)
    if kind in ("edit", "remove"):
        id = f"e{draw.randrange(7)}"
        image_id = 1 + int(id[1:]) % IMAGES
        before = next((each for each in project.annotations(image_id) if each.id == id), None)
        count = len(project.skeleton)
        xy = np.full((count, 2), float(number))
        after = Annotation(id, image_id, xy, np.full(count, 2), time=float(number))
        new = None if kind == "remove" and before is not None else after
        project.apply(Edit(f"{kind} {number}", {id: before}, {id: new}))
    elif kind == "undo":
        project.undo()
    elif kind == "redo":
        project.redo()
    elif kind.startswith("restore"):
        entries = [0, *(entry.id for entry in project.history.entries())]
        image_id = draw.randint(1, IMAGES) if kind == "restore image" else None
        project.restore(draw.choice(entries[-11:]), image_id=image_id)
    elif kind == "skeleton":
        after = LARGER if project.skeleton.keypoints == SKELETON.keypoints else SKELETON
        project.apply(Edit.change_skeleton("keypoints", SkeletonChange(project.skeleton, after)))
    elif kind == "import":
        source = files / str(draw.randrange(3)) / "labels.json"
        try:
            project.import_dataset(formats.read(source, project.skeleton), source="labels.json")
        except UserProblem:
            assert project.skeleton.keypoints == LARGER.keypoints
    elif kind == "merge":
        try:
            merge(project, plan_merge(project, files / "copy.kps"), {})
        except UserProblem:
            assert project.skeleton.keypoints == LARGER.keypoints
    elif kind == "predict":
        xy, box = np.full((3, 2), float(number)), Box(0, 0, 5, 7)
        project.predictions.put_many(
            1, "argmax", {n: [Prediction(n, 1, xy, np.ones(3), box, 1.0)] * 97 for n in (2, 3, 5)}
        )
    elif kind == "tags":
        project.marks.change_tags(
            range(1, IMAGES + 1), add=[f"t{number % 5}"], remove=[f"t{number % 3}"]
        )
    elif kind == "split":
        project.splits.divide(0.3, number, is_anew=True)


def state_of(project: Project) -> dict[str, object]:
    """All that the operations change, without ids and times, which are drawn anew."""
    return {
        "keypoints": project.skeleton.keypoints,
        "annotations": sorted(
            (each.image_id, each.xy.tobytes(), each.visibility.tobytes(), each.source)
            for each in project.dataset().annotations
        ),
        "images": [(each.id, each.path.name, each.split, each.tags) for each in project.images()],
        "history": [entry.label for entry in project.history.entries()],
        "undo": (project.undo_label, project.redo_label),
        "predictions": [(each.image_id, each.xy.tobytes()) for each in project.predictions.of(1)],
    }


def main(path: str, files: str, first: str, autocheckpoint: str) -> None:
    with Project.open(Path(path)) as project:
        with project.database.reading() as connection:
            # Small, so that kills hit the moments in which the journal is emptied, too.
            connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {autocheckpoint}")
        os.write(1, b"ready\n")
        number = int(first)
        while True:
            perform(project, Path(files), number)
            os.write(1, b"%d\n" % number)
            number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
