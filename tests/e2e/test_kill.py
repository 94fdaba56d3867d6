"""Whoever is killed finds everything that had been acknowledged, and nothing half done."""

import collections
import itertools
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from killed_process import KINDS, kind_of, make_files, make_project, perform, state_of

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.backups import backups
from kpstudio.store.checking import salvage
from kpstudio.store.project import Project

TESTS = Path(__file__).parents[1]
OLD = sorted((TESTS / "unit" / "store" / "old").glob("*.kps"))
KILLS = 2
MORE_KILLS = pytest.param(50, marks=pytest.mark.thorough)

# The n-th change is decided by n alone: three edits, an undo, a redo, and so on. So the length of
# the history says what must be stored, also after an edit that was stored but not acknowledged.
CHILD = """
import os, sys
from pathlib import Path
import numpy as np
from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.store.project import Project

with Project.open(Path(sys.argv[1])) as project:
    with project.database.reading() as connection:
        # Small, so that kills hit the moments in which the journal is emptied, too.
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {sys.argv[2]}")
    count = len(project.history.entries())
    os.write(1, b"ready\\n")
    while True:
        if count % 5 == 3:
            project.undo()
        elif count % 5 == 4:
            project.redo()
        else:
            before = {each.id: each for each in project.dataset().annotations}
            xy = np.array([[count, -count], [count + 0.1, 1e-3 * count], [np.nan, count]])
            after = {
                str(n): Annotation(str(n), n, xy + n, np.array([2, 1, 0])) for n in (1, 2, 3)
            }
            project.apply(Edit(f"Edit {count}", {n: before.get(n) for n in after}, after))
        os.write(1, b"%d\\n" % count)
        count += 1
"""


def edit_that_is_in_force(count: int) -> int:
    """The number of the edit that is seen after `count` changes."""
    last = count - 1
    return last if last % 5 < 3 else last - 2


def edit_and_be_killed(path: Path, delay_s: float, autocheckpoint: int) -> int:
    """Returns how many changes were acknowledged since the project was made."""
    command = [sys.executable, "-c", CHILD, str(path), str(autocheckpoint)]
    said = said_until_killed(command, delay_s)
    return int(said[-1]) + 1 if said else 0


def said_until_killed(command: list[str], delay_s: float, *, lines: int = 0) -> list[bytes]:
    """The whole lines that a process wrote after its "ready".

    It is killed so long after it has written some of them.
    """
    paths = [str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        ready = child.stdout.readline()
        assert ready == b"ready\n", child.stderr.read().decode()
        said = [child.stdout.readline() for _ in range(lines)]
        time.sleep(delay_s)
        # One that ended by itself has failed.
        error = child.stderr.read().decode() if child.poll() is not None else ""
        assert not child.returncode, error
        child.kill()
        said += child.stdout.read().splitlines(keepends=True)
    return [line for line in said if line.endswith(b"\n")]


def check_file(path: Path) -> None:
    with Project.open(path, read_only=True) as project, project.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def check_contents(path: Path, acknowledged: int) -> None:
    with Project.open(path) as project:
        with project.database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        count = len(project.history.entries())
        assert acknowledged <= count
        if not count:
            return
        number = edit_that_is_in_force(count)
        found = project.dataset().annotations
        assert [each.id for each in found] == ["1", "2", "3"]
        for n, each in enumerate(found, start=1):
            xy = np.array([[number, -number], [number + 0.1, 1e-3 * number], [np.nan, number]])
            np.testing.assert_array_equal(each.xy, xy + n)
        assert project.undo_label == f"Edit {number}"


def check_undo(path: Path, copy: Path) -> None:
    """On a copy, because an undo is a change of its own."""
    shutil.copy(path, copy)
    with Project.open(copy) as project:
        before = project.dataset()
        undone = 0
        while undone < 11 and project.undo() is not None:
            undone += 1
        for _ in range(undone):
            project.redo()
        assert undone > 0
        assert project.dataset() == before


@pytest.mark.parametrize("kills", [KILLS, MORE_KILLS])
def test_every_acknowledged_edit_survives_kills(tmp_path, record_property, kills):
    path = tmp_path / "killed.kps"
    skeleton = Skeleton("three", ("snout", "neck", "tail"))
    with Project.create(path, skeleton) as project:
        images = tuple(Image(n, tmp_path / f"{n}.png", 31, 17) for n in (1, 2, 3))
        project.import_dataset(Dataset(skeleton, images, ()), source="frames")
    draw = random.Random(2)
    acknowledged = 0
    for kill in range(kills):
        delay_s = draw.uniform(0, 0.1)
        acknowledged = max(acknowledged, edit_and_be_killed(path, delay_s, (7, 1000)[kill % 2]))
        check_contents(path, acknowledged)
    assert acknowledged > 0
    record_property("kills", kills)
    record_property("acknowledged", acknowledged)
    check_undo(path, tmp_path / "copy.kps")


@pytest.mark.parametrize(
    ("kills", "seed"),
    [(1, 0), *(pytest.param(10, seed, marks=pytest.mark.thorough) for seed in range(1, 17))],
)
def test_a_kill_at_any_moment_of_any_operation_leaves_it_done_or_not_done(
    tmp_path, record_property, kills, seed
):
    """The same operations on another project, which nobody kills, say what has to be there."""
    (tmp_path / "files").mkdir()
    make_files(tmp_path / "files")
    killed, whole = tmp_path / "killed.kps", tmp_path / "whole.kps"
    make_project(killed)
    make_project(whole)
    draw = random.Random(seed)
    # So that seeds differ in their operations, too.
    done, acknowledgements = seed * 100_000, 0
    kinds = sorted(set(KINDS))
    interrupted: collections.Counter[str] = collections.Counter()
    program = [sys.executable, str(TESTS / "killed_process.py")]
    for kill in range(kills):
        # Each kind in its turn, or the longest one would be hit nearly always.
        kind = kinds[(seed * kills + kill) % len(kinds)]
        first = (kill + seed) % 2
        done = next(n for n in itertools.count(done) if kind_of(n + first) == kind)
        words = [str(killed), str(tmp_path / "files"), str(done), str((7, 1000)[kill % 2])]
        delay_s = draw.uniform(0, {"import": 0.5, "merge": 0.1}.get(kind, 0.02))
        said = said_until_killed([*program, *words], delay_s, lines=first)
        acknowledged = int(said[-1]) + 1 if said else done
        interrupted[kind_of(acknowledged)] += 1
        acknowledgements += acknowledged - done
        # The file as the kill left it, for whoever has to look into a failure.
        check_file(killed)
        with Project.open(killed) as project, Project.open(whole) as expected:
            while done < acknowledged:
                perform(expected, tmp_path / "files", done)
                done += 1
            if state_of(project) != state_of(expected):
                perform(expected, tmp_path / "files", done)
                done += 1
            assert state_of(project) == state_of(expected), f"kill {kill}, operation {done}"
    record_property("kills", dict(interrupted))
    record_property("acknowledged", acknowledgements)
    assert acknowledgements >= kills // 2


OPENING = """
import os, sys, time
from pathlib import Path
from kpstudio.store import project

os.write(1, b"ready\\n")
with project.Project.open(Path(sys.argv[1])):
    os.write(1, b"open\\n")
    time.sleep(60)
"""


REPLACING = """
import os, sys, time
from pathlib import Path
from kpstudio.store.backups import restore_backup
from kpstudio.store.checking import salvage

path, copy = Path(sys.argv[1]), Path(sys.argv[2])
os.write(1, b"ready\\n")
salvage(path) if sys.argv[3] == "repair" else restore_backup(path, copy)
os.write(1, b"done\\n")
time.sleep(60)
"""


@pytest.mark.parametrize("kills", [1, pytest.param(30, marks=pytest.mark.thorough)])
@pytest.mark.parametrize(("what", "longest_s"), [("repair", 1.0), ("restore", 0.03)])
def test_a_project_that_is_being_replaced_is_never_lost(
    tmp_path, record_property, kills, what, longest_s
):
    whole = tmp_path / "whole.kps"
    with Project.create(whole, Skeleton("one", ("snout",))) as project:
        project.add_images([Image(n, tmp_path / f"{n}.png", 31, 17) for n in range(1009)])
    expected = contents_of(whole)
    draw = random.Random(what)
    done = 0
    for kill in range(kills):
        folder = tmp_path / str(kill)
        folder.mkdir()
        path = Path(shutil.copy(whole, folder / "a.kps"))
        command = [sys.executable, "-c", REPLACING, str(path), str(whole), what]
        done += bool(said_until_killed(command, draw.uniform(0, longest_s)))
        found = [each for each in (path, *folder.glob("a.*.kps")) if each.exists()]
        assert path in found or len(found) > 0
        for each in found:
            check_file(each)
            with Project.open(each, read_only=True) as project:
                assert len(project.images()) == 1009
        # What is left does not stand in the way of another try.
        salvage(found[0])
        assert contents_of(found[0]) == expected
    record_property("kills", f"{kills}, {done} of them when it was done")
    assert kills < 10 or 0 < done < kills


def contents_of(path: Path) -> dict[str, object]:
    with Project.open(path) as project:
        return {
            "annotations": project.dataset().annotations,
            "history": [entry.label for entry in project.history.entries()],
            "runs": project.runs.all(),
        }


def check_backups(path: Path, rows: int) -> None:
    """Every copy that has a name is whole."""
    for copy in backups(path):
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("SELECT count(*) FROM images").fetchall() == [(rows,)]


@pytest.mark.parametrize("old", OLD, ids=lambda path: path.stem)
@pytest.mark.parametrize("kills", [1, pytest.param(30, marks=pytest.mark.thorough)])
def test_a_migration_that_is_killed_is_done_or_not_done(tmp_path, record_property, old, kills):
    path = tmp_path / "old.kps"
    shutil.copy(old, path)
    expected = contents_of(path)
    draw = random.Random(old.stem)
    opened = 0
    for _ in range(kills):
        shutil.rmtree(tmp_path / "old.backups")
        shutil.copy(old, path)
        said = said_until_killed([sys.executable, "-c", OPENING, str(path)], draw.uniform(0, 0.6))
        opened += bool(said)
        check_backups(path, 7)
        assert contents_of(path) == expected
        check_backups(path, 7)
        assert not list(tmp_path.glob("old.backups/.*"))
    record_property("kills", f"{kills}, {kills - opened} of them before the project was open")
    assert kills < 10 or 0 < opened < kills


@pytest.mark.parametrize("kills", [1, pytest.param(30, marks=pytest.mark.thorough)])
def test_a_daily_copy_that_is_killed_is_whole_or_not_there(tmp_path, record_property, kills):
    path = tmp_path / "a.kps"
    with Project.create(path, Skeleton("one", ("snout",))) as project:
        project.add_images([Image(n, tmp_path / f"{n}.png", 31, 17) for n in range(5003)])
    expected = contents_of(path)
    draw = random.Random(7)
    copied = 0
    for kill in range(kills):
        yesterday = time.time() - 2 * 86400
        os.utime(path, (yesterday, yesterday))
        command = [sys.executable, "-c", OPENING, str(path)]
        assert len(said_until_killed(command, draw.uniform(0, 0.02))) < 2, kill
        check_backups(path, 5003)
        copied += bool(backups(path))
        assert contents_of(path) == expected
        shutil.rmtree(tmp_path / "a.backups", ignore_errors=True)
    record_property("kills", f"{kills}, {copied} of them after the copy was made")
    assert kills < 10 or copied > 0
