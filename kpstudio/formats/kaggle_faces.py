"""Kaggle's facial keypoints: a csv file with the images inside, and its submission.

training.csv has 30 columns NAME_x and NAME_y and a last column Image of 96 x 96 grey values;
test.csv has ImageId and Image. A first import writes the images as PNG files into the folder
NAME_images beside the csv file, numbered by line or by ImageId, because kpstudio shows files.

A submission says RowId and Location for each line of IdLookupTable.csv, which must lie beside it or
beside the images' csv file. Locations are pixels of the 96 x 96 images, as those of training.csv,
and lie between 0 and 96.
Source: kaggle.com/c/facial-keypoints-detection/data.
"""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, VISIBLE, Annotation, Prediction
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.identity import imported_id
from kpstudio.formats.matching import keypoint_order
from kpstudio.formats.table_file import (
    TableFile,
    TableLine,
    encode_table,
    read_table_file,
    table_columns,
)

_SIDE = 96
_IMAGE = "Image"
_IMAGE_ID = "ImageId"
_EXPLANATION = "README.txt"
_LOOKUP = "IdLookupTable.csv"


class KaggleFacesFormat(Format):
    """Kaggle's training.csv or test.csv of facial keypoints; its submission."""

    title: ClassVar[str] = "Kaggle facial keypoints"
    can_write: ClassVar[bool] = True
    suffix: ClassVar[str] = ".csv"

    def recognises(self, path: Path) -> bool:
        columns = table_columns(path)
        is_test = columns == [_IMAGE_ID, _IMAGE]
        return is_test or (columns[-1:] == [_IMAGE] and bool(_names(columns)))

    def skeleton(self, path: Path) -> Skeleton:
        names = _names(table_columns(path))
        if not names:
            return super().skeleton(path)
        pairs = ((names.index(a), names.index(a.replace("left", "right"))) for a in _lefts(names))
        return Skeleton("face15", names, flip_pairs=tuple(pairs), category="face")

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        table = read_table_file(path)
        if not table.columns or table.columns[-1] != _IMAGE:
            raise UserProblem(
                f"{path.name}, line 1: the last column is not “{_IMAGE}”.",
                "Choose training.csv or test.csv of the facial keypoints of Kaggle.",
            )
        names = _names(table.columns)
        order = keypoint_order(path.name, names, skeleton) if names else []
        files = list(_write_images(path, table))
        images = tuple(
            Image(number, file, _SIDE, _SIDE) for number, file in enumerate(files, start=1)
        )
        time = path.stat().st_mtime
        annotations = []
        for image, line in zip(images, table.lines, strict=True) if names else ():
            xy, visibility = _keypoints(table, line, names)
            if visibility.any():
                annotations.append(
                    Annotation(
                        id=imported_id("kaggle_faces", path.name, line.number),
                        image_id=image.id,
                        xy=xy[order],
                        visibility=visibility[order],
                        source="import:kaggle_faces",
                        time=time,
                    )
                )
        return Dataset(skeleton, images, tuple(annotations))

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write the submission: a location for each line of IdLookupTable.csv."""
        if predictions is None:
            raise UserProblem(
                "A submission to Kaggle has predictions, not labels.",
                "Export predictions, or export the labels as “csv_wide”.",
            )
        lookup = read_table_file(_lookup_file(dataset, path))
        columns = [_required(lookup, name) for name in ("RowId", _IMAGE_ID, "FeatureName")]
        best = _best_by_number(dataset, predictions)
        lines, clipped, missing = [], 0, 0
        for line in lookup.lines:
            row, image, feature = (line.cells[column].strip() for column in columns)
            location = _location(lookup, line, best.get(image), image, feature, dataset.skeleton)
            if np.isnan(location):
                location, missing = _SIDE / 2, missing + 1
            inside = min(max(location, 0.0), float(_SIDE))
            clipped += inside != location
            lines.append((row, inside))
        write_atomically(path, encode_table(("RowId", "Location"), lines))
        notes = []
        if clipped:
            notes.append(f"{clipped} locations outside of 0 to {_SIDE} were moved to its ends.")
        if missing:
            notes.append(f"{missing} locations were not found and are the middle of the image.")
        used = {line.cells[columns[1]].strip() for line in lookup.lines}
        return WriteReceipt(path, len(used), len(used), len(lines) // 2, notes=tuple(notes))


def _names(columns: list[str]) -> tuple[str, ...]:
    """Of the keypoints that have both columns."""
    stems = [name[:-2] for name in columns if name.endswith("_x")]
    return tuple(name for name in stems if f"{name}_y" in columns)


def _lefts(names: tuple[str, ...]) -> Iterator[str]:
    return (each for each in names if "left" in each and each.replace("left", "right") in names)


def _keypoints(
    table: TableFile, line: TableLine, names: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    columns = [(table.columns.index(f"{n}_x"), table.columns.index(f"{n}_y")) for n in names]
    found = np.array([table.keypoint(line, x, y, None) for x, y in columns])
    return found[:, :2], np.where(np.isnan(found[:, 0]), NOT_LABELLED, VISIBLE)


def _write_images(path: Path, table: TableFile) -> Iterator[Path]:
    """The file of each line, written where it is not there yet."""
    folder = path.absolute().with_name(f"{path.stem}_images")
    text = _explanation(path)
    explanation = folder / _EXPLANATION
    if explanation.is_file() and explanation.read_text(encoding="utf-8") != text:
        raise UserProblem(
            f"{folder} has the images of another {path.name}.",
            "Move or remove that folder, then import again.",
        )
    if folder.exists() and not explanation.is_file() and any(folder.iterdir()):
        raise UserProblem(
            f"{folder} is there already and is not from kpstudio.",
            "The images are written into this folder: rename it, then import again.",
        )
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UserProblem(
            f"{folder} cannot be made ({error.strerror}).",
            "The images are written beside the csv file: copy it to a place that may be written.",
        ) from error
    if not explanation.is_file():
        write_atomically(explanation, text.encode())
    by_id = table.columns[0] == _IMAGE_ID
    for index, line in enumerate(table.lines, start=1):
        number = line.cells[0].strip() if by_id else str(index)
        file = folder / f"{number.zfill(5)}.png"
        if not file.is_file():
            is_written, data = cv2.imencode(".png", _pixels(table, line))
            assert is_written
            write_atomically(file, data.tobytes())
        yield file


def _explanation(path: Path) -> str:
    return (
        f"The images of {path.name}, which kpstudio took out of it at the first import.\n"
        "Their numbers are those of its lines of data, from 1, or the ImageId.\n"
        f"Checksum of {path.name}: {zlib.crc32(path.read_bytes()):08x}\n"
    )


def _pixels(table: TableFile, line: TableLine) -> np.ndarray:
    """(96, 96) uint8."""
    column = len(table.columns) - 1
    words = line.cells[column].split()
    try:
        values = np.array(words, dtype=np.int64)
    except (ValueError, OverflowError):
        values = np.array([-1])
    if values.size != _SIDE * _SIDE or values.min() < 0 or values.max() > 255:
        raise UserProblem(
            f"{table.where(line, column)}: the image is not {_SIDE} x {_SIDE} values of 0 to 255.",
            "Unpack the file of Kaggle again.",
        )
    return values.astype(np.uint8).reshape(_SIDE, _SIDE)


def _lookup_file(dataset: Dataset, path: Path) -> Path:
    folders = [path.absolute().parent]
    folders += [image.path.parent.parent for image in dataset.images[:1]]
    for folder in folders:
        if (folder / _LOOKUP).is_file():
            return folder / _LOOKUP
    raise UserProblem(
        f"There is no {_LOOKUP} in {folders[0]}.",
        "Copy it there from the data of Kaggle: it says which locations are asked for.",
    )


def _required(table: TableFile, name: str) -> int:
    if name not in table.columns:
        raise UserProblem(
            f"{table.path.name}, line 1: there is no column “{name}”.",
            "Copy the file from the data of Kaggle again.",
        )
    return table.columns.index(name)


def _best_by_number(dataset: Dataset, predictions: Sequence[Prediction]) -> dict[str, Prediction]:
    """The likeliest prediction of each image, by the number in the name of its file."""
    numbers = {
        image.id: str(int(image.path.stem))
        for image in dataset.images
        if image.path.stem.isdecimal()
    }
    best: dict[str, Prediction] = {}
    for each in predictions:
        number = numbers.get(each.image_id)
        if number is not None and (number not in best or each.score > best[number].score):
            best[number] = each
    return best


def _location(
    lookup: TableFile,
    line: TableLine,
    prediction: Prediction | None,
    image: str,
    feature: str,
    skeleton: Skeleton,
) -> float:
    name, axis = feature[:-2], feature[-2:]
    if name not in skeleton.keypoints or axis not in ("_x", "_y"):
        raise UserProblem(
            f"{lookup.path.name}, line {line.number}: “{feature}” is no keypoint of the skeleton"
            f" “{skeleton.name}”.",
            f"The skeleton has: {', '.join(skeleton.keypoints)}.",
        )
    if prediction is None:
        raise UserProblem(
            f"There is no prediction for image {image}, which {lookup.path.name} asks for.",
            "Import test.csv, predict all of its images, then export again.",
        )
    return float(prediction.xy[skeleton.index(name), int(axis == "_y")])
