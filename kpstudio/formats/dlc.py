"""DeepLabCut's labels: csv files with a header of three rows, beside the images.

    scorer,Ann,Ann,...
    bodyparts,snout,snout,...
    coords,x,y,...
    labeled-data/video1/img0000.png,21.5,265.4,...

The path may also be spread over the first three columns. An empty cell is a keypoint that is not
labelled. Positions are pixels with centres at integers, as ours.
"""

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, VISIBLE, Annotation
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.dlc_table import DlcRow, DlcTable, looks_like_dlc, read_table
from kpstudio.formats.format import Format
from kpstudio.formats.identity import imported_id
from kpstudio.formats.images import images_with_sizes

_SCORER_IN_CONFIG = re.compile(r"^scorer:[ \t]*[\"']?([^\"'#\r\n]+?)[\"']?[ \t]*(#.*)?$", re.M)


class DlcFormat(Format):
    """A DeepLabCut project, one of its folders of labelled images, or one csv file."""

    title: ClassVar[str] = "DeepLabCut labels"

    def recognises(self, path: Path) -> bool:
        if path.is_dir():
            return bool(_csv_files(path))
        return looks_like_dlc(path)

    def skeleton(self, path: Path) -> Skeleton:
        return Skeleton(path.stem, tuple(read_table(_files(path)[0]).columns))

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        files = _files(path)
        found = [each for file in files for each in _read_file(file, skeleton)]
        _refuse_repeated(found)
        images = images_with_sizes(each.image for each in found)
        annotations = tuple(
            Annotation(
                id=_annotation_id(each),
                image_id=image.id,
                xy=each.xy,
                visibility=np.where(np.isnan(each.xy[:, 0]), NOT_LABELLED, VISIBLE),
                source="import:dlc",
                author=each.scorer,
                time=each.time,
            )
            for image, each in zip(images, found, strict=True)
            if not np.isnan(each.xy).all()
        )
        return Dataset(skeleton, images, annotations)


@dataclass(frozen=True, eq=False)
class _LabelledImage:
    """One row, with keypoints in the order of the skeleton."""

    image: Path
    written: str
    xy: np.ndarray
    scorer: str
    time: float
    file: Path
    line: int


def _files(path: Path) -> list[Path]:
    files = _one_scorer(path) if path.is_dir() else [path]
    if not files:
        raise UserProblem(
            f"There are no DeepLabCut labels in {path}.",
            "They are in files CollectedData_NAME.csv in the folders of labeled-data.",
        )
    return files


def _annotation_id(labelled: _LabelledImage) -> str:
    return imported_id("dlc", labelled.scorer, labelled.written)


def _csv_files(folder: Path) -> list[Path]:
    for pattern in (
        "CollectedData*.csv",
        "labeled-data/*/CollectedData*.csv",
        "*/CollectedData*.csv",
    ):
        if found := sorted(folder.glob(pattern)):
            return found
    return []


def _one_scorer(folder: Path) -> list[Path]:
    """The csv files of a project; where several people labelled, those of its scorer."""
    by_folder = defaultdict(list)
    for file in _csv_files(folder):
        by_folder[file.parent].append(file)
    config = folder / "config.yaml"
    match = None
    if config.is_file():
        match = _SCORER_IN_CONFIG.search(config.read_text(encoding="utf-8", errors="replace"))
    chosen = []
    for files in by_folder.values():
        own = [file for file in files if match and file.stem == f"CollectedData_{match[1]}"]
        if len(files) > 1 and not own:
            names = ", ".join(file.name for file in files)
            raise UserProblem(
                f"{files[0].parent} has labels of several people: {names}.",
                "Import one of these files instead of the folder.",
            )
        chosen += own or files
    return chosen


def _read_file(file: Path, skeleton: Skeleton) -> list[_LabelledImage]:
    table = read_table(file)
    columns = _match_skeleton(table, skeleton)
    roots = _image_roots(table)
    time = file.stat().st_mtime
    return [
        _LabelledImage(
            image=_image_path(row.path, file, roots),
            written=row.path,
            xy=_positions(table, row, columns),
            scorer=table.scorer,
            time=time,
            file=file,
            line=row.line,
        )
        for row in table.rows
    ]


def _match_skeleton(table: DlcTable, skeleton: Skeleton) -> list[tuple[int, int]]:
    """For each keypoint of the skeleton its columns of x and y."""
    for name, (x, _) in table.columns.items():
        if name not in skeleton.keypoints:
            raise UserProblem(
                f"{table.file.name}, line 2, column {x + 1}: “{name}” is not in the skeleton"
                f" “{skeleton.name}”.",
                f"The skeleton has: {', '.join(skeleton.keypoints)}. Rename the column, or make a"
                " project with another skeleton.",
            )
    for name in skeleton.keypoints:
        if name not in table.columns:
            raise UserProblem(
                f"{table.file.name}, line 2: there is no column for “{name}” of the skeleton"
                f" “{skeleton.name}”.",
                f"The file has: {', '.join(table.columns)}. Add two empty columns for it, or make"
                " a project with another skeleton.",
            )
    return [table.columns[name] for name in skeleton.keypoints]


def _positions(table: DlcTable, row: DlcRow, columns: list[tuple[int, int]]) -> np.ndarray:
    """(K, 2) image pixels, NaN where not labelled."""
    xy = np.full((len(columns), 2), np.nan)
    for keypoint, pair in enumerate(columns):
        xy[keypoint] = [_number(table, row, column) for column in pair]
        if np.isnan(xy[keypoint]).sum() == 1:
            raise UserProblem(
                f"{table.file.name}, line {row.line}, column {pair[0] + 1}: one of x and y is"
                " given, the other is empty.",
                "Give both, or leave both empty for a keypoint that is not labelled.",
            )
    return xy


def _number(table: DlcTable, row: DlcRow, column: int) -> float:
    cell = row.cells[column].strip()
    if cell.lower() in ("", "nan"):
        return math.nan
    try:
        value = float(cell) if "_" not in cell else math.inf
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise UserProblem(
            f"{table.file.name}, line {row.line}, column {column + 1}: “{cell}” is not a number.",
            "Write a position in pixels such as 123.4, or leave it empty for a keypoint that is"
            " not labelled.",
        )
    return value


def _image_roots(table: DlcTable) -> list[Path]:
    """Folders from which the file's paths may count, the likeliest first.

    DeepLabCut counts from its project's folder, two above the csv; others from the csv's.
    """
    folder = table.file.absolute().parent
    roots = [folder, *folder.parents[:3]]
    named = table.rows[:20]
    return sorted(roots, key=lambda root: -sum((root / row.path).is_file() for row in named))


def _image_path(written: str, file: Path, roots: list[Path]) -> Path:
    """Where the image is; where it most likely was, if it is nowhere."""
    beside = file.absolute().parent / Path(written).name
    for candidate in (*(root / written for root in roots), beside):
        if candidate.is_file():
            return candidate
    if Path(written).parent.name == file.absolute().parent.name:
        return beside
    return roots[0] / written


def _refuse_repeated(found: list[_LabelledImage]) -> None:
    first: dict[Path, _LabelledImage] = {}
    for each in found:
        if (other := first.setdefault(each.image, each)) is not each:
            raise UserProblem(
                f"{each.file.name}, line {each.line}: {each.image.name} was labelled before, in"
                f" line {other.line} of {other.file.name}.",
                "Remove one of the two lines.",
            )
