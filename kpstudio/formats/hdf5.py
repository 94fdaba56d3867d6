"""HDF5 files, whose library is imported when the first of them is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.errors import UserProblem

if TYPE_CHECKING:
    import h5py

_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def is_hdf5(path: Path) -> bool:
    """Whether a file begins as HDF5 files do."""
    try:
        with path.open("rb") as file:
            return file.read(len(_SIGNATURE)) == _SIGNATURE
    except OSError:
        return False


@contextmanager
def open_hdf5(path: Path) -> "Iterator[h5py.File]":
    """A file to read from.

    Raises:
        UserProblem: It cannot be read, is not HDF5, or turns out to be damaged while it is read.
    """
    import h5py

    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise UserProblem(
            f"{path} cannot be read ({error.strerror}).", "Check the path."
        ) from error
    if not is_hdf5(path):
        raise UserProblem(
            f"{path.name} is not an HDF5 file, whatever its name says.",
            "Export it again, or choose another file.",
        )
    try:
        with h5py.File(path, "r") as file:
            yield file
    # As which of these damage shows depends on where it is; absurd sizes are damage, too.
    except (OSError, RuntimeError, KeyError, TypeError, ValueError, MemoryError) as error:
        raise UserProblem(
            f"{path.name} is damaged or cut off: {_one_line(error)}.",
            "Copy it again from where it came, or export it again.",
        ) from error


@contextmanager
def new_hdf5(path: Path) -> "Iterator[h5py.File]":
    """A file to write to, which appears whole when the block ends, or not at all.

    It is made in memory: on a full disk HDF5's own writing ends the whole process.

    Raises:
        UserProblem: It cannot be written; what was there before is unchanged.
    """
    import h5py

    with h5py.File(path.name, "w", driver="core", backing_store=False) as file:
        yield file
        file.flush()
        data = file.id.get_file_image()
    write_atomically(path, data)


def dataset_of(file: "h5py.File | h5py.Group", name: str, path: Path) -> "h5py.Dataset":
    """A dataset that has to be there.

    Raises:
        UserProblem: It is not there.
    """
    import h5py

    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        there = ", ".join(sorted(text_of(each) for each in file)) or "nothing"
        raise UserProblem(
            f"{path.name} has no dataset “{name}”.",
            f"It has: {there}. Export it again, or choose another file.",
        )
    return found


def text_of(value: Any) -> str:
    """Text of an attribute or a cell, which may be bytes, padded, or wrapped in an array."""
    if isinstance(value, np.ndarray):
        value = value.reshape(-1)[0] if value.size else b""
    if isinstance(value, bytes):
        return value.rstrip(b"\x00").decode("utf-8", errors="replace")
    return str(value)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
