"""Where the files of a project's images are, and which are not where they should be."""

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, bindparam, func, select, update

from kpstudio.core.dataset import Image
from kpstudio.imaging.portable_path import (
    PortablePaths,
    absolute_path,
    is_file,
    plain_path,
    portable_path,
)
from kpstudio.store.database import Database
from kpstudio.store.images import read_images
from kpstudio.store.tables import folders, images

_SET_PATH = update(images).where(images.c.path == bindparam("at")).values(path=bindparam("to"))


class ImageFiles:
    """The files of the images of a project."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = database.path.parent

    def watched_folders(self) -> tuple[Path, ...]:
        """Folders that were imported whole, in which new files may appear, in their order."""
        with self._database.reading() as connection:
            written = connection.execute(select(folders.c.path).order_by(folders.c.path)).scalars()
            return tuple(absolute_path(each, self._folder) for each in written)

    def missing(self) -> tuple[Image, ...]:
        """Images whose file is not where it should be."""
        with self._database.reading() as connection:
            return _missing_images(connection, self._folder)

    def count_missing(self) -> int:
        """How many images there are whose file is not where it should be."""
        with self._database.reading() as connection:
            return sum(count for _, count in _missing_files(connection, self._folder))

    def relocate(self, old_folder: Path, new_folder: Path) -> int:
        """Point missing images of one folder to the same places under another.

        Returns:
            How many were found again; the others stay as they are.

        Raises:
            UserProblem: It could not be stored.
        """
        old, new = plain_path(old_folder), plain_path(new_folder)
        with self._database.writing("The new place of the images was") as connection:
            taken = set(connection.execute(select(images.c.path)).scalars())
            moves = []
            lost = _missing_images(connection, self._folder)
            for path in dict.fromkeys(image.path for image in lost):
                for base in (old, old.resolve()):
                    if not path.is_relative_to(base):
                        continue
                    found = new / path.relative_to(base)
                    to = portable_path(found, self._folder)
                    if is_file(found) and to not in taken:
                        moves.append({"at": portable_path(path, self._folder), "to": to})
                        taken.add(to)
                    break
            return sum(connection.execute(_SET_PATH, move).rowcount for move in moves)


def _missing_images(connection: Connection, folder: Path) -> tuple[Image, ...]:
    broken = {written for written, _ in _missing_files(connection, folder)}
    if not broken:
        return ()
    paths = PortablePaths(folder)
    absolute = {paths.absolute(each) for each in broken}
    return tuple(image for image in read_images(connection, folder) if image.path in absolute)


def _missing_files(connection: Connection, folder: Path) -> Iterator[tuple[str, int]]:
    """Paths as they are written, and how many images each has.

    Folders are listed once, because to ask for a million files takes seconds.
    """
    paths = PortablePaths(folder)
    there: dict[str, frozenset[str]] = {}
    query = select(images.c.path, func.count()).group_by(images.c.path)
    for written, count in connection.execute(query.execution_options(yield_per=10_000)):
        parent, _, name = written.rpartition("/")
        if parent not in there:
            there[parent] = _names(paths.absolute(written).parent)
        # A name may be written in another way than the disk lists it.
        is_listed = name in there[parent]
        if not is_listed and not (there[parent] and is_file(paths.absolute(written))):
            yield written, count


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(each.name for each in os.scandir(folder))
    except OSError:
        return frozenset()
