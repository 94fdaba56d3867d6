"""Projects that every older version of the tables left, opened by this one."""

import shutil
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest

from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.store import database, schema
from kpstudio.store.checking import check_project
from kpstudio.store.merging import merge, plan_merge
from kpstudio.store.project import Project

OLD = sorted((Path(__file__).parent / "old").glob("*.kps"))


@pytest.fixture(params=OLD, ids=lambda path: path.stem)
def old(request, tmp_path) -> Path:
    return Path(shutil.copy(request.param, tmp_path / "old.kps"))


def rows(path: Path, table: str) -> list[tuple]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"SELECT * FROM {table}").fetchall()
    finally:
        connection.close()


def test_there_is_one_of_every_older_revision():
    assert {path.stem for path in OLD} == schema.known_revisions() - {schema.NEWEST_REVISION}


def test_an_old_project_opens_with_nothing_lost(old):
    before = {name: rows(old, name) for name in ("annotation_keypoints", "runs", "predictions")}
    changes = len(rows(old, "history"))
    with Project.open(old) as project:
        assert project.skeleton.keypoints == ("nose", "left ear", "right ear", "tail")
        assert project.skeleton.sigmas == (0.1, 0.2, 0.3, 0.4)
        assert [image.path.name for image in project.images()] == [f"{n}.png" for n in range(1, 8)]
        assert {(image.width, image.height, image.frame) for image in project.images()} == {
            (31, 17, None)
        }
        assert {image.split for image in project.images()} == {"train", "val"}
        assert project.labelled_image_ids() == {2, 3}
        (annotation,) = project.annotations(3)
        assert annotation.box == Box(1, 2, 3, 4)
        assert annotation.author == "ann"
        np.testing.assert_array_equal(annotation.xy[:3], np.arange(6.0).reshape(3, 2) + 3)
        assert (annotation.track, annotation.extra) == ("", "")
        assert project.marks.changes() == project.history.merges() == ()
        assert len(project.history.entries()) == changes
        (run,) = project.runs.all()
        assert (run.median_px, run.steps, run.state) == (2.5, 70, "finished")
        (prediction,) = project.predictions.of(run.id)
        assert prediction.score == 0.8
        assert project.redo() is not None
        assert project.labelled_image_ids() == {2, 3, 5}
        assert project.undo() is not None
        assert project.undo() is not None
        assert project.labelled_image_ids() == {2}
        assert project.redo() is not None
        with project.database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert schema.stored_revision(connection) == schema.NEWEST_REVISION
    for name, kept in before.items():
        # New columns come after the old ones.
        assert [row[: len(kept[0])] for row in rows(old, name)] == kept


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_an_old_project_is_read_through_a_copy_and_stays_as_it_is(old, temporary):
    before, around = old.read_bytes(), set(old.parent.iterdir())
    told = []
    with Project.open(old, read_only=True, notify=told.append) as project:
        assert len(list(temporary.iterdir())) == 1
        assert (project.path, project.runs.folder) == (old, old.with_name("old.runs"))
        assert project.images()[6].path == old.parent / "frames/7.png"
        assert project.labelled_image_ids() == {2, 3}
        assert (project.marks.changes(), project.issues.all()) == ((), ())
        with pytest.raises(UserProblem, match="open for reading only"):
            project.marks.change_tags([1], add=["wet"])
    (sentence,) = told
    assert sentence.startswith("old.kps was made by an older kpstudio: a copy of it (0.1 MB)")
    assert old.read_bytes() == before
    assert set(old.parent.iterdir()) == around
    assert list(temporary.iterdir()) == []


def test_a_project_of_now_is_read_as_it_is(old, temporary):
    Project.open(old).close()
    told = []
    with Project.open(old, read_only=True, notify=told.append):
        assert list(temporary.iterdir()) == told == []


def test_an_old_project_of_which_no_copy_can_be_made_stays_as_it_is(old, temporary):
    before = old.read_bytes()
    temporary.rmdir()
    with pytest.raises(UserProblem, match="older kpstudio, and no copy") as caught:
        Project.open(old, read_only=True)
    assert "open it once in the studio" in caught.value.hint
    assert old.read_bytes() == before


def test_an_old_project_is_checked(old, temporary):
    before = old.read_bytes()
    (fault,) = check_project(old)
    assert "checkpoint of run 1" in fault.what
    assert old.read_bytes() == before
    assert list(temporary.iterdir()) == []


def test_a_migration_that_fails_leaves_the_old_project_whole(old, monkeypatch):
    before = rows(old, "annotation_keypoints"), rows(old, "images")

    def fail(connection):
        schema.migrate(connection)
        raise OSError("the power is gone")

    monkeypatch.setattr(database, "migrate", fail)
    with pytest.raises(OSError, match="power"):
        Project.open(old)
    assert (rows(old, "annotation_keypoints"), rows(old, "images")) == before
    monkeypatch.undo()
    with Project.open(old) as project:
        assert len(project.images()) == 7


def test_a_file_with_rows_that_belong_to_nothing_is_not_migrated(old):
    connection = sqlite3.connect(old)
    connection.execute("UPDATE annotations SET image_id = 99")
    connection.commit()
    connection.close()
    with pytest.raises(UserProblem, match="damaged: rows of annotations"):
        Project.open(old)
    assert rows(old, "alembic_version") != [(schema.NEWEST_REVISION,)]


def test_an_old_copy_is_merged_although_nobody_has_opened_it_yet(old, tmp_path):
    before = old.read_bytes()
    with Project.open(Path(shutil.copy(old, tmp_path / "first.kps"))) as first:
        skeleton, labelled = first.skeleton, first.annotations(3)
    with Project.create(tmp_path / "new.kps", skeleton) as ours:
        merge(ours, plan_merge(ours, old), {})
        (image,) = [each for each in ours.images() if each.name == "3.png"]
        assert [each.id for each in ours.annotations(image.id)] == [each.id for each in labelled]
        assert len(ours.images()) == 7
    assert old.read_bytes() == before


def test_two_copies_of_an_old_project_are_merged_after_both_were_opened(old, tmp_path):
    other = Path(shutil.copy(old, tmp_path / "other.kps"))
    with Project.open(other, author="Bob") as theirs:
        (label,) = theirs.annotations(2)
        moved = label.with_keypoint(0, (9.0, 9.0), 2)
        theirs.apply(Edit.change("Move nose", label, moved))
        theirs.marks.change_tags([1], add=["wet"])
        theirs.marks.set_review([3], "rejected")
    with Project.open(old, author="Ann") as ours:
        count = len(ours.history.entries())
        merge(ours, plan_merge(ours, other), {})
        assert ours.annotations(2) == (moved,)
        assert (ours.image(1).tags, ours.image(3).review) == (("wet",), "rejected")
        assert [each.author for each in ours.history.entries()[count:]] == ["Bob", "Ann"]
        assert plan_merge(ours, other).is_empty


def test_tags_and_reviews_of_before_they_were_remembered_are_kept(tmp_path):
    path = Path(shutil.copy(Path(__file__).parent / "old" / "0003.kps", tmp_path / "old.kps"))
    with Project.open(path) as project:
        tagged = {image.id: image.tags for image in project.images() if image.tags}
        reviewed = {image.id: image.review for image in project.images() if image.review}
        seconds = [each.seconds_open for each in project.history.entries()]
    assert tagged == {2: ("night",), 6: ("night",)}
    assert reviewed == {3: "accepted"}
    assert seconds == [2.5, 2.5, 2.5, None]
