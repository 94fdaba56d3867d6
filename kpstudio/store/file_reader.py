"""Reading a project file as it is: nothing in it changes, and nothing new is left beside it."""

import os
import sqlite3
from pathlib import Path


def file_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, to be closed; also where nothing can be written.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    has_journal = Path(f"{path}-wal").exists()
    if has_journal:
        mode = "ro"
    elif os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        # Only who could write takes away the files that SQLite makes for every reader.
        mode = "rw"
    else:
        mode = "ro&immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)
    connection.execute("PRAGMA query_only = ON")
    return connection
