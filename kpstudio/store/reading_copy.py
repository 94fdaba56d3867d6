"""A copy of a project that is made to be read, where the project itself must stay as it is."""

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from kpstudio.core.errors import UserProblem
from kpstudio.store.backups import copy_project


class ReadingCopy:
    """A copy in the folder for temporary files, which is gone when this is closed.

    Args:
        project: The file, which may be in use.

    Attributes:
        path: Of the copy.

    Raises:
        UserProblem: There is no room for it.
    """

    def __init__(self, project: Path) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        try:
            self._folder = TemporaryDirectory(prefix="kpstudio-")
            self.path = Path(self._folder.name) / project.name
            copy_project(project, self.path)
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise UserProblem(
                f"{project.name} was made by an older kpstudio, and no copy of it can be brought"
                f" up to date ({error}).",
                "Free some space for temporary files, or open it once in the studio, which brings"
                " it up to date.",
            ) from error

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
