import json
import sqlite3
from pathlib import Path

import msgspec
import pytest

from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project
from kpstudio.store.schema import stored_revision


class Recipe(msgspec.Struct):
    name: str
    minutes: float = 5.0


@pytest.mark.parametrize(
    ("value", "kind"),
    [("name:(.+)_", str), (7, int), (Recipe("näher", 0.1), Recipe), ({"a": [1, 2]}, dict)],
)
def test_a_setting_comes_back_as_it_was_also_after_reopening(project, value, kind):
    assert project.setting("thing", kind) is None
    project.set_setting("thing", "something else")
    project.set_setting("thing", value)
    assert project.setting("thing", kind) == value
    project.close()
    with Project.open(project.path, read_only=True) as again:
        assert again.setting("thing", kind) == value
        assert again.setting("other", kind) is None


def test_a_setting_can_be_removed(project):
    project.set_setting("a", 1)
    project.set_setting("b", 2)
    project.set_setting("a", None)
    project.set_setting("never", None)
    assert project.setting("a", int) is None
    assert project.setting("b", int) == 2


def test_a_setting_of_another_kind_is_a_problem_that_names_it(project):
    project.set_setting("recipe", {"name": 3})
    with pytest.raises(UserProblem, match="recipe"):
        project.setting("recipe", Recipe)


def test_who_may_only_read_stores_no_setting(project):
    with (
        Project.open(project.path, read_only=True) as reader,
        pytest.raises(UserProblem, match="reading only"),
    ):
        reader.set_setting("a", 1)


@pytest.fixture
def old(project, annotation, monkeypatch):
    """A project of the first revision with data, and what is in it."""
    project.split(0.3)
    for image_id in (2, 3, 5):
        project.apply(Edit.change("Add", None, annotation(image_id)))
    project.undo()
    project.finish_run(project.start_run("a", {"steps": 7}).id, state="finished", steps=7)
    project.close()

    from kpstudio.store import database, schema

    path = project.folder / "old.kps"
    monkeypatch.setattr(database, "migrate", lambda at: schema.migrate(at, "0001"))
    with database.new_database(path):
        pass
    monkeypatch.undo()
    source, target = sqlite3.connect(project.path), sqlite3.connect(path)
    for name, _ in everything(path):
        columns = [row[1] for row in target.execute(f'PRAGMA table_info("{name}")')]
        named, marks = ", ".join(f'"{each}"' for each in columns), ", ".join("?" for _ in columns)
        rows = source.execute(f'SELECT {named} FROM "{name}"').fetchall()
        target.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)
    target.commit()
    source.close()
    target.close()
    return path, (project.skeleton, *everything(path))


def everything(path: Path):
    """Every row of every table of the first revision, as SQLite has them."""
    connection = sqlite3.connect(path)
    try:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
            if name not in ("alembic_version", "settings")
        ]
        return [(name, connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names]
    finally:
        connection.close()


def test_a_project_of_the_first_revision_opens_with_nothing_lost(old):
    path, (skeleton, *before) = old
    assert any(name == "annotations" and len(rows) == 2 for name, rows in before)
    assert any(name == "runs" and json.loads(rows[0][7]) == {"steps": 7} for name, rows in before)
    with Project.open(path) as project:
        assert project.skeleton == skeleton
        assert project.setting("grouping", str) is None
        project.set_setting("grouping", "folder")
        with project.database.reading() as connection:
            assert stored_revision(connection) == "0002"
        assert project.undo_label == "Add"
    assert everything(path) == before
    with Project.open(path, read_only=True) as project:
        assert project.setting("grouping", str) == "folder"


def test_reading_only_leaves_an_older_project_as_it_is_and_says_what_to_do(old):
    path, _ = old
    before = path.read_bytes()
    with pytest.raises(UserProblem, match="older kpstudio") as caught:
        Project.open(path, read_only=True)
    assert "Open it once" in caught.value.hint
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_older_project_whole(old, monkeypatch):
    from kpstudio.store import database, schema

    path, (_, *before) = old

    def fail(connection):
        schema.migrate(connection)
        raise OSError("the power is gone")

    monkeypatch.setattr(database, "migrate", fail)
    with pytest.raises(OSError, match="power"):
        Project.open(path)
    assert everything(path) == before
    monkeypatch.undo()
    with Project.open(path) as project:
        assert len(project.images()) == 7
