import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.store.database import Database
from kpstudio.store.project import Project
from kpstudio.store.schema import NEWEST_REVISION, known_revisions
from kpstudio.store.tables import APPLICATION_ID, metadata

from .conftest import SKELETON


def contents(path):
    return path.read_bytes() if path.is_file() else None


@pytest.mark.parametrize("kind", ["missing", "text", "zero bytes", "folder", "other database"])
@pytest.mark.parametrize("read_only", [False, True])
def test_what_is_not_a_project_is_refused_and_left_alone(tmp_path, kind, read_only):
    path = tmp_path / "thing.kps"
    if kind == "text":
        path.write_text("SQLite format 3, or so" * 20)
    elif kind == "zero bytes":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "other database":
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE skeletons (id)")
        connection.commit()
        connection.close()
    before, names = contents(path), sorted(tmp_path.iterdir())
    with pytest.raises(UserProblem, match=r"thing\.kps") as caught:
        Project.open(path, read_only=read_only)
    assert caught.value.hint
    assert contents(path) == before
    assert sorted(tmp_path.iterdir()) == names


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_project_is_refused_and_left_alone(project, read_only):
    project.close()
    connection = sqlite3.connect(project.path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = contents(project.path)
    with pytest.raises(UserProblem, match="newer kpstudio"):
        Project.open(project.path, read_only=read_only)
    assert contents(project.path) == before


def test_a_second_writer_is_told_that_it_is_open_and_gets_in_afterwards(project):
    with pytest.raises(UserProblem, match="already open") as caught:
        Project.open(project.path)
    assert "Close" in caught.value.hint
    project.close()
    with Project.open(project.path) as again:
        assert len(again.images()) == 7


def test_another_process_cannot_write_either(project):
    code = (
        "import sys; from pathlib import Path\n"
        "from kpstudio.store.project import Project\n"
        "Project.open(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(project.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "already open" in done.stderr


def test_a_reader_sees_what_a_writer_stores_and_cannot_write(project, annotation):
    with Project.open(project.path, read_only=True) as reader:
        new = annotation()
        project.apply(Edit.change("Add", None, new))
        assert reader.annotations(1) == (new,)
        with pytest.raises(UserProblem, match="reading only"):
            reader.apply(Edit.change("Remove", new, None))
        with reader.database.reading() as connection, pytest.raises(Exception, match="readonly"):
            connection.exec_driver_sql("DELETE FROM annotations")
    assert project.annotations(1) == (new,)


def test_a_closed_project_is_a_single_file(project, annotation):
    project.apply(Edit.change("Add", None, annotation()))
    project.close()
    beside = {path.name for path in project.folder.iterdir()} - {"frames"}
    assert beside == {"rats.kps"}


def test_a_project_on_a_medium_that_cannot_be_written_opens_for_reading(project, monkeypatch):
    project.close()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with Project.open(project.path, read_only=True) as reader:
        assert reader.skeleton == SKELETON
        assert len(reader.images()) == 7
    beside = {path.name for path in project.folder.iterdir()} - {"frames"}
    assert beside == {"rats.kps"}


def test_a_copy_of_the_closed_file_is_the_whole_project(project, annotation, tmp_path):
    new = annotation()
    project.apply(Edit.change("Add", None, new))
    project.close()
    shutil.copy(project.path, tmp_path / "copy.kps")
    with Project.open(tmp_path / "copy.kps") as copy:
        assert copy.annotations(1) == (new,)


def test_an_edit_is_refused_whole_when_the_disk_is_full(project, annotation):
    kept = annotation()
    project.apply(Edit.change("Add", None, kept))
    with project.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    many = {each.id: each for each in (annotation(2) for _ in range(997))}
    with pytest.raises(UserProblem) as caught:
        project.apply(Edit("Paste", dict.fromkeys(many), many))
    assert caught.value.message == "“Paste” was not stored: the disk is full."
    assert "everything stored before is safe" in caught.value.hint
    assert project.annotations(2) == ()
    assert project.undo_label == "Add"
    with project.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    project.apply(Edit("Paste", dict.fromkeys(many), many))
    assert len(project.annotations(2)) == 997
    assert project.annotations(1) == (kept,)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_an_edit_is_refused_whole_when_writing_fails_half_way(project, annotation):
    code = """
import resource, signal, sys
from pathlib import Path
from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Project.open(Path(sys.argv[1])) as project:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limit[1]))
    new = [Annotation.empty(2, project.skeleton) for _ in range(997)]
    try:
        project.apply(Edit("Paste", {a.id: None for a in new}, {a.id: a for a in new}))
    except UserProblem as problem:
        print(problem)
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    print(len(project.annotations(2)), project.undo_label)
"""
    project.close()
    command = [sys.executable, "-c", code, str(project.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "“Paste” was not stored: the disk is full or cannot be used" in done.stdout
    assert done.stdout.splitlines()[-1] == "0 None"


def test_an_edit_waits_for_no_foreign_program_for_long(project, annotation, monkeypatch):
    other = sqlite3.connect(project.path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with project.database.reading() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        with pytest.raises(UserProblem, match="another program is writing"):
            project.apply(Edit.change("Add", None, annotation()))
    finally:
        other.close()
    assert project.annotations(1) == ()


def test_a_damaged_project_says_so(project):
    project.close()
    data = bytearray(project.path.read_bytes())
    data[4096:] = b"\x07" * (len(data) - 4096)
    project.path.write_bytes(data)
    with pytest.raises(UserProblem, match="damaged"):
        Project.open(project.path)
    with pytest.raises(UserProblem, match="damaged"):
        Project.open(project.path)


def test_creating_never_overwrites(project, tmp_path):
    with pytest.raises(UserProblem, match="exists already"):
        Project.create(project.path, SKELETON)
    with pytest.raises(UserProblem, match="does not exist"):
        Project.create(tmp_path / "no" / "a.kps", SKELETON)
    assert len(project.images()) == 7


def test_the_migrations_make_the_tables_that_the_code_uses(project):
    """Types, keys, and all: what Alembic would generate is nothing."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with project.database.reading() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, metadata)
        application_id = connection.exec_driver_sql("PRAGMA application_id").scalar()
        durability = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        foreign_keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    assert differences == []
    assert application_id == APPLICATION_ID
    assert (durability, journal, foreign_keys) == (2, "wal", 1)


def test_the_newest_revision_is_known(project):
    assert NEWEST_REVISION in known_revisions()
    from alembic.script import ScriptDirectory

    folder = Path(sys.modules[Database.__module__].__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == NEWEST_REVISION


def test_opening_imports_neither_alembic_nor_anything_heavy(project):
    project.close()
    code = (
        "import sys; from pathlib import Path\n"
        "from kpstudio.store.project import Project\n"
        "Project.open(Path(sys.argv[1])).close()\n"
        "print([m for m in ('alembic', 'cv2', 'torch', 'PySide6') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(project.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"
