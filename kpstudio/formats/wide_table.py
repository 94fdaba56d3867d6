"""A table with a line for each subject.

    image,subject,snout_x,snout_y,snout_v,tail_x,tail_y,tail_v
    frames/a.png,1,1.25,2.0,2,,,0

The first column names the image. The visibility may be missing. Columns may be called x0, y0, x1
and so on, or be numbered 0, 1, 2 and so on for x and y in turn; then the keypoints are those of the
skeleton in its order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.subjects import Holds, Subject, receipt_of, subjects_to_write, without_frames
from kpstudio.formats.table_file import (
    IMAGE_COLUMNS,
    SUBJECT_COLUMNS,
    encode_table,
    read_table_file,
    table_columns,
)
from kpstudio.formats.table_subjects import TableSubject, dataset_of
from kpstudio.imaging.portable_path import portable_path

_NAMED = re.compile(r"^(.+)[_ .-](x|y|v|visibility)$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(x|y|v)_?([0-9]+)$", re.IGNORECASE)


class WideTableFormat(Format):
    """A csv table with a line for each subject."""

    title: ClassVar[str] = "a table with a line for each subject"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".csv"

    def recognises(self, path: Path) -> bool:
        columns = table_columns(path)
        if not columns or columns[0].lower() not in {*IMAGE_COLUMNS, "", "unnamed: 0"}:
            return False
        return bool(_keypoint_columns(columns))

    def skeleton(self, path: Path) -> Skeleton:
        names = [each.name for each in _keypoint_columns(table_columns(path))]
        if not all(names):
            return super().skeleton(path)
        return Skeleton(path.stem, tuple(names))

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        table = read_table_file(path)
        columns = _in_order(path, _keypoint_columns(table.columns), skeleton)
        subject, track = table.column(SUBJECT_COLUMNS), table.column({"track"})
        found: list[TableSubject] = []
        counts: dict[str, int] = {}
        seen: set[tuple[str, str]] = set()
        for line in table.lines:
            image = line.cells[0].strip()
            counts[image] = counts.get(image, 0) + 1
            name = str(counts[image]) if subject is None else line.cells[subject].strip()
            if not image or (image, name) in seen:
                raise UserProblem(
                    f"{table.where(line, 0)}: "
                    + (
                        f"subject {name} is there a second time." if image else "no image is named."
                    ),
                    "Each line names an image, and each subject of an image has its own number.",
                )
            seen.add((image, name))
            keypoints = np.array(
                [table.keypoint(line, each.x, each.y, each.visibility) for each in columns]
            )
            found.append(
                TableSubject(
                    image,
                    name,
                    keypoints[:, :2],
                    keypoints[:, 2].astype(np.int8),
                    "" if track is None else line.cells[track].strip(),
                )
            )
        return dataset_of(path, found, skeleton, "csv_wide")

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write a line for each subject; of a prediction its score too."""
        images, notes = without_frames(subjects_to_write(dataset, predictions), self.title)
        has_tracks = any(subject.track for each in images for subject in each.subjects)
        folder = path.absolute().parent.resolve()
        keypoints = [f"{name}_{what}" for name in dataset.skeleton.keypoints for what in "xyv"]
        columns = ["image", "subject", *keypoints]
        columns += ["track"] * has_tracks + ["score"] * (predictions is not None)
        lines: list[list[object]] = []
        for each in images:
            for number, subject in enumerate(each.subjects, start=1):
                if not subject.visibility.any():
                    continue
                line = [portable_path(each.image.path, folder), number, *_cells(subject)]
                line += [subject.track] * has_tracks
                lines.append(line + ([] if subject.score is None else [subject.score]))
        write_atomically(path, encode_table(columns, lines))
        return receipt_of(path, images, Holds(boxes=False, tracks=True, box_only=False), notes)


@dataclass(frozen=True)
class _Columns:
    """Of one keypoint; without a name where the columns are only numbered."""

    name: str
    x: int
    y: int
    visibility: int | None


def _keypoint_columns(columns: list[str]) -> list[_Columns]:
    """None where they are of another kind of table."""
    rest = columns[1:]
    if len(rest) % 2 == 0 and rest in (
        [str(n) for n in range(len(rest))],
        [str(n + 1) for n in range(len(rest))],
    ):
        return [_Columns("", n, n + 1, None) for n in range(1, len(rest), 2)]
    numbered = _places(rest, _NUMBERED, name=2, what=1)
    if numbered:
        order = sorted(numbered, key=int)
        return [_of_places("", numbered[number]) for number in order]
    named = _places(rest, _NAMED, name=1, what=2)
    return [_of_places(name, places) for name, places in named.items()]


def _places(
    columns: list[str], pattern: re.Pattern[str], *, name: int, what: int
) -> dict[str, dict[str, int]]:
    """By keypoint the columns of x, y and v; only where x and y are there."""
    found: dict[str, dict[str, int]] = {}
    for number, column in enumerate(columns, start=1):
        if match := pattern.match(column):
            found.setdefault(match[name], {})[match[what][0].lower()] = number
    return {key: places for key, places in found.items() if {"x", "y"} <= places.keys()}


def _of_places(name: str, places: dict[str, int]) -> _Columns:
    return _Columns(name, places["x"], places["y"], places.get("v"))


def _in_order(path: Path, columns: list[_Columns], skeleton: Skeleton) -> list[_Columns]:
    if not columns:
        raise UserProblem(
            f"{path.name}, line 1: there are no columns of keypoints.",
            "They are called NAME_x and NAME_y, after a first column “image”.",
        )
    if columns[0].name:
        order = keypoint_order(path.name, [each.name for each in columns], skeleton)
        return [columns[index] for index in order]
    if len(columns) != len(skeleton):
        raise UserProblem(
            f"{path.name}: there are {len(columns)} keypoints without names, but the skeleton"
            f" “{skeleton.name}” has {len(skeleton)}.",
            "Use a skeleton of as many keypoints in the same order.",
        )
    return columns


def _cells(subject: Subject) -> list[object]:
    cells: list[object] = []
    for (x, y), v in zip(subject.xy.tolist(), subject.visibility.tolist(), strict=True):
        cells += [x, y, v] if v > NOT_LABELLED else ["", "", 0]
    return cells
