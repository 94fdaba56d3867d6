"""DeepPoseKit's annotation sets: one HDF5 file with the images inside.

`images` (N, H, W, 1 or 3), `annotations` (N, K, 2) x and y, `annotated` (N, K), `skeleton` (K, 2)
the indices of each keypoint's parent and of its mirror image. The names are in a file skeleton.csv
beside it, with the columns name, parent and swap. Positions are pixels with centres at integers.

Keypoints that are not marked as annotated are first guesses that somebody meant to correct: they
are not labelled. If not a single one of a file is marked, nobody has used the marks, and all are
labels, as DeepPoseKit's training takes them; the images then have the tag `UNMARKED`.
"""

import csv
import io
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.dpk_export import COLUMNS, SOURCE, UNMARKED_NOTE, write_dpk
from kpstudio.formats.embedded_images import EmbeddedImages
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.hdf5 import dataset_of, is_hdf5, open_hdf5
from kpstudio.formats.images import images_with_sizes
from kpstudio.formats.left_and_right import left_first
from kpstudio.formats.matching import keypoint_order

if TYPE_CHECKING:
    import h5py

UNMARKED = "not marked as annotated"
_DATASETS = ("images", "annotations", "annotated", "skeleton")


class DeepPoseKitFormat(Format):
    """An annotation set of DeepPoseKit."""

    title: ClassVar[str] = "DeepPoseKit annotations"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "never"
    suffix: ClassVar[str] = ".h5"
    # A file that is read gives copies of the images that were put into it.
    can_read_back: ClassVar[bool] = False

    def recognises(self, path: Path) -> bool:
        if path.suffix.lower() not in (".h5", ".hdf5") or not path.is_file() or not is_hdf5(path):
            return False
        try:
            with open_hdf5(path) as file:
                return all(name in file for name in _DATASETS)
        except UserProblem:
            return False

    def skeleton(self, path: Path) -> Skeleton:
        with open_hdf5(path) as file:
            count = len(dataset_of(file, "skeleton", path))
        return _read_skeleton(path, count)

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        with open_hdf5(path) as file:
            pixels, xy, is_annotated = _arrays(file, path)
            own = _read_skeleton(path, xy.shape[1])
            order = keypoint_order(path.name, own.keypoints, skeleton)
            images = images_with_sizes(_save_images(path, pixels))
        is_marked = bool(is_annotated.any())
        # A position that nobody has given is written as NaN or as -1.
        is_placed = np.isfinite(xy).all(axis=2) & ~(xy == -1).all(axis=2)
        is_labelled = is_placed & (is_annotated if is_marked else True)
        if not is_marked:
            images = tuple(replace(image, tags=(UNMARKED,)) for image in images)
        time = path.stat().st_mtime
        annotations = tuple(
            Annotation(
                id=_annotation_id(path, number),
                image_id=image.id,
                xy=np.where(is_placed[number][:, None], xy[number], np.nan)[order],
                visibility=np.where(is_labelled[number][order], VISIBLE, NOT_LABELLED),
                source=SOURCE,
                time=time,
                extra="" if is_marked else UNMARKED_NOTE,
            )
            for number, image in enumerate(images)
            if is_labelled[number].any()
        )
        return Dataset(skeleton, images, annotations)

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write the labelled images, all of one size and with one subject each, and skeleton.csv.

        Args:
            dataset: Whose images are read and put into the file.
            path: Of the file.
            predictions: Are refused.
        """
        self.refuse_predictions(predictions)
        return write_dpk(dataset, path)


def _arrays(file: "h5py.File", path: Path) -> tuple["h5py.Dataset", np.ndarray, np.ndarray]:
    pixels, annotations, annotated, skeleton = (dataset_of(file, name, path) for name in _DATASETS)
    count = len(skeleton)
    expected = {
        "annotations": (annotations.shape, (len(pixels), count, 2)),
        "annotated": (annotated.shape, (len(pixels), count)),
        "images": (pixels.shape[:1] + pixels.shape[3:], (len(pixels), pixels.shape[-1])),
    }
    for name, (shape, right) in expected.items():
        if shape != right:
            raise UserProblem(
                f"{path.name}: “{name}” has the shape {file[name].shape}, which does not fit"
                f" {len(pixels)} images and {count} keypoints.",
                "Export the file again.",
            )
    if annotations.dtype.kind not in "fiu" or pixels.dtype.kind not in "fiu":
        raise UserProblem(
            f"{path.name}: “images” and “annotations” are not both numbers.",
            "Export the file again.",
        )
    return pixels, annotations[()].astype(np.float64), annotated[()].astype(bool)


def _save_images(path: Path, pixels: "h5py.Dataset") -> list[Path]:
    folder = EmbeddedImages(path)
    names = [f"image{number:06d}" for number in range(len(pixels))]
    return [
        folder.saved(name) or folder.save(name, pixels[number]) for number, name in enumerate(names)
    ]


def _annotation_id(path: Path, number: int) -> str:
    """The same at each reading, so that a second import of the file does not double subjects."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"kpstudio:dpk:{path.name}:{number}").hex


def _read_skeleton(path: Path, count: int) -> Skeleton:
    """The skeleton in the csv file beside a set of `count` keypoints."""
    candidates = (path.with_name(f"{path.stem}_skeleton.csv"), path.with_name("skeleton.csv"))
    file = next((each for each in candidates if each.is_file()), None)
    if file is None:
        raise UserProblem(
            f"{path.name} does not name its keypoints.",
            f"Put the file skeleton.csv of the DeepPoseKit project into {path.parent}: it has a"
            " line name,parent,swap and one more for each keypoint.",
        )
    try:
        lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserProblem(f"{file} cannot be read: {error}.", "Check the file.") from error
    if not lines or COLUMNS[0] not in lines[0]:
        raise UserProblem(
            f"{file.name} has no column “name”.", "Its first line is name,parent,swap."
        )
    names = tuple((line["name"] or "").strip() for line in lines)
    if len(names) != count:
        raise UserProblem(
            f"{file.name} names {len(names)} keypoints, but {path.name} has {count}.",
            "Choose the skeleton.csv of the same project.",
        )
    places = {name: place for place, name in enumerate(names)}
    return Skeleton(
        name=path.stem,
        keypoints=names,
        edges=_pairs(file, lines, places, "parent"),
        flip_pairs=_flip_pairs(_pairs(file, lines, places, "swap"), names),
    )


def _flip_pairs(
    pairs: tuple[tuple[int, int], ...], names: tuple[str, ...]
) -> tuple[tuple[int, int], ...]:
    """Each keypoint in one pair at most: those that name each other first.

    The published skeleton of the flies names one mirror image twice.
    """
    found: list[tuple[int, int]] = []
    for pair in sorted(pairs, key=lambda pair: pair[::-1] not in pairs):
        if not any(set(pair) & set(other) for other in found):
            found.append(left_first(pair, names))
    return tuple(sorted(found, key=min))


def _pairs(
    file: Path, lines: list[dict[str, str]], places: dict[str, int], column: str
) -> tuple[tuple[int, int], ...]:
    pairs = []
    for place, line in enumerate(lines):
        other = (line.get(column) or "").strip()
        if other and other not in places:
            raise UserProblem(
                f"{file.name}, line {place + 2}: the {column} “{other}” is not among the names.",
                f"The names are: {', '.join(places)}.",
            )
        if other:
            pairs.append((places[other], place))
    return tuple(pairs)
