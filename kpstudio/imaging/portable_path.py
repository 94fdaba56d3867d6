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
