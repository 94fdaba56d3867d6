"""Tables that pandas stored in an HDF5 file, read without pandas.

pandas has two layouts. “Fixed” keeps the labels of rows and columns as arrays. “Table” keeps those
of the columns as pickled lists in attributes; a pickle could run code, so only one that is made of
lists, tuples, texts and numbers is read.
"""

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.formats.hdf5 import dataset_of, open_hdf5, text_of

if TYPE_CHECKING:
    import h5py


@dataclass(frozen=True, eq=False)
class PandasFrame:
    """A table of numbers.

    Args:
        columns: The labels of each column, from the outermost level inwards.
        rows: The labels of each row, likewise.
        values: (rows, columns).
    """

    columns: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    values: np.ndarray


def read_frame(path: Path) -> PandasFrame:
    """The first table of a file.

    Raises:
        UserProblem: It cannot be read, or has no table of numbers.
    """
    import h5py

    with open_hdf5(path) as file:
        for group in file.values():
            if not isinstance(group, h5py.Group):
                continue
            kind = text_of(group.attrs.get("pandas_type", ""))
            try:
                if kind == "frame":
                    return _fixed(group, path)
                if kind == "frame_table" and "table" in group:
                    return _table(group["table"], path)
            except (KeyError, ValueError, TypeError, IndexError, pickle.UnpicklingError) as error:
                raise _unreadable(path, str(error)) from error
    raise UserProblem(
        f"{path.name} holds no table that pandas has stored.",
        "DeepLabCut keeps its labels in files CollectedData_NAME.h5.",
    )


def _fixed(group: "h5py.Group", path: Path) -> PandasFrame:
    columns, rows = _axis(group, "axis0", path), _axis(group, "axis1", path)
    values = np.full((len(rows), len(columns)), np.nan)
    for block in range(int(group.attrs["nblocks"])):
        numbers = dataset_of(group, f"block{block}_values", path)[()]
        if numbers.dtype.kind not in "fiub":
            raise _unreadable(path, "its values are stored as objects, not as numbers")
        for column, label in enumerate(_axis(group, f"block{block}_items", path)):
            values[:, columns.index(label)] = numbers[:, column]
    return PandasFrame(tuple(columns), tuple(rows), values)


def _axis(group: "h5py.Group", name: str, path: Path) -> list[tuple[str, ...]]:
    if text_of(group.attrs[f"{name}_variety"]) == "regular":
        return [(text_of(label),) for label in dataset_of(group, name, path)[()]]
    levels = []
    for level in range(int(group.attrs[f"{name}_nlevels"])):
        labels = [text_of(label) for label in dataset_of(group, f"{name}_level{level}", path)[()]]
        # pandas says -1 for a label that is missing.
        codes = dataset_of(group, f"{name}_label{level}", path)[()]
        levels.append([labels[code] if code >= 0 else "" for code in codes])
    return list(zip(*levels, strict=True))


def _table(table: "h5py.Dataset", path: Path) -> PandasFrame:
    data = table[()]
    blocks = [name for name in data.dtype.names if name.startswith("values_block_")]
    indices = [name for name in data.dtype.names if name not in blocks]
    columns: list[tuple[str, ...]] = []
    values = []
    for block in blocks:
        labels = _plain_pickle(table.attrs[f"{block}_kind"])
        columns += [tuple(str(part) for part in label) for label in labels]
        numbers = data[block]
        if numbers.dtype.kind not in "fiub":
            raise _unreadable(path, "its values are stored as texts, not as numbers")
        values.append(numbers.reshape(len(data), -1))
    order = _written_order(table, columns)
    rows = tuple(tuple(text_of(row[name]) for name in indices) for row in data)
    return PandasFrame(
        tuple(columns[place] for place in order),
        rows,
        np.concatenate(values, axis=1, dtype=np.float64)[:, order],
    )


def _written_order(table: "h5py.Dataset", columns: Sequence[tuple[str, ...]]) -> list[int]:
    """Places of the columns in the order of the table, which blocks of unlike types lose."""
    kept = table.parent.attrs.get("non_index_axes")
    if kept is not None:
        ((_, labels),) = _plain_pickle(kept)
        wanted = [tuple(str(part) for part in label) for label in labels]
        if sorted(wanted) == sorted(columns):
            return [columns.index(label) for label in wanted]
    return list(range(len(columns)))


class _PlainUnpickler(pickle.Unpickler):
    """Reads lists, tuples, dictionaries, texts and numbers, and nothing that could run."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"its header refers to {module}.{name}")


def _plain_pickle(data: Any) -> Any:
    raw = data if isinstance(data, bytes) else bytes(np.asarray(data).tobytes())
    return _PlainUnpickler(io.BytesIO(raw), encoding="utf-8").load()


def _unreadable(path: Path, why: str) -> UserProblem:
    return UserProblem(
        f"{path.name} cannot be read without pandas: {why}.",
        "Import the csv file of the same name instead.",
    )
