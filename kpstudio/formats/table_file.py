"""Plain tables of labels: names of columns, then cells, with commas, semicolons or tabs.

Positions are pixels with centres at integers, as ours, and written with all digits.
"""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kpstudio.core.annotation import OCCLUDED, VISIBLE
from kpstudio.core.errors import UserProblem
from kpstudio.formats.text_file import read_csv, read_head

IMAGE_COLUMNS = frozenset({"image", "file", "filename", "file_name", "image_path", "path", "frame"})
SUBJECT_COLUMNS = frozenset({"subject", "instance", "individual", "annotation"})


@dataclass(frozen=True)
class TableLine:
    """One line, with its number in the file."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class TableFile:
    """A whole table, still as text.

    Args:
        path: Of the file.
        columns: Their names as written.
        lines: Each with as many cells as there are columns.
    """

    path: Path
    columns: list[str]
    lines: list[TableLine]

    def column(self, names: Iterable[str]) -> int | None:
        """The first column of one of some names."""
        return next((i for i, name in enumerate(self.columns) if name.lower() in names), None)

    def where(self, line: TableLine, column: int) -> str:
        return f"{self.path.name}, line {line.number}, column {column + 1}"

    def number(self, line: TableLine, column: int) -> float:
        """The number in a cell, NaN where it is empty."""
        cell = line.cells[column].strip()
        if cell.lower() in ("", "nan", "na", "none"):
            return math.nan
        try:
            value = float(cell)
        except ValueError:
            value = math.inf
        if math.isinf(value):
            raise UserProblem(
                f"{self.where(line, column)}: “{cell}” is not a number.",
                "Write a position in pixels such as 123.4, or leave it empty for a keypoint that"
                " is not labelled.",
            )
        return value

    def keypoint(
        self, line: TableLine, x: int, y: int, visibility: int | None
    ) -> tuple[float, float, int]:
        """Position and visibility; visible where there is a position and nothing else is said."""
        position = self.number(line, x), self.number(line, y)
        flag = math.nan if visibility is None else self.number(line, visibility)
        missing = [math.isnan(value) for value in position]
        if flag == 0 or (all(missing) and math.isnan(flag)):
            return math.nan, math.nan, 0
        if any(missing):
            raise UserProblem(
                f"{self.where(line, x)}: x or y is missing.",
                "Give both, or leave both empty for a keypoint that is not labelled.",
            )
        if math.isnan(flag):
            return *position, VISIBLE
        if flag not in (OCCLUDED, VISIBLE):
            raise UserProblem(
                f"{self.where(line, visibility or 0)}: the visibility is {flag:g}.",
                "It is 0 (not labelled), 1 (occluded) or 2 (visible).",
            )
        return *position, int(flag)


def table_columns(path: Path) -> list[str]:
    """The names in the first line of a csv or tsv file; none of another file."""
    if path.suffix.lower() not in (".csv", ".tsv") or not path.is_file():
        return []
    head = read_head(path).decode(errors="replace")
    line = next((each for each in head.splitlines() if each.strip()), "")
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=_delimiter(line)))]
    except (csv.Error, StopIteration):
        return []


def read_table_file(path: Path) -> TableFile:
    """Read a table and check its form.

    Raises:
        UserProblem: With the line.
    """
    head = read_head(path).decode(errors="replace")
    first = next((each for each in head.splitlines() if each.strip()), "")
    lines = read_csv(path, _delimiter(first))
    if not lines:
        raise UserProblem(f"{path.name} is empty.", "It should begin with names of columns.")
    columns = [cell.strip() for cell in lines[0][1]]
    for number, cells in lines[1:]:
        if len(cells) != len(columns):
            raise UserProblem(
                f"{path.name}, line {number}: there are {len(cells)} columns, but the first line"
                f" has {len(columns)}.",
                "Compare the line with the others: a separator is missing or one too many.",
            )
    return TableFile(path, columns, [TableLine(*line) for line in lines[1:]])


def encode_table(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return text.getvalue().encode()


def _delimiter(line: str) -> str:
    return max((",", ";", "\t"), key=line.count)
