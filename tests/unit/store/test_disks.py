"""Full disks and folders that cannot be written, from outside: nothing is lost, and it is said."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.store import backups
from kpstudio.store.checking import salvage
from kpstudio.store.project import Project

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's limits and rights")

if sys.platform == "linux":
    from disk_trouble import can_be_refused, full_disk, lost_disk, refusable

OLD = Path(__file__).parent / "old" / "0002.kps"
DAY_S = 86400
ROOM = 50_000


def files_in(folder):
    return {each.name: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_a_full_disk_stops_the_copy_of_the_day_and_not_the_labelling(
    project, annotation, tmp_path, caplog
):
    project.close()
    moment = time.time() - 2 * DAY_S
    os.utime(project.path, (moment, moment))
    new = annotation(2)
    with full_disk(ROOM):
        assert project.path.stat().st_size > ROOM
        with Project.open(project.path) as again:
            again.apply(Edit.change("Add", None, new))
    assert not list((tmp_path / "rats.backups").iterdir())
    assert "no backup of" in caplog.text
    with Project.open(project.path) as again:
        assert again.annotations(2) == (new,)


def test_an_old_project_on_a_full_disk_stays_as_it_is(tmp_path):
    path = Path(shutil.copy(OLD, tmp_path / "rats.kps"))
    before = path.read_bytes()
    with full_disk(ROOM), pytest.raises(UserProblem) as caught:
        Project.open(path)
    assert "no backup can be made" in caught.value.message
    assert "Free some space" in caught.value.hint
    assert path.read_bytes() == before
    Project.open(path).close()
    with Project.open(path) as again:
        assert len(again.images()) == 7


@pytest.mark.parametrize("work", [lambda path: backups.restore_backup(path, path), salvage])
def test_what_replaces_a_project_leaves_it_alone_on_a_full_disk(project, tmp_path, work):
    project.close()
    before = files_in(tmp_path)
    with full_disk(ROOM), pytest.raises(UserProblem):
        work(project.path)
    assert files_in(tmp_path) == before


def test_a_project_whose_folder_is_away_is_not_said_to_be_in_use(project, annotation, tmp_path):
    """Where the disk is gone, so are the answers about locks."""
    with project.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    before = project.history.entries()
    with lost_disk(tmp_path):
        with pytest.raises(UserProblem) as caught:
            project.apply(Edit.change("Add", None, annotation(2)))
        assert f"rats.kps is not in {tmp_path} any more" in caught.value.message
        assert "Connect its disk again" in caught.value.hint
    project.apply(Edit.change("Add", None, annotation(2)))
    assert len(project.history.entries()) == len(before) + 1
    project.close()
    with Project.open(project.path) as again:
        assert len(again.annotations(2)) == 1


REFUSED = """
import sys
from pathlib import Path
from kpstudio.__main__ import main
from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project

path = Path(sys.argv[1])
for words in (["import", str(path), str(path.parent / "frames")], ["check", str(path)]):
    print(main(words))
try:
    Project.open(path)
except UserProblem as problem:
    print(problem)
with Project.open(path, read_only=True) as project:
    print([entry.label for entry in project.history.entries()])
"""


@pytest.mark.parametrize("was_killed", [False, True])
def test_a_project_in_a_folder_that_cannot_be_written_is_read_and_said_so(
    project, annotation, tmp_path, was_killed
):
    if not can_be_refused():
        pytest.skip("root may write everywhere here")
    project.apply(Edit.change("Add", None, annotation(2)))
    folder = tmp_path / "refused"
    shutil.copytree(tmp_path, folder, ignore=shutil.ignore_patterns("refused", "*.lock"))
    project.close()
    if not was_killed:
        shutil.copy(project.path, folder)
        for left in folder.glob("rats.kps-*"):
            left.unlink()
    before = files_in(folder)
    assert ("rats.kps-wal" in before) == was_killed
    for each in (*folder.iterdir(), folder):
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        command = refusable([sys.executable, "-c", REFUSED, str(folder / "rats.kps")])
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        imported, whole, checked, refused, labels = done.stdout.splitlines()
        assert (imported, checked) == ("1", "0")
        assert "is whole" in whole
        assert "its folder cannot be written" in refused
        assert "Copy the project to a folder of your own" in refused
        assert labels == "['Add']"
        assert files_in(folder) == before
    finally:
        folder.chmod(0o755)
