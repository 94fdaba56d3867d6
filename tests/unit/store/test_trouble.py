"""Disks that are full, folders that go away, and clocks that go back: nothing is lost."""

import itertools
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from sqlalchemy import Connection

from kpstudio.core.annotation import Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.store.project import Project

from .conftest import SKELETON


def everything(project):
    return {
        "annotations": project.dataset().annotations,
        "images": project.images(),
        "history": project.history.entries(),
        "undo": (project.undo_label, project.redo_label),
        "predictions": project.predictions.of(1),
        "skeleton": project.skeleton,
        "tags": project.marks.tags(),
    }


def problem_of(action):
    """What the user is told; None where it was done."""
    try:
        action()
    except UserProblem as problem:
        return problem
    return None


def many(project, count=499):
    images = tuple(Image(n, project.folder / f"new {n}.png", 31, 17) for n in range(count))
    xy = np.arange(10.0).reshape(5, 2)
    labels = tuple(Annotation(f"new {n}", n, xy, np.full(5, 2)) for n in range(count))
    return Dataset(project.skeleton, images, labels)


def predict(project):
    xy, box = np.ones((5, 2)), Box(0, 0, 3, 5)
    found = [Prediction(1, 1, xy, np.ones(5), box, 0.5)] * 997
    project.predictions.put_many(1, "argmax", {2: found, 3: found})


def fewer_keypoints(project):
    after = replace_keypoints(SKELETON.keypoints[:2])
    change = SkeletonChange(project.skeleton, after)
    project.apply(Edit.change_skeleton("Edit the skeleton", change))


def replace_keypoints(names):
    return type(SKELETON)("rat2", tuple(names))


WORK = {
    "import": lambda project: project.import_dataset(many(project), source="labels.json"),
    "images": lambda project: project.add_images(many(project, 997).images),
    "predictions": predict,
    "tags": lambda project: project.marks.change_tags(
        range(1, 8), add=[f"{n:099}" for n in range(97)]
    ),
    "setting": lambda project: project.settings.write("large", "x" * 99_991),
    "skeleton": fewer_keypoints,
    "restore": lambda project: project.restore(0),
    "undo": Project.undo,
}


@pytest.fixture
def full(project, annotation):
    """A project with some of everything."""
    project.runs.start("network", {})
    project.apply(Edit.change("Add", None, annotation(2)))
    new = {each.id: each for each in (annotation(3) for _ in range(397))}
    project.apply(Edit("Paste", dict.fromkeys(new), new))
    return project


@pytest.mark.parametrize("work", WORK)
def test_what_does_not_fit_on_the_disk_changes_nothing_and_can_be_done_later(full, work):
    before = everything(full)
    with full.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    if problem := problem_of(lambda: WORK[work](full)):
        assert problem.message.endswith("not stored: the disk is full.")
        assert "everything stored before is safe" in problem.hint
        assert everything(full) == before
    else:
        # What frees more than it takes fits into a full file.
        assert work in ("undo", "restore", "skeleton")
    with full.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    WORK[work](full)
    assert everything(full) != before or work == "setting"
    path = full.path
    full.close()
    with Project.open(path) as again:
        assert len(again.history.entries()) >= len(before["history"])


LIMITED = """
import resource, signal, sys
from pathlib import Path
from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.store.backups import copy_project, restore_backup
from kpstudio.store.project import Project

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path, out = Path(sys.argv[1]), Path(sys.argv[2])
with Project.open(path, read_only=True) as project:
    dataset = project.dataset()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), -1))
for name, format in formats.FORMATS.items():
    if format.can_write and name not in ("coco_results", "kaggle_faces", "mpii", "deepposekit"):
        suffix = {"sleap": ".slp", "parquet": ".parquet", "csv": ".csv"}.get(name, "")
        try:
            formats.write(dataset, out / f"{name}{suffix}", format=name)
        except UserProblem as problem:
            print(name, "|", problem)
        else:
            print(name, "| written")
try:
    restore_backup(path, path)
except UserProblem as problem:
    print("restore |", problem)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
@pytest.mark.parametrize("limit", [0, 4096])
def test_an_export_that_does_not_fit_leaves_what_was_there(full, tmp_path, limit):
    path, out = full.path, tmp_path / "out"
    for image in full.images():
        image.path.write_bytes(b"")
    full.close()
    out.mkdir()
    (out / "labels.txt").write_text("of somebody else")
    before = path.read_bytes()
    command = [sys.executable, "-c", LIMITED, str(path), str(out), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(" | ", 1) for line in done.stdout.splitlines())
    assert len(said) > 9
    for name, words in said.items():
        assert words == "written" or "not written" in words or "could not be put back" in words, (
            name,
            words,
        )
    assert "could not be put back" in said["restore"]
    assert limit or "written" not in said.values()
    assert path.read_bytes() == before
    left = [each for each in out.rglob("*") if each.name.startswith(".") and each.is_file()]
    assert [each for each in left if each.name != ".kpstudio-export.json"] == []


def test_a_write_that_fails_anywhere_changes_nothing(full, annotation, monkeypatch):
    """The error of a disk that comes at any statement of an edit, after part of it was written."""
    before = everything(full)
    real = Connection.execute
    for allowed in range(100):
        left = iter(range(allowed))

        def failing(*words, left=left, **named):
            if next(left, None) is None:
                raise OSError(28, "No space left on device")
            return real(*words, **named)

        with monkeypatch.context() as patch:
            patch.setattr(Connection, "execute", failing)
            try:
                full.apply(Edit.change("Add", None, annotation(5)))
            except OSError:
                pass
            else:
                break
        assert everything(full) == before
    assert allowed > 5
    assert len(full.history.entries()) == len(before["history"]) + 1


def test_a_folder_that_goes_away_and_comes_back_loses_nothing(full, annotation, tmp_path):
    """As a stick that is pulled out: the answer is in words, and what was stored is there."""
    kept = everything(full)
    away = tmp_path.with_name(f"{tmp_path.name} away")
    tmp_path.rename(away)
    try:
        problem = problem_of(lambda: full.apply(Edit.change("Add", None, annotation(5))))
        assert problem is None or problem.hint
    finally:
        away.rename(tmp_path)
    full.close()
    with Project.open(full.path) as again:
        assert len(again.history.entries()) == len(kept["history"]) + (problem is None)
        found = {each.id: each for each in again.dataset().annotations}
        assert all(found[each.id] == each for each in kept["annotations"])


def test_closing_a_project_whose_folder_was_deleted_is_no_error(full, tmp_path, annotation):
    for each in tmp_path.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    problem = problem_of(lambda: full.apply(Edit.change("Add", None, annotation(5))))
    assert problem is None or problem.hint
    full.close()


@pytest.mark.parametrize("steps", [(-3600.0,), (0.0, -1e9, 5.0, -2e9)])
def test_a_clock_that_goes_back_changes_neither_the_order_nor_undo(
    project, annotation, monkeypatch, steps
):
    now = time.time()
    moments = itertools.cycle([now + step for step in steps])
    monkeypatch.setattr(time, "time", lambda: next(moments))
    first = annotation(2)
    project.apply(Edit.change("Add", None, first))
    states = [project.dataset()]
    for number in range(5):
        moved = states[-1].annotations[0].with_keypoint(0, (number, 3.0), 2)
        project.apply(Edit.change(f"Move {number}", states[-1].annotations[0], moved))
        states.append(project.dataset())
    assert [entry.label for entry in project.history.entries()][-6:] == [
        "Add",
        *(f"Move {n}" for n in range(5)),
    ]
    for number in range(4, -1, -1):
        assert project.undo_label == f"Move {number}"
        project.undo()
        assert project.dataset() == states[number]
    assert project.redo_label == "Move 0"
    project.redo()
    assert project.dataset() == states[1]
    ids = [entry.id for entry in project.history.entries()]
    assert ids == sorted(ids)
    project.restore(ids[0])
    assert project.dataset().annotations == states[0].annotations


SECOND = """
import sys
from pathlib import Path
from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project

try:
    Project.open(Path(sys.argv[1]))
except UserProblem as problem:
    print(problem)
with Project.open(Path(sys.argv[1]), read_only=True) as project:
    print(len(project.history.entries()))
    try:
        project.undo()
    except UserProblem as problem:
        print(problem)
"""


def test_a_second_process_reads_what_is_stored_and_cannot_change_it(full):
    before = everything(full)
    command = [sys.executable, "-c", SECOND, str(full.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    refused, count, unchanged = done.stdout.splitlines()
    assert "already open" in refused
    assert int(count) == len(before["history"])
    assert "open for reading only" in unchanged
    assert everything(full) == before
