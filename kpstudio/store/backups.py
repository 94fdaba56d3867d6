"""Copies of a project beside it: one of each day on which it was changed, and before a migration.

The copy of a day is made when the project is next opened on a later one. They lie in the folder
"NAME.backups". A copy is made from a snapshot, so that it is whole however busy the project is, and
appears under its name only when it is complete.
"""

import datetime
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from kpstudio.core.errors import UserProblem
from kpstudio.store.file_reader import file_reader

_KEPT_DAYS = 7
_KEPT_MIGRATIONS = 3
_BEFORE = "before-"
_PAGES_AT_ONCE = 4096

_LOG = logging.getLogger(__name__)


def backups_folder(path: Path) -> Path:
    return path.with_name(f"{path.stem}.backups")


def backups(path: Path) -> tuple[Path, ...]:
    """All copies of a project, the newest first."""
    found = backups_folder(path).glob("[!.]*.kps")
    return tuple(sorted(found, key=lambda each: each.stat().st_mtime, reverse=True))


class DailyBackup:
    """Makes the copy of the day of the last change, while the project is used already.

    Args:
        path: Of the project.
        changed: The day of its last change.
    """

    def __init__(self, path: Path, changed: datetime.date) -> None:
        self._path = path
        self._copy = backups_folder(path) / f"{changed.isoformat()}.kps"
        self._is_given_up = threading.Event()
        self._thread: threading.Thread | None = None
        _remove_unfinished(path)
        if changed < datetime.datetime.now().astimezone().date() and not self._copy.exists():
            self._thread = threading.Thread(target=self._make, name="backup", daemon=True)
            self._thread.start()

    def _make(self) -> None:
        try:
            copy_project(self._path, self._copy, is_given_up=self._is_given_up.is_set)
            _forget_old(self._path, newest=self._copy)
        except _GivenUp:
            _LOG.warning("no backup of %s: it was closed before the copy was done", self._path)
        except (OSError, sqlite3.Error) as error:
            # A full disk must not keep anyone from labelling; the log tells.
            _LOG.warning("no backup of %s: %s", self._path, error)

    def close(self, *, patience_s: float | None = None) -> None:
        """Wait until the copy is there; nothing is left of one that is given up.

        Args:
            patience_s: Give the copy up after this time; never where None. It is made when the
                project is next opened, unless that has been changed.
        """
        if self._thread is not None:
            self._thread.join(patience_s)
            self._is_given_up.set()
            self._thread.join()
            self._thread = None


def back_up_before_migration(path: Path, revision: str) -> Path:
    """Keep the project as it is before its tables change.

    Args:
        path: Of the project.
        revision: That it has now.

    Raises:
        UserProblem: There is no room for a copy.
    """
    copy = backups_folder(path) / f"{_BEFORE}{revision}.kps"
    try:
        copy_project(path, copy)
        _forget_old(path, newest=copy)
    except (OSError, sqlite3.Error) as error:
        raise UserProblem(
            f"{path.name} needs to be brought up to date, but no backup can be made of it"
            f" ({error}).",
            f"Free some space, or check who may write in {path.parent}. It was not changed.",
        ) from error
    return copy


class _GivenUp(Exception):
    pass


def copy_project(
    path: Path, copy: Path, *, is_given_up: Callable[[], bool] = lambda: False
) -> None:
    """A whole copy of a project, also while it is written.

    Args:
        path: Of the project.
        copy: To be made; its folder is made as well.
        is_given_up: Asked now and then; if so, nothing is left of the copy.

    Raises:
        OSError: It cannot be written.
        sqlite3.Error: It cannot be read, or the disk is full.
    """
    copy.parent.mkdir(exist_ok=True)
    unfinished = copy.with_name(f".{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with (
            closing(file_reader(path)) as source,
            closing(sqlite3.connect(unfinished)) as target,
            unfinished.open("rb+") as file,
        ):

            def go_on(_status: int, _remaining: int, _total: int) -> None:
                # Here, or all of it is waited for at the end, and nobody can give it up then.
                os.fsync(file.fileno())
                if is_given_up():
                    raise _GivenUp

            # One view for all steps, or every edit in between would start the copy again.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            source.backup(target, pages=_PAGES_AT_ONCE, progress=go_on)
        unfinished.replace(copy)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def restore_backup(path: Path, copy: Path) -> Path:
    """Put a copy in the place of a project, which is kept under another name.

    Returns:
        Where the former project is now.

    Raises:
        UserProblem: It cannot be done; then nothing has changed.
    """
    kept = free_name(path, "replaced")
    fresh = path.with_name(f".{path.name}.restored")
    try:
        copy_project(copy, fresh)
        exchange(path, fresh, kept)
    except (OSError, sqlite3.Error) as error:
        raise UserProblem(
            f"{copy.name} could not be put back ({error}).",
            "Free some space, or check who may write there, then try again.",
        ) from error
    return kept


def free_name(path: Path, what: str) -> Path:
    """A name beside a project that nothing has yet."""
    name, number = path.with_name(f"{path.stem}.{what}.kps"), 1
    while name.exists():
        number += 1
        name = path.with_name(f"{path.stem}.{what}-{number}.kps")
    return name


def exchange(path: Path, fresh: Path, kept: Path) -> None:
    """Put a file in the place of a project, which gets another name, with all that belongs to it.

    Whoever is killed meanwhile finds the former project under one of the two names, or both.

    Raises:
        OSError: It cannot be done; then nothing has changed.
    """
    journal = Path(f"{path}-wal")
    parts = [Path(f"{path}{suffix}") for suffix in ("", "-wal", "-shm")]
    parts = [part for part in parts if part.exists()]
    names = [Path(f"{kept}{part.name.removeprefix(path.name)}") for part in parts]
    try:
        for part, name in zip(parts, names, strict=True):
            _name_also(part, name)
        if journal.exists():
            # No file may lie beside the journal of another, nor without its own: that loses edits.
            for part in parts:
                part.unlink()
        fresh.replace(path)
    except OSError:
        for part, name in zip(parts, names, strict=True):
            if name.exists():
                name.replace(part)
        raise


def _name_also(part: Path, name: Path) -> None:
    try:
        name.hardlink_to(part)
    except OSError:  # some disks know no second names
        shutil.copy2(part, name)


def day_of_change(path: Path) -> datetime.date:
    """When a project was last written; to be asked before it is opened, which touches its files."""
    newest = path.stat().st_mtime
    # Whoever closes the project just now takes it away.
    with suppress(FileNotFoundError):
        newest = max(newest, Path(f"{path}-wal").stat().st_mtime)
    return datetime.datetime.fromtimestamp(newest).astimezone().date()


def _remove_unfinished(path: Path) -> None:
    """What is left of copies whose process was killed; nobody else makes any now."""
    for left in backups_folder(path).glob(".*.unfinished*"):
        with suppress(OSError):
            left.unlink(missing_ok=True)


def _forget_old(path: Path, *, newest: Path) -> None:
    """Keep some copies, and always the one that has just been made.

    Where a clock was wrong there are copies of days that are still to come: they go first, or they
    would be kept for ever, and no other.
    """
    now = newest.stat().st_mtime

    def age(copy: Path) -> tuple[bool, float]:
        moment = copy.stat().st_mtime
        return (moment > now, -moment)

    found = sorted(backups_folder(path).glob("[!.]*.kps"), key=age)
    days = [each for each in found if not each.name.startswith(_BEFORE)]
    migrations = [each for each in found if each.name.startswith(_BEFORE)]
    for old in (*days[_KEPT_DAYS:], *migrations[_KEPT_MIGRATIONS:]):
        old.unlink(missing_ok=True)
