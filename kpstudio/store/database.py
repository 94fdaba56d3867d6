"""The SQLite file under a project: opening it safely, transactions, and what can go wrong.

One thread uses it. A writer holds a lock file beside the project; readers need no lock. WAL with
`synchronous=FULL`: a transaction is on the disk when it has returned, and costs about 0.1 ms.
"""

import datetime
import os
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from kpstudio.core.errors import UserProblem
from kpstudio.store.backups import DailyBackup, back_up_before_migration, day_of_change
from kpstudio.store.reading_copy import ReadingCopy
from kpstudio.store.schema import NEWEST_REVISION, known_revisions, migrate, stored_revision
from kpstudio.store.tables import APPLICATION_ID

_SQLITE_MAGIC = b"SQLite format 3\x00"
_APPLICATION_ID_AT = 68
_BUSY_TIMEOUT_S = 2.0


class Database:
    """An open project file.

    Args:
        path: Of the project file, which must be one.
        read_only: Take no lock, and refuse every write. Of a file with older tables a copy is read,
            which is brought up to date.
        is_locked: This process holds the lock already.
        notify: Is told what takes long before the file can be read.

    Raises:
        UserProblem: It is not a project, is newer than this kpstudio, or is open already.
    """

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool,
        is_locked: bool = False,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        check_is_project(path)
        self.path = path
        self.read_only = read_only
        self._backup: DailyBackup | None = None
        self._copy: ReadingCopy | None = None
        self._lock = None if read_only or is_locked else _lock(path)
        self._engine = _engine(path, read_only=read_only)
        try:
            changed = _day_of_change(path)
            self._bring_up_to_date(notify)
        except BaseException:
            self.close()
            raise
        if not read_only and not is_locked:
            self._backup = DailyBackup(path, changed)

    def _bring_up_to_date(self, notify: Callable[[str], None]) -> None:
        with self.reading() as connection:
            revision = stored_revision(connection)
        if revision == NEWEST_REVISION:
            return
        if revision is None or revision not in known_revisions():
            raise UserProblem(
                f"{self.path.name} was made by a newer kpstudio (its version is {revision}).",
                "Install the newest kpstudio, then open it again. The file was not changed.",
            )
        if self.read_only:
            size_mb = self.path.stat().st_size / 1e6
            notify(
                f"{self.path.name} was made by an older kpstudio: a copy of it ({size_mb:,.1f} MB)"
                " is brought up to date and read. The file stays as it is; to open it once in the"
                " studio saves this."
            )
            self._engine.dispose()
            self._copy = ReadingCopy(self.path)
            self._migrate(self._copy.path)
            self._engine = _engine(self._copy.path, read_only=True)
        else:
            back_up_before_migration(self.path, revision)
            self._migrate(self.path)

    def _migrate(self, path: Path) -> None:
        """All steps in one transaction, without the keys, which forbid to rebuild a table."""
        engine = _engine(path, read_only=False, has_keys=False)
        try:
            with self._transaction(engine, "The new version of the project was") as connection:
                migrate(connection)
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise UserProblem(
                        f"{self.path.name} is damaged: rows of {broken[0][0]} belong to nothing.",
                        "Restore it from a backup. The file was not changed.",
                    )
        finally:
            engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view of the file.

        Raises:
            UserProblem: The file is damaged or cannot be read.
        """
        with self._translated("The project was not read"), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, what: str, *, waits: bool = True) -> Iterator[Connection]:
        """One transaction: all of it is on the disk afterwards, or nothing has changed.

        Args:
            what: Begins the sentence "... not stored: the disk is full", such as
                "“Move snout” was".
            waits: A moment for another thread that is writing, instead of giving up at once.

        Raises:
            UserProblem: It could not be stored.
        """
        if self.read_only:
            raise UserProblem(
                f"{what} not stored: {self.path.name} is open for reading only.",
                "Close it where it is open for editing, then open it again here.",
            )
        with self._transaction(self._engine, what, waits=waits) as connection:
            yield connection

    @contextmanager
    def _transaction(
        self, engine: Engine, what: str, *, waits: bool = True
    ) -> Iterator[Connection]:
        with self._translated(f"{what} not stored"), engine.connect() as plain:
            connection = plain.execution_options(kpstudio_writes=True, kpstudio_waits=waits)
            with connection.begin():
                yield connection

    @contextmanager
    def _translated(self, failure: str) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            problem = _problem(self.path, failure, error.orig)
            if problem is None:
                raise
            raise problem from error
        except sqlite3.Error as error:
            problem = _problem(self.path, failure, error)
            if problem is None:
                raise
            raise problem from error

    def close(self, *, patience_s: float | None = None) -> None:
        """Leave one whole file behind, and let others open it.

        Args:
            patience_s: How long to wait for the copy of the day; until it is done where None.
        """
        if self._backup is not None:
            self._backup.close(patience_s=patience_s)
        self._engine.dispose()
        if self._copy is not None:
            self._copy.close()
        if self._lock is not None:
            _unlock(self._lock)
            self._lock = None


@contextmanager
def new_database(path: Path) -> Iterator[Connection]:
    """A new project file with empty tables, which appears at `path` when the block has ended.

    Raises:
        UserProblem: Something is there already, or it cannot be written.
    """
    if os.path.lexists(path):
        raise UserProblem(
            f"{path} exists already.", "Open it, or choose another name for the new project."
        )
    if not path.parent.is_dir():
        raise UserProblem(
            f"The folder {path.parent} does not exist.", "Make it first, or choose another."
        )
    lock = _lock(path)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        engine = _engine(unfinished, read_only=False, creates=True)
        try:
            with engine.connect() as plain:
                connection = plain.execution_options(kpstudio_writes=True)
                with connection.begin():
                    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                    migrate(connection)
                    yield connection
        finally:
            engine.dispose()
        unfinished.replace(path)
        _sync_folder(path.parent)
    except (DBAPIError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        problem = _problem(path, f"{path.name} was not made", cause)
        raise problem or UserProblem(
            f"{path.name} was not made: {cause}.", "Choose a folder that can be written."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
        _unlock(lock)


@contextmanager
def reserved(path: Path) -> Iterator[None]:
    """Nobody can open a project for writing meanwhile.

    Raises:
        UserProblem: Somebody has it open, or its folder cannot be written.
    """
    lock = _lock(path)
    try:
        yield
    finally:
        _unlock(lock)


def check_is_project(path: Path) -> None:
    """Look at the header only, so that a file of another program is never touched.

    Raises:
        UserProblem: It is missing, a folder, or the file of another program.
    """
    if path.is_dir():
        raise UserProblem(f"{path} is a folder, not a project.", "Choose the .kps file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError as error:
        raise UserProblem(
            f"There is no project at {path}.",
            "Check the path, or make a project with “kpstudio new”.",
        ) from error
    except OSError as error:
        raise UserProblem(
            f"{path} cannot be opened ({error.strerror}).", "Check who may read it."
        ) from error
    is_sqlite = len(head) == 100 and head.startswith(_SQLITE_MAGIC)
    if not is_sqlite or struct.unpack_from(">I", head, _APPLICATION_ID_AT) != (APPLICATION_ID,):
        raise UserProblem(
            f"{path.name} is not a kpstudio project.",
            "Choose a .kps file. The file was not changed.",
        )


def _lock(path: Path) -> FileLock:
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserProblem(
            f"{path.name} is already open.",
            "Close the other window or command that uses it, then try again.",
        ) from error
    except OSError as error:
        raise UserProblem(
            f"{path.name} cannot be opened for editing: its folder cannot be written"
            f" ({error.strerror}).",
            "Copy the project to a folder of your own.",
        ) from error
    return lock


def _unlock(lock: FileLock) -> None:
    # While it is still held: whoever opened the old lock file notices that it is gone.
    with suppress(OSError):
        Path(lock.lock_file).unlink()
    lock.release()


def _engine(path: Path, *, read_only: bool, creates: bool = False, has_keys: bool = True) -> Engine:
    address = path.absolute().as_uri()
    if creates:
        address += "?mode=rwc"
    elif not read_only or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        # Readers too: SQLite tidies up its own WAL files only on a connection that could write.
        address += "?mode=rw"
    else:
        has_wal = Path(f"{path}-wal").exists()
        address += "?mode=ro" if has_wal else "?mode=ro&immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None
        )
        try:
            connection.execute(f"PRAGMA foreign_keys = {'ON' if has_keys else 'OFF'}")
            connection.execute("PRAGMA synchronous = FULL")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
            elif not creates:
                connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=1.0,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        timeout_s = _BUSY_TIMEOUT_S if options.get("kpstudio_waits", True) else 0
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {1000 * timeout_s:.0f}")
        writes = options.get("kpstudio_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _problem(path: Path, failure: str, error: BaseException | None) -> UserProblem | None:
    """The problem behind an error of SQLite; None where it is a mistake of ours."""
    name = getattr(error, "sqlite_errorname", None) or ""
    safe = "everything stored before is safe"
    # A network disk that is gone answers with anything, also that others hold its locks.
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_BUSY")) and not path.exists():
        return UserProblem(
            f"{failure}: {path.name} is not in {path.parent} any more.",
            f"Connect its disk again, or put it back, then do it again; {safe}.",
        )
    if name.startswith("SQLITE_FULL"):
        return UserProblem(
            f"{failure}: the disk is full.", f"Free some space, then do it again; {safe}."
        )
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")):
        return UserProblem(
            f"{failure}: the disk is full or cannot be used ({error}).",
            f"Free some space or connect the disk again, then do it again; {safe}.",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return UserProblem(
            f"{failure}: another program is writing to {path.name}.",
            f"Close that program, then do it again; {safe}.",
        )
    if name.startswith("SQLITE_READONLY"):
        return UserProblem(
            f"{failure}: {path.name} cannot be written.",
            "Check that you may write the file and its folder, then do it again.",
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return UserProblem(
            f"{failure}: {path.name} is damaged ({error}).",
            "Restore it from a backup; a copy of the damaged file helps us to find out why.",
        )
    return None


def _day_of_change(path: Path) -> datetime.date:
    try:
        return day_of_change(path)
    except OSError as error:
        raise UserProblem(
            f"{path.name} cannot be opened ({error.strerror}).", "Connect its disk again."
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
