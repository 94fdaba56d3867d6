"""Parquet tables with a row for each keypoint, for pandas, polars, R and DuckDB.

Columns: `image` (path; relative ones count from the file's folder), `frame` (of a video, else
null), `subject` (from 0 in each image), `track` (empty where nobody said), `keypoint`, `x`, `y`
(pixels, centres at integers; null where not labelled), `visibility` (COCO's 0, 1, 2). An image
that has no subject has one row with nulls, if it is written at all.
"""

import io
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.images import images_with_sizes
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.optional_package import optional_package
from kpstudio.imaging.portable_path import absolute_path, portable_path

_MAGIC = b"PAR1"
_NEEDED = ("image", "keypoint", "x", "y")
_TYPES = {
    "image": "string",
    "frame": "int64",
    "subject": "int64",
    "track": "string",
    "keypoint": "string",
    "x": "double",
    "y": "double",
    "visibility": "int8",
}


class ParquetFormat(Format):
    """A Parquet table with a row for each keypoint."""

    title: ClassVar[str] = "Parquet table"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".parquet"

    def recognises(self, path: Path) -> bool:
        if path.suffix.lower() not in (".parquet", ".pq") or not path.is_file():
            return False
        try:
            with path.open("rb") as file:
                return file.read(len(_MAGIC)) == _MAGIC
        except OSError:
            return False

    def skeleton(self, path: Path) -> Skeleton:
        return Skeleton(path.stem, _keypoints(path, _read_columns(path)))

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        columns = _read_columns(path)
        keypoint_order(path.name, _keypoints(path, columns), skeleton)
        places: dict[tuple[str, int | None], int] = {}
        subjects: dict[tuple[int, int], _Subject] = {}
        for row, (image, frame, subject, track, keypoint, *values) in enumerate(
            zip(*(columns[name] for name in _TYPES), strict=True)
        ):
            if not image:
                raise _wrong(path, row, "has no image", "Each row names its image.")
            image_id = places.setdefault((image, frame), len(places) + 1)
            if not keypoint:
                continue
            key = (image_id, subject or 0)
            if key not in subjects:
                subjects[key] = _Subject.empty(track, skeleton)
            subjects[key].put(path, row, skeleton.index(keypoint), *values)
        return Dataset(skeleton, _images(path, places), tuple(_annotations(path, places, subjects)))

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write the labelled images, all keypoints of each subject."""
        self.refuse_predictions(predictions)
        arrow = optional_package("pyarrow", purpose="Writing Parquet")
        parquet = optional_package("pyarrow.parquet", purpose="Writing Parquet")
        labels = dataset.annotations_by_image()
        dataset = dataset.labelled()
        folder = path.absolute().parent.resolve()
        columns: dict[str, list[Any]] = {name: [] for name in _TYPES}
        for image in dataset.images:
            name = portable_path(image.path, folder)
            for number, each in enumerate(labels[image.id]):
                count = len(dataset.skeleton)
                xy = np.where(each.is_labelled[:, None], each.xy, np.nan)
                columns["image"] += [name] * count
                columns["frame"] += [image.frame] * count
                columns["subject"] += [number] * count
                columns["track"] += [each.track] * count
                columns["keypoint"] += dataset.skeleton.keypoints
                columns["x"] += [None if np.isnan(x) else x for x in xy[:, 0].tolist()]
                columns["y"] += [None if np.isnan(y) else y for y in xy[:, 1].tolist()]
                columns["visibility"] += each.visibility.tolist()
        table = arrow.table(
            {name: arrow.array(columns[name], type=kind) for name, kind in _TYPES.items()}
        )
        data = io.BytesIO()
        parquet.write_table(table, data)
        write_atomically(path, data.getvalue())
        visibility = np.array(columns["visibility"], dtype=np.int8)
        has_box = any(each.box for each in dataset.annotations)
        return WriteReceipt(
            path=path,
            images=len(dataset.images),
            annotations=len(dataset.annotations),
            keypoints=int((visibility > NOT_LABELLED).sum()),
            occluded=int((visibility == OCCLUDED).sum()),
            notes=("Boxes were left out: the table has no column for them.",) if has_box else (),
        )


@dataclass(frozen=True, eq=False)
class _Subject:
    """One subject while its rows are read."""

    track: str
    xy: np.ndarray
    visibility: np.ndarray
    is_given: np.ndarray

    @classmethod
    def empty(cls, track: str | None, skeleton: Skeleton) -> "_Subject":
        count = len(skeleton)
        return cls(
            track or "",
            np.full((count, 2), np.nan),
            np.zeros(count, np.int8),
            np.zeros(count, bool),
        )

    def put(
        self,
        path: Path,
        row: int,
        keypoint: int,
        x: float | None,
        y: float | None,
        visibility: int | None,
    ) -> None:
        """Take one row."""
        if self.is_given[keypoint]:
            raise _wrong(
                path, row, "gives a keypoint of this subject again", "Remove one of the two rows."
            )
        self.is_given[keypoint] = True
        is_placed = x is not None and y is not None and np.isfinite([x, y]).all()
        value = visibility if visibility is not None else VISIBLE if is_placed else NOT_LABELLED
        if value not in (NOT_LABELLED, OCCLUDED, VISIBLE):
            raise _wrong(
                path,
                row,
                f"has the visibility {value}",
                "Write 0 for not labelled, 1 for occluded, 2 for visible.",
            )
        if value and not is_placed:
            raise _wrong(
                path, row, "is labelled, but has no position", "Give both x and y in pixels."
            )
        if value:
            self.xy[keypoint] = x, y
            self.visibility[keypoint] = value


def _keypoints(path: Path, columns: dict[str, list[Any]]) -> tuple[str, ...]:
    names = dict.fromkeys(name for name in columns["keypoint"] if name)
    if not names:
        raise UserProblem(
            f"{path.name} has no keypoint.", "Each row names one in the column “keypoint”."
        )
    return tuple(names)


def _images(path: Path, places: dict[tuple[str, int | None], int]) -> tuple[Image, ...]:
    folder = path.absolute().parent.resolve()
    stills = {name: absolute_path(name, folder) for name, frame in places if frame is None}
    sizes = dict(zip(stills, images_with_sizes(stills.values()), strict=True))
    return tuple(
        Image(number, stills[name], sizes[name].width, sizes[name].height)
        if frame is None
        else Image(number, absolute_path(name, folder), frame=frame)
        for (name, frame), number in places.items()
    )


def _annotations(
    path: Path,
    places: dict[tuple[str, int | None], int],
    subjects: dict[tuple[int, int], _Subject],
) -> Iterator[Annotation]:
    names = {number: place for place, number in places.items()}
    time = path.stat().st_mtime
    for (image_id, number), each in subjects.items():
        if each.visibility.any():
            image, frame = names[image_id]
            # The same at each reading, so that a second import does not double subjects.
            name = f"kpstudio:parquet:{image}:{frame}:{number}"
            yield Annotation(
                id=uuid.uuid5(uuid.NAMESPACE_URL, name).hex,
                image_id=image_id,
                xy=each.xy,
                visibility=each.visibility,
                source="import:parquet",
                time=time,
                track=each.track,
            )


def _read_columns(path: Path) -> dict[str, list[Any]]:
    """The columns by name; those that may be missing filled with None."""
    arrow = optional_package("pyarrow", purpose="Reading Parquet")
    parquet = optional_package("pyarrow.parquet", purpose="Reading Parquet")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserProblem(
            f"{path} cannot be read ({error.strerror}).", "Check the path."
        ) from error
    try:
        table = parquet.read_table(io.BytesIO(data))
        missing = [name for name in _NEEDED if name not in table.column_names]
        if missing:
            raise UserProblem(
                f"{path.name} has no column “{missing[0]}”.",
                f"It has: {', '.join(table.column_names)}. The columns are {', '.join(_TYPES)}.",
            )
        return {
            name: table.column(name).cast(kind).to_pylist()
            if name in table.column_names
            else [None] * table.num_rows
            for name, kind in _TYPES.items()
        }
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise UserProblem(
            f"{path.name} cannot be read as a table of keypoints: {' '.join(str(error).split())}.",
            "Write it again; x and y are numbers, image, track and keypoint texts.",
        ) from error


def _wrong(path: Path, row: int, what: str, hint: str) -> UserProblem:
    return UserProblem(f"{path.name}, row {row + 1}: it {what}.", hint)
