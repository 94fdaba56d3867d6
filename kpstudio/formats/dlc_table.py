"""The table in a DeepLabCut csv file, still as text."""

from dataclasses import dataclass
from pathlib import Path

from kpstudio.core.errors import UserProblem
from kpstudio.formats.text_file import read_csv, read_head

_HEADER = ("scorer", "bodyparts", "coords")


@dataclass(frozen=True)
class DlcRow:
    """One image: its path as written but with forward slashes, and all cells of its line."""

    line: int
    path: str
    cells: list[str]


@dataclass(frozen=True)
class DlcTable:
    """A whole file.

    Args:
        file: Where it was read.
        scorer: Who labelled.
        columns: For each keypoint name its columns of x and y, from 0.
        rows: One per image.
    """

    file: Path
    scorer: str
    columns: dict[str, tuple[int, int]]
    rows: list[DlcRow]


def looks_like_dlc(path: Path) -> bool:
    """Whether a file is a csv that begins as DeepLabCut's do."""
    if path.suffix.lower() != ".csv":
        return False
    return read_head(path, 16).startswith(b"scorer")


def read_table(file: Path) -> DlcTable:
    """Read a file and check its form.

    Raises:
        UserProblem: With the line, and the column where there is one.
    """
    lines = read_csv(file)
    header, body = lines[:3], lines[3:]
    _check_header(file, [cells for _, cells in header])
    (_, scorers), (_, names), (_, coords) = header
    # Newer versions spread the path over three columns, whose headers are empty.
    first = next((i for i, cell in enumerate(coords) if i and cell.strip()), len(coords))
    columns = _columns(file, names, coords, first)
    rows = []
    for line, cells in body:
        if len(cells) != len(coords):
            raise UserProblem(
                f"{file.name}, line {line}: there are {len(cells)} columns, but the header has"
                f" {len(coords)}.",
                "Compare the line with the others: a comma is missing or one too many.",
            )
        parts = [cell.strip().replace("\\", "/") for cell in cells[:first]]
        if not parts[-1]:
            raise UserProblem(
                f"{file.name}, line {line}, column {first}: the name of the image is missing.",
                "Every line begins with the path of its image.",
            )
        rows.append(DlcRow(line, "/".join(part for part in parts if part), cells))
    return DlcTable(file, scorers[first].strip(), columns, rows)


def _check_header(file: Path, header: list[list[str]]) -> None:
    found = tuple(cells[0].strip() for cells in header)
    if "individuals" in found:
        raise UserProblem(
            f"{file.name}, line {found.index('individuals') + 1}: the labels are of a project with"
            " several animals, which kpstudio cannot read yet.",
            "Convert it to a project with a single animal first.",
        )
    for line, expected in enumerate(_HEADER):
        if line >= len(found) or found[line] != expected:
            there = f"“{found[line]}”" if line < len(found) else "nothing"
            raise UserProblem(
                f"{file.name}, line {line + 1}, column 1: “{expected}” is expected, but there is"
                f" {there}.",
                "DeepLabCut's csv files begin with the lines scorer, bodyparts and coords,"
                " separated by commas.",
            )
    for line, cells in enumerate(header):
        if len(cells) != len(header[-1]):
            raise UserProblem(
                f"{file.name}, line {line + 1}: there are {len(cells)} columns, but the line"
                f" “coords” has {len(header[-1])}.",
                "Compare the three lines of the header: a comma is missing or one too many.",
            )


def _columns(
    file: Path, names: list[str], coords: list[str], first: int
) -> dict[str, tuple[int, int]]:
    places: dict[str, dict[str, int]] = {}
    for column in range(first, len(coords)):
        name, coord = names[column].strip(), coords[column].strip()
        where = f"{file.name}, line 3, column {column + 1}"
        if coord == "likelihood":
            raise UserProblem(
                f"{where}: there are likelihoods, so these are predictions of a network.",
                "Import the labels of people instead: CollectedData_NAME.csv.",
            )
        if coord not in ("x", "y"):
            raise UserProblem(
                f"{where}: “x” or “y” is expected, but there is “{coord}”.",
                "Each keypoint has two columns, x and y.",
            )
        place = places.setdefault(name, {})
        if coord in place:
            raise UserProblem(
                f"{where}: “{name}” has a second column {coord}.",
                "Each keypoint has two columns, x and y.",
            )
        place[coord] = column
    for name, place in places.items():
        if len(place) < 2:
            ((coord, column),) = place.items()
            raise UserProblem(
                f"{file.name}, line 3, column {column + 1}: “{name}” has a column {coord} only.",
                "Each keypoint has two columns, x and y.",
            )
    if not places:
        raise UserProblem(
            f"{file.name}, line 3: there are no columns of positions.",
            "Each keypoint has two columns, x and y.",
        )
    return {name: (place["x"], place["y"]) for name, place in places.items()}
