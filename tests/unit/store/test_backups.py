import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.store import backups
from kpstudio.store.project import Project

DAY_S = 86400


def change_on(project: Project, days_ago: float) -> None:
    """Let the closed project look as if it was last changed so long ago."""
    project.close()
    moment = time.time() - days_ago * DAY_S
    os.utime(project.path, (moment, moment))


def test_a_project_of_an_earlier_day_is_copied_before_it_changes(project, annotation):
    old = annotation(2)
    project.apply(Edit.change("Add", None, old))
    change_on(project, 2)
    with Project.open(project.path) as again:
        again.apply(Edit.change("Delete", old, None))
    (copy,) = backups.backups(project.path)
    assert copy.name == f"{time.strftime('%Y-%m-%d', time.localtime(time.time() - 2 * DAY_S))}.kps"
    with Project.open(copy, read_only=True) as kept:
        assert kept.annotations(2) == (old,)


def test_a_project_of_today_is_not_copied(project):
    project.close()
    Project.open(project.path).close()
    assert backups.backups(project.path) == ()


def test_reading_only_copies_nothing(project):
    change_on(project, 3)
    Project.open(project.path, read_only=True).close()
    assert backups.backups(project.path) == ()


def test_only_the_last_week_of_changes_is_kept(project):
    for days_ago in range(12, 2, -1):
        change_on(project, days_ago)
        Project.open(project.path).close()
    names = [each.stem for each in backups.backups(project.path)]
    assert len(names) == 7
    assert names[0] == time.strftime("%Y-%m-%d", time.localtime(time.time() - 3 * DAY_S))


def test_an_old_project_is_copied_before_its_tables_change(tmp_path):
    old = Path(__file__).parent / "old" / "0001.kps"
    path = Path(shutil.copy(old, tmp_path / "rats.kps"))
    Project.open(path).close()
    (copy,) = backups.backups(path)
    assert copy == tmp_path / "rats.backups" / "before-0001.kps"
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    connection.close()


def test_without_room_for_a_copy_an_old_project_stays_as_it_is(tmp_path):
    path = Path(shutil.copy(Path(__file__).parent / "old" / "0002.kps", tmp_path / "rats.kps"))
    (tmp_path / "rats.backups").write_text("in the way")
    before = path.read_bytes()
    with pytest.raises(UserProblem, match="no backup can be made"):
        Project.open(path)
    assert path.read_bytes() == before


def test_a_copy_that_cannot_be_made_does_not_keep_anyone_from_labelling(project, annotation):
    change_on(project, 2)
    (project.folder / "rats.backups").write_text("in the way")
    with Project.open(project.path) as again:
        again.apply(Edit.change("Add", None, annotation(2)))
        assert len(again.annotations(2)) == 1


def test_a_copy_is_put_back_and_what_was_there_is_kept(project, annotation):
    change_on(project, 2)
    with Project.open(project.path) as again:
        again.apply(Edit.change("Add", None, annotation(2)))
    (copy,) = backups.backups(project.path)
    kept = backups.restore_backup(project.path, copy)
    with Project.open(project.path) as restored:
        assert restored.annotations(2) == ()
        assert [image.path.is_file() for image in restored.images()] == [True] * 7
    with Project.open(kept, read_only=True) as former:
        assert len(former.annotations(2)) == 1
    assert backups.restore_backup(project.path, copy).name == "rats.replaced-2.kps"


def test_a_copy_that_takes_too_long_is_given_up_and_made_the_next_time(
    project, tmp_path, monkeypatch
):
    change_on(project, 2)
    with monkeypatch.context() as patch:
        patch.setattr(backups, "_PAGES_AT_ONCE", 1)
        patch.setattr(os, "fsync", lambda _file: time.sleep(0.05))
        start = time.monotonic()
        hurried = Project.open(project.path)
        hurried.close(patience_s=0.1)
        assert time.monotonic() - start < 1
    assert not list((tmp_path / "rats.backups").iterdir())
    Project.open(project.path).close()
    (copy,) = backups.backups(project.path)
    with Project.open(copy, read_only=True) as kept:
        assert len(kept.images()) == 7


def test_a_copy_is_of_one_moment_however_much_is_edited_meanwhile(project, annotation, monkeypatch):
    labels = [annotation(2) for _ in range(97)]
    project.apply(Edit("Paste", {a.id: None for a in labels}, {a.id: a for a in labels}))
    change_on(project, 2)
    steps = 0

    def slow_disk(_file: int) -> None:
        nonlocal steps
        steps += 1
        time.sleep(0.002)

    monkeypatch.setattr(backups, "_PAGES_AT_ONCE", 1)
    monkeypatch.setattr(os, "fsync", slow_disk)
    with Project.open(project.path) as again:
        for number, each in enumerate(labels[:19]):
            again.apply(Edit.change(f"Delete {number}", each, None))
        pages = project.path.stat().st_size // 4096
    assert steps <= pages, "it was begun anew"
    (copy,) = backups.backups(project.path)
    with Project.open(copy, read_only=True) as kept:
        left = len(kept.annotations(2))
        assert 97 - left == len(kept.history.entries()) - 1
        assert left > 97 - 19, "the copy was begun before all was edited"


def test_what_a_killed_process_left_of_a_copy_is_removed(project, tmp_path):
    project.close()
    folder = tmp_path / "rats.backups"
    folder.mkdir()
    for name in (".2026-11-20.kps.unfinished", ".2026-11-20.kps.unfinished-journal"):
        (folder / name).write_bytes(b"half")
    Project.open(project.path).close()
    assert not list(folder.iterdir())


def test_copies_of_days_that_a_wrong_clock_invented_do_not_push_out_the_true_ones(project):
    folder = backups.backups_folder(project.path)
    folder.mkdir()
    for day in range(1, 10):
        copy = folder / f"2093-01-{day:02}.kps"
        copy.write_bytes(b"")
        os.utime(copy, (time.time() + 20_000 * DAY_S + day,) * 2)
    for days_ago in (4, 3, 2):
        change_on(project, days_ago)
        Project.open(project.path).close()
    names = {each.stem for each in backups.backups(project.path)}
    days = [time.localtime(time.time() - days_ago * DAY_S) for days_ago in (4, 3, 2)]
    assert len(names) == 7
    assert {time.strftime("%Y-%m-%d", day) for day in days} <= names


def test_a_project_that_was_changed_in_the_future_opens_and_is_copied_later(project):
    change_on(project, -400)
    Project.open(project.path).close()
    assert backups.backups(project.path) == ()
    change_on(project, 1)
    Project.open(project.path).close()
    assert len(backups.backups(project.path)) == 1


class Killed(BaseException):
    pass


@pytest.mark.parametrize("has_journal", [False, True])
@pytest.mark.parametrize("error", [OSError("the disk is gone"), Killed()])
def test_the_former_project_is_whole_wherever_an_exchange_ends(
    project, annotation, tmp_path, monkeypatch, has_journal, error
):
    project.apply(Edit.change("Add", None, annotation(2)))
    if has_journal:
        for suffix in ("", "-wal"):
            shutil.copy(f"{project.path}{suffix}", tmp_path / f"left.kps{suffix}")
    project.close()
    if not has_journal:
        shutil.copy(project.path, tmp_path / "left.kps")
    former = {each.name: each.read_bytes() for each in tmp_path.glob("left.kps*")}
    assert ("left.kps-wal" in former) == has_journal
    ends = 0
    for step in range(20):
        folder = tmp_path / f"step {step}"
        folder.mkdir()
        for name, data in former.items():
            (folder / name).write_bytes(data)
        path, kept, fresh = folder / "left.kps", folder / "kept.kps", folder / "fresh"
        fresh.write_bytes(b"the new one")
        calls = []

        def ending(function, calls=calls, step=step):
            def call(*words):
                calls.append(function)
                if len(calls) == step + 1:
                    raise error
                return function(*words)

            return call

        with monkeypatch.context() as patch:
            for name in ("hardlink_to", "unlink", "replace"):
                # What puts things back after an error is not disturbed.
                patch.setattr(Path, name, ending(getattr(Path, name)))
            patch.setattr(shutil, "copy2", ending(shutil.copy2))
            try:
                backups.exchange(path, fresh, kept)
            except (OSError, Killed):
                ends += 1
        is_done = path.exists() and path.read_bytes() == b"the new one"
        if len(calls) <= step:
            assert is_done
            break
        if isinstance(error, OSError) and not is_done:
            assert path.read_bytes() == former["left.kps"]
        whole = path if path.exists() and not is_done else kept
        with Project.open(whole, read_only=True) as found:
            assert len(found.annotations(2)) == 1
    assert ends
