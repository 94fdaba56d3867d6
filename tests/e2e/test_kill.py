"""Whoever is killed while editing finds every edit that had been acknowledged."""

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project

KILLS = 50

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
    count = len(project.history())
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
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        ready = child.stdout.readline()
        assert ready == b"ready\n", child.stderr.read().decode()
        time.sleep(delay_s)
        child.kill()
        acknowledged = child.stdout.read().splitlines(keepends=True)
    whole = [line for line in acknowledged if line.endswith(b"\n")]
    return int(whole[-1]) + 1 if whole else 0


def check_contents(path: Path, acknowledged: int) -> None:
    with Project.open(path) as project:
        with project.database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        count = len(project.history())
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


def test_every_acknowledged_edit_survives_fifty_kills(tmp_path):
    path = tmp_path / "killed.kps"
    skeleton = Skeleton("three", ("snout", "neck", "tail"))
    with Project.create(path, skeleton) as project:
        images = tuple(Image(n, tmp_path / f"{n}.png", 31, 17) for n in (1, 2, 3))
        project.import_dataset(Dataset(skeleton, images, ()), source="frames")
    draw = random.Random(2)
    acknowledged = 0
    for kill in range(KILLS):
        delay_s = draw.uniform(0, 0.1)
        acknowledged = max(acknowledged, edit_and_be_killed(path, delay_s, (7, 1000)[kill % 2]))
        check_contents(path, acknowledged)
    assert acknowledged > KILLS
    check_undo(path, tmp_path / "copy.kps")
