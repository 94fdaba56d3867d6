"""Whether a project file is whole, and what can be saved of one that is not."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from kpstudio.store.backups import backups, exchange, free_name
from kpstudio.store.database import check_is_project, new_database, reserved
from kpstudio.store.file_reader import file_reader
from kpstudio.store.project import Project
from kpstudio.store.restoring import decoded_changes
from kpstudio.store.tables import metadata, undo_stack

_MOST_NAMED = 20


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it should be.

    Args:
        what: A sentence.
        is_repairable: `salvage` mends it without losing what can be read.
    """

    what: str
    is_repairable: bool = True


@dataclass(frozen=True)
class Salvage:
    """What `salvage` has done.

    Args:
        damaged: Where the former file is now.
        rows: By table how many rows were saved.
        lost: By table how many rows could not be read, or belonged to nothing; -1 where nobody can
            say how many there were.
    """

    damaged: Path
    rows: dict[str, int]
    lost: dict[str, int]


def check_project(
    path: Path, *, notify: Callable[[str], None] = lambda _: None
) -> tuple[Fault, ...]:
    """Look at every page and every value of a project; nothing is changed.

    Args:
        path: Of the file.
        notify: Is told what takes long before it can be read.

    Raises:
        UserProblem: It is not a project, or of a newer version, or open in another program.
    """
    check_is_project(path)
    faults = [*_faults_of_file(path)]
    if faults:
        return tuple(faults)
    with Project.open(path, read_only=True, notify=notify) as project:
        return tuple(_faults_of_content(project))


def _faults_of_file(path: Path) -> Iterator[Fault]:
    try:
        with closing(file_reader(path)) as connection:
            for (told,) in connection.execute(f"PRAGMA integrity_check({_MOST_NAMED})"):
                if told != "ok":
                    yield Fault(f"The file is damaged: {told}.")
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
            for table in sorted({row[0] for row in broken}):
                count = sum(row[0] == table for row in broken)
                yield Fault(f"{count} rows of {table} belong to nothing.")
    except sqlite3.DatabaseError as error:
        yield Fault(f"The file is damaged: {error}.")


def _faults_of_content(project: Project) -> Iterator[Fault]:
    for image in project.images():
        try:
            project.annotations(image.id)
        except ValueError as error:
            yield Fault(f"An annotation of {image.name} makes no sense: {error}.", False)
    with project.database.reading() as connection:
        known = set()
        for entry, problem in decoded_changes(connection, project.stored_skeleton):
            known.add(entry)
            if problem is not None:
                yield Fault(f"Entry {entry} of the history cannot be read: {problem}.", False)
        stacked = connection.execute(select(undo_stack.c.edit)).scalars().all()
    if not set(stacked) <= known:
        yield Fault("Undo points to changes that are not in the history.", False)
    for run in project.runs.all():
        if run.state == "finished" and not run.has_checkpoint:
            yield Fault(f"The checkpoint of run {run.id} is not in {run.folder}.", False)


def salvage(path: Path) -> Salvage:
    """Write a new file with all that can be read of a damaged one, which is kept beside it.

    Raises:
        UserProblem: It is open in another program, or there is no room.
    """
    check_is_project(path)
    with reserved(path):
        return _salvage(path)


def _salvage(path: Path) -> Salvage:
    damaged, fresh = free_name(path, "damaged"), free_name(path, "repaired")
    rows: dict[str, int] = {}
    lost: dict[str, int] = {}
    with closing(file_reader(path)) as source, new_database(fresh) as target:
        for table in metadata.sorted_tables:
            if _is_absent(source, table.name):
                continue
            there = _columns(source, table.name)
            kept = [column.name for column in table.columns if column.name in there]
            saved = refused = 0
            for row in _readable_rows(source, table.name, kept):
                is_saved = _insert(target, table.name, kept, row)
                saved, refused = saved + is_saved, refused + (not is_saved)
            total = _count(source, table.name)
            rows[table.name] = saved
            missing = -1 if total is None else max(total - saved, refused)
            if missing:
                lost[table.name] = missing
    exchange(path, fresh, damaged)
    return Salvage(damaged, rows, lost)


def _insert(target: Connection, table: str, names: list[str], row: tuple[object, ...]) -> bool:
    """False for a row that belongs to nothing, or was there already."""
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" for _ in names)
    try:
        target.exec_driver_sql(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', row)
    except IntegrityError:
        return False
    return True


def advice(path: Path) -> str:
    """What to do about a damaged project."""
    copies = backups(path)
    repair = "Save what can be read: --repair"
    if not copies:
        return f"{repair}."
    newest = copies[0].stem
    return f"{repair} or put the copy of {newest} back: --restore {newest}."


def _is_absent(source: sqlite3.Connection, table: str) -> bool:
    """An older version of kpstudio made the file, and had no such table."""
    with suppress(sqlite3.DatabaseError):
        query = "SELECT count(*) FROM sqlite_master WHERE name = ?"
        return not source.execute(query, (table,)).fetchone()[0]
    return False


def _columns(source: sqlite3.Connection, table: str) -> set[str]:
    with suppress(sqlite3.DatabaseError):
        return {row[1] for row in source.execute(f'PRAGMA table_info("{table}")')}
    return set()


def _count(source: sqlite3.Connection, table: str) -> int | None:
    with suppress(sqlite3.DatabaseError):
        return int(source.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])
    return None


def _readable_rows(
    source: sqlite3.Connection, table: str, columns: list[str]
) -> Iterator[tuple[object, ...]]:
    """From both ends up to a page that cannot be read, each row once."""
    names, first = ", ".join(f'"{name}"' for name in columns), f'"{columns[0]}"' if columns else ""
    seen: set[bytes] = set()
    for order in ("ASC", "DESC") if columns else ():
        try:
            for row in source.execute(f'SELECT {names} FROM "{table}" ORDER BY {first} {order}'):
                key = msgspec.msgpack.encode(row)
                if key not in seen:
                    yield row
                    seen.add(key)
            return
        except sqlite3.DatabaseError:
            continue
