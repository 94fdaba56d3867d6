"""Paths of images as they are written into files that may be moved together with the images.

A path is written relative to the folder of the file that names it, with forward slashes, when both
share a folder below the root of the disk. Otherwise it is written absolute.
"""

import os
from pathlib import Path


def portable_path(path: Path, folder: Path) -> str:
    """How the path of an image is written into a file that lies in `folder`.

    Args:
        path: Of the image; a relative one counts from the working folder.
        folder: Its real path, without links.
    """
    plain = plain_path(path)
    if plain.is_relative_to(folder):
        return plain.relative_to(folder).as_posix()
    # Only real paths may be joined by "..": the system follows a link before it goes up.
    real = plain.parent.resolve() / plain.name
    try:
        shared = Path(os.path.commonpath([real, folder]))
    except ValueError:  # another drive
        return real.as_posix()
    if shared == Path(shared.anchor):
        return real.as_posix()
    return Path(os.path.relpath(real, folder)).as_posix()


def absolute_path(written: str, folder: Path) -> Path:
    """The inverse of `portable_path`."""
    path = Path(written)
    if path.is_absolute():
        return path
    return Path(os.path.normpath(folder / path))


def plain_path(path: Path) -> Path:
    """Absolute and without "..", but with its links: they may be what makes it portable."""
    absolute = path.expanduser().absolute()
    if ".." not in absolute.parts:
        return absolute
    return absolute.parent.resolve() / absolute.name


def is_file(path: Path) -> bool:
    """Whether there is a file: no name is so odd or so long that it cannot be asked for."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder; asked as `is_file`."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


class PortablePaths:
    """Both ways for many paths: each folder is looked at once.

    Args:
        folder: Of the file that names them: its real path, without links.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[Path, str] = {}
        self._absolute: dict[str, str] = {}

    def written(self, path: Path) -> str:
        """As `portable_path`."""
        parent, name = path.parent, path.name
        if not name or name == "..":
            return portable_path(path, self._folder)
        base = self._written.get(parent)
        if base is None:
            # A name stands in for all of the folder: how it is written may hang on its parent.
            base = portable_path(parent / "x", self._folder).removesuffix("x")
            self._written[parent] = base
        return base + name

    def absolute(self, written: str) -> Path:
        """As `absolute_path`."""
        head, slash, name = written.rpartition("/")
        base = self._absolute.get(head + slash)
        if base is None:
            base = str(absolute_path(f"{head}{slash}x", self._folder)).removesuffix("x")
            self._absolute[head + slash] = base
        return Path(base + name)
