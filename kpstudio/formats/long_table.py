"""A table with a line for each keypoint.

    image,subject,keypoint,x,y,visibility
    frames/a.png,1,snout,1.25,2.0,2

`subject` may be missing where each image has one; `visibility` where all are visible. A column
`track` says which individual it is. Other columns are passed over.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from kpstudio.core.annotation import Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.subjects import Holds, receipt_of, subjects_to_write, without_frames
from kpstudio.formats.table_file import (
    IMAGE_COLUMNS,
    SUBJECT_COLUMNS,
    TableFile,
    encode_table,
    read_table_file,
    table_columns,
)
from kpstudio.formats.table_subjects import TableSubject, dataset_of
from kpstudio.imaging.portable_path import portable_path

_KEYPOINT = frozenset({"keypoint", "bodypart"})
_VISIBILITY = frozenset({"visibility", "v"})
_TRACK = frozenset({"track"})
_HEADER = ("image", "subject", "keypoint", "x", "y", "visibility")


class LongTableFormat(Format):
    """A csv table with a line for each keypoint."""

    title: ClassVar[str] = "a table with a line for each keypoint"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".csv"

    def recognises(self, path: Path) -> bool:
        names = {name.lower() for name in table_columns(path)}
        has_place = {"x", "y"} <= names
        return has_place and bool(names & _KEYPOINT) and bool(names & IMAGE_COLUMNS)

    def skeleton(self, path: Path) -> Skeleton:
        table = read_table_file(path)
        column = _column(table, _KEYPOINT, "keypoint")
        return Skeleton(path.stem, tuple(dict.fromkeys(each.cells[column] for each in table.lines)))

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        table = read_table_file(path)
        image = _column(table, IMAGE_COLUMNS, "image")
        keypoint = _column(table, _KEYPOINT, "keypoint")
        x, y = _column(table, {"x"}, "x"), _column(table, {"y"}, "y")
        subject, track = table.column(SUBJECT_COLUMNS), table.column(_TRACK)
        visibility = table.column(_VISIBILITY)
        found: dict[tuple[str, str], TableSubject] = {}
        seen: set[tuple[str, str, str]] = set()
        for line in table.lines:
            name = line.cells[keypoint].strip()
            of_subject = (line.cells[image].strip(), "" if subject is None else line.cells[subject])
            if name not in skeleton.keypoints:
                raise UserProblem(
                    f"{table.where(line, keypoint)}: “{name}” is not in the skeleton"
                    f" “{skeleton.name}”.",
                    f"The skeleton has: {', '.join(skeleton.keypoints)}.",
                )
            if (*of_subject, name) in seen:
                raise UserProblem(
                    f"{table.where(line, keypoint)}: “{name}” is there a second time.",
                    "Number the subjects of an image in a column “subject”.",
                )
            seen.add((*of_subject, name))
            count = len(skeleton)
            entry = found.setdefault(
                of_subject,
                TableSubject(
                    *of_subject,
                    np.full((count, 2), np.nan),
                    np.zeros(count, dtype=np.int8),
                    "" if track is None else line.cells[track].strip(),
                ),
            )
            index = skeleton.index(name)
            *entry.xy[index], entry.visibility[index] = table.keypoint(line, x, y, visibility)
        return dataset_of(path, list(found.values()), skeleton, "csv")

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write a line for each labelled keypoint; of predictions their scores too."""
        images, notes = without_frames(subjects_to_write(dataset, predictions), self.title)
        has_tracks = any(subject.track for each in images for subject in each.subjects)
        folder = path.absolute().parent.resolve()
        lines: list[tuple[object, ...]] = []
        for each in images:
            name = portable_path(each.image.path, folder)
            for number, subject in enumerate(each.subjects, start=1):
                for index in np.flatnonzero(subject.visibility).tolist():
                    x, y = subject.xy[index].tolist()
                    keypoint = dataset.skeleton.keypoints[index]
                    line = (name, number, keypoint, x, y, int(subject.visibility[index]))
                    scores = () if subject.scores is None else (float(subject.scores[index]),)
                    lines.append((*line, *((subject.track,) if has_tracks else ()), *scores))
        columns = [*_HEADER, *(["track"] * has_tracks), *(["score"] * (predictions is not None))]
        write_atomically(path, encode_table(columns, lines))
        holds = Holds(boxes=False, tracks=True, box_only=False, scores=True)
        return receipt_of(path, images, holds, notes)


def _column(table: TableFile, names: "set[str] | frozenset[str]", wanted: str) -> int:
    found = table.column(names)
    if found is None:
        raise UserProblem(
            f"{table.path.name}, line 1: there is no column “{wanted}”.",
            f"The columns are: {', '.join(table.columns)}. Needed are image, keypoint, x and y.",
        )
    return found
