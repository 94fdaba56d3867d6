"""The table in a file of DeepLabCut's labels: csv, or HDF5 as pandas stores it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kpstudio.core.errors import UserProblem
from kpstudio.formats.hdf5 import is_hdf5
from kpstudio.formats.pandas_frame import read_frame
from kpstudio.formats.text_file import read_csv

_HEADER = ("scorer", "bodyparts", "coords")
_HEADER_OF_SEVERAL = ("scorer", "individuals", "bodyparts", "coords")
_VISIBILITIES = ("visible", "visibility")
PREFIX = "CollectedData"


@dataclass(frozen=True, eq=False)
class DlcRow:
    """One image: where its row is, its path as written but with forward slashes, its numbers."""

    place: str
    path: str
    values: np.ndarray


@dataclass(frozen=True)
class DlcColumns:
    """Where the numbers of one keypoint are, from 0; `visibility` in few files."""

    x: int
    y: int
    visibility: int | None = None


@dataclass(frozen=True)
class DlcTable:
    """A whole file.

    Args:
        file: Where it was read.
        scorer: Who labelled.
        names_place: Where the keypoints are named, for messages.
        path_columns: Over how many columns the paths are spread.
        subjects: For each animal the columns of its keypoints by name. A file of one animal does
            not name it: "".
        rows: One per image.
    """

    file: Path
    scorer: str
    names_place: str
    path_columns: int
    subjects: dict[str, dict[str, DlcColumns]]
    rows: list[DlcRow]

    @property
    def keypoints(self) -> tuple[str, ...]:
        """The names of all animals' keypoints, in the order of the file."""
        return tuple(dict.fromkeys(name for found in self.subjects.values() for name in found))

    @property
    def has_visible(self) -> bool:
        """Whether there are columns for the visibility of keypoints."""
        found = (each for columns in self.subjects.values() for each in columns.values())
        return any(each.visibility is not None for each in found)


def looks_like_dlc(path: Path) -> bool:
    """Whether a file is a csv that begins as DeepLabCut's do, or HDF5 with its name."""
    if path.suffix.lower() == ".h5":
        return path.name.startswith(PREFIX) and is_hdf5(path)
    if path.suffix.lower() != ".csv":
        return False
    try:
        with path.open("rb") as file:
            return file.read(16).removeprefix(b"\xef\xbb\xbf").startswith(b"scorer")
    except OSError:
        return False


def read_table(file: Path) -> DlcTable:
    """Read a file and check its form.

    Raises:
        UserProblem: With the line, and the column where there is one.
    """
    return _read_frame(file) if file.suffix.lower() == ".h5" else _read_csv(file)


def _read_frame(file: Path) -> DlcTable:
    frame = read_frame(file)
    labels = list(zip(*frame.columns, strict=True))
    if len(labels) not in (3, 4):
        raise UserProblem(
            f"{file.name}: its columns have {len(labels)} levels.",
            "DeepLabCut's tables have the levels scorer, individuals (where there are several"
            " animals), bodyparts and coords.",
        )
    individuals = labels[1] if len(labels) == 4 else ("",) * len(frame.columns)
    subjects = _subjects(f"{file.name}, header", individuals, labels[-2], labels[-1], first=0)
    rows = [
        DlcRow(f"row {number}", "/".join(part.replace("\\", "/") for part in label), values)
        for number, (label, values) in enumerate(zip(frame.rows, frame.values, strict=True), 1)
    ]
    path_columns = len(frame.rows[0]) if frame.rows else 1
    return DlcTable(file, labels[0][0], "header", path_columns, subjects, rows)


def _read_csv(file: Path) -> DlcTable:
    lines = read_csv(file)
    is_of_several = len(lines) > 1 and lines[1][1][0].strip() == "individuals"
    expected = _HEADER_OF_SEVERAL if is_of_several else _HEADER
    header, body = lines[: len(expected)], lines[len(expected) :]
    _check_header(file, expected, [cells for _, cells in header])
    scorers, names, coords = header[0][1], header[-2][1], header[-1][1]
    individuals = header[1][1] if is_of_several else [""] * len(coords)
    # Newer versions spread the path over three columns, whose headers are empty.
    first = next((i for i, cell in enumerate(coords) if i and cell.strip()), len(coords))
    where = f"{file.name}, line {len(expected)}"
    subjects = _subjects(where, individuals, names, coords, first=first)
    rows = [_row(file, line, cells, first, len(coords)) for line, cells in body]
    return DlcTable(
        file, scorers[first].strip(), f"line {len(expected) - 1}", first, subjects, rows
    )


def _row(file: Path, line: int, cells: list[str], first: int, count: int) -> DlcRow:
    if len(cells) != count:
        raise UserProblem(
            f"{file.name}, line {line}: there are {len(cells)} columns, but the header has"
            f" {count}.",
            "Compare the line with the others: a comma is missing or one too many.",
        )
    parts = [cell.strip().replace("\\", "/") for cell in cells[:first]]
    if not parts[-1]:
        raise UserProblem(
            f"{file.name}, line {line}, column {first}: the name of the image is missing.",
            "Every line begins with the path of its image.",
        )
    values = [math.nan] * count
    for column in range(first, count):
        if (value := _number(cells[column])) is None:
            raise UserProblem(
                f"{file.name}, line {line}, column {column + 1}: “{cells[column].strip()}” is not a"
                " number.",
                "Write a position in pixels such as 123.4, or leave it empty for a keypoint that is"
                " not labelled.",
            )
        values[column] = value
    return DlcRow(f"line {line}", "/".join(part for part in parts if part), np.array(values))


def _number(cell: str) -> float | None:
    """NaN where there is none; None for what is not a number."""
    cell = cell.strip()
    if cell.lower() in ("", "nan"):
        return math.nan
    try:
        value = float(cell) if "_" not in cell else math.inf
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _check_header(file: Path, header: tuple[str, ...], lines: list[list[str]]) -> None:
    found = tuple(cells[0].strip() for cells in lines)
    for line, expected in enumerate(header):
        if line >= len(found) or found[line] != expected:
            there = f"“{found[line]}”" if line < len(found) else "nothing"
            raise UserProblem(
                f"{file.name}, line {line + 1}, column 1: “{expected}” is expected, but there is"
                f" {there}.",
                "DeepLabCut's csv files begin with the lines scorer, individuals (where there are"
                " several animals), bodyparts and coords, separated by commas.",
            )
    for line, cells in enumerate(lines):
        if len(cells) != len(lines[-1]):
            raise UserProblem(
                f"{file.name}, line {line + 1}: there are {len(cells)} columns, but the line"
                f" “coords” has {len(lines[-1])}.",
                "Compare the lines of the header: a comma is missing or one too many.",
            )


def _subjects(
    header: str,
    individuals: Sequence[str],
    names: Sequence[str],
    coords: Sequence[str],
    *,
    first: int,
) -> dict[str, dict[str, DlcColumns]]:
    places: dict[tuple[str, str], dict[str, int]] = {}
    for column in range(first, len(coords)):
        name, coord = names[column].strip(), coords[column].strip()
        where = f"{header}, column {column + 1}"
        if coord == "likelihood":
            raise UserProblem(
                f"{where}: there are likelihoods, so these are predictions of a network.",
                "Import the labels of people instead: CollectedData_NAME.csv.",
            )
        if coord not in ("x", "y", *_VISIBILITIES):
            raise UserProblem(
                f"{where}: “x” or “y” is expected, but there is “{coord}”.",
                "Each keypoint has two columns, x and y.",
            )
        place = places.setdefault((individuals[column].strip(), name), {})
        if coord in place:
            raise UserProblem(
                f"{where}: “{name}” has a second column {coord}.",
                "Each keypoint has two columns, x and y.",
            )
        place[coord] = column
    if not places:
        raise UserProblem(
            f"{header}: there are no columns of positions.",
            "Each keypoint has two columns, x and y.",
        )
    subjects: dict[str, dict[str, DlcColumns]] = {}
    for (individual, name), place in places.items():
        if "x" not in place or "y" not in place:
            coord, column = next(iter(place.items()))
            raise UserProblem(
                f"{header}, column {column + 1}: “{name}” has a column {coord} only.",
                "Each keypoint has two columns, x and y.",
            )
        visibility = next((place[each] for each in _VISIBILITIES if each in place), None)
        subjects.setdefault(individual, {})[name] = DlcColumns(place["x"], place["y"], visibility)
    return subjects
