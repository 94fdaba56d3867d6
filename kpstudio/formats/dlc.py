"""DeepLabCut's labels: csv or HDF5 files with a header of three or four rows, beside the images.

    scorer,Ann,Ann,...
    individuals,mouse1,mouse1,...        (where there are several animals)
    bodyparts,snout,snout,...
    coords,x,y,...
    labeled-data/video1/img0000.png,21.5,265.4,...

The path may also be spread over the first three columns. An empty cell is a keypoint that is not
labelled. The name of an animal is its track; “single” has the keypoints that belong to no animal.
A column “visible” after x and y, as in Lightning Pose, holds COCO's 0, 1 and 2. Positions are
pixels with centres at integers, as ours.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.dlc_export import DlcExport, layout_note
from kpstudio.formats.dlc_project import (
    CONFIG,
    DlcConfig,
    config_of,
    found_files,
    is_config,
    label_files,
    read_config,
)
from kpstudio.formats.dlc_table import DlcColumns, DlcRow, DlcTable, looks_like_dlc, read_table
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.identity import imported_id
from kpstudio.formats.images import images_with_sizes
from kpstudio.imaging.portable_path import is_file


class DlcFormat(Format):
    """A DeepLabCut project, one of its folders of labelled images, or one csv or h5 file."""

    title: ClassVar[str] = "DeepLabCut labels"
    can_write: ClassVar[bool] = True
    suffix: ClassVar[str] = ".csv"
    # The labels are of the images in the project, which may be copies.
    can_read_back: ClassVar[bool] = False

    def recognises(self, path: Path) -> bool:
        if path.is_dir():
            return bool(found_files(path)) or is_config(path / CONFIG)
        return looks_like_dlc(path) or is_config(path)

    def skeleton(self, path: Path) -> Skeleton:
        folder = path.parent if path.name == CONFIG else path
        found = found_files(folder) if folder.is_dir() else [folder]
        config = config_of(folder)
        if found:
            keypoints = _all_keypoints(found)
        else:
            keypoints = read_config(folder / CONFIG).keypoints
            if not keypoints:
                raise UserProblem(
                    f"{folder / CONFIG} does not name its keypoints.",
                    "They are listed at “bodyparts”, or at “multianimalbodyparts”.",
                )
        return Skeleton(folder.stem, keypoints, edges=_edges(config, keypoints))

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        files = _files(path.parent if path.name == CONFIG else path)
        found = [each for file in files for each in _read_file(file, skeleton)]
        _refuse_repeated(found)
        images = images_with_sizes(each.image for each in found)
        annotations = tuple(
            Annotation(
                id=_annotation_id(each, track),
                image_id=image.id,
                xy=xy,
                visibility=visibility,
                source="import:dlc",
                author=each.scorer,
                time=each.time,
                track=track,
            )
            for image, each in zip(images, found, strict=True)
            for track, (xy, visibility) in each.subjects.items()
            if visibility.any()
        )
        labelled = {each.image_id for each in annotations}
        images = tuple(
            # What an export does by itself needs no note.
            image
            if each.layout == layout_note(1, has_visible=False) and image.id in labelled
            else replace(image, extra=each.layout)
            for image, each in zip(images, found, strict=True)
        )
        return Dataset(skeleton, images, annotations)

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write one csv file, or into a project's folder one for each folder of images.

        Args:
            dataset: Labelled images are written, and those that were imported without labels.
            path: Of a csv file; else of the project's folder, whose config.yaml says the scorer
                and the order of the animals. Images that are not in its labeled-data are copied
                there, because DeepLabCut takes no others.
            predictions: Are refused.
        """
        self.refuse_predictions(predictions)
        return DlcExport(dataset, path).write()


@dataclass(frozen=True, eq=False)
class _LabelledImage:
    """One row: for each animal positions and visibilities in the order of the skeleton."""

    image: Path
    written: str
    subjects: dict[str, tuple[np.ndarray, np.ndarray]]
    scorer: str
    time: float
    layout: str
    place: str


def _files(path: Path) -> list[Path]:
    files = label_files(path) if path.is_dir() else [path]
    if not files:
        raise UserProblem(
            f"There are no DeepLabCut labels in {path}.",
            "They are in files CollectedData_NAME.csv in the folders of labeled-data.",
        )
    return files


def _all_keypoints(files: list[Path]) -> tuple[str, ...]:
    return read_table(files[0]).keypoints


def _edges(config: DlcConfig, keypoints: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Those of the configuration; a new one joins keypoints that do not exist."""
    places = {name: place for place, name in enumerate(keypoints)}
    return tuple(
        (places[a], places[b]) for a, b in config.edges if a in places and b in places and a != b
    )


def _annotation_id(labelled: _LabelledImage, track: str) -> str:
    """The same at each reading, so that a second import of the file does not double subjects."""
    subject = f"{labelled.written}:{track}" if track else labelled.written
    return imported_id("dlc", labelled.scorer, subject)


def _read_file(file: Path, skeleton: Skeleton) -> Iterator[_LabelledImage]:
    table = read_table(file)
    _check_skeleton(table, skeleton)
    roots = _image_roots(table)
    time = file.stat().st_mtime
    layout = layout_note(table.path_columns, has_visible=table.has_visible)
    for row in table.rows:
        yield _LabelledImage(
            image=_image_path(row.path, file, roots),
            written=row.path,
            subjects={
                track: _labels(table, row, columns, skeleton)
                for track, columns in table.subjects.items()
            },
            scorer=table.scorer,
            time=time,
            layout=layout,
            place=f"{row.place} of {file.name}",
        )


def _check_skeleton(table: DlcTable, skeleton: Skeleton) -> None:
    file, line = table.file.name, table.names_place
    for columns in table.subjects.values():
        for name, places in columns.items():
            if name not in skeleton.keypoints:
                raise UserProblem(
                    f"{file}, {line}, column {places.x + 1}: “{name}” is not in the skeleton"
                    f" “{skeleton.name}”.",
                    f"The skeleton has: {', '.join(skeleton.keypoints)}. Rename the column, or"
                    " make a project with another skeleton.",
                )
    for name in skeleton.keypoints:
        if name not in table.keypoints:
            raise UserProblem(
                f"{file}, {line}: there is no column for “{name}” of the skeleton"
                f" “{skeleton.name}”.",
                f"The file has: {', '.join(table.keypoints)}. Add two empty columns for it, or"
                " make a project with another skeleton.",
            )


def _labels(
    table: DlcTable, row: DlcRow, columns: dict[str, DlcColumns], skeleton: Skeleton
) -> tuple[np.ndarray, np.ndarray]:
    """(K, 2) image pixels, NaN where not labelled, and (K,) visibilities."""
    xy = np.full((len(skeleton), 2), np.nan)
    visibility = np.zeros(len(skeleton), dtype=np.int8)
    where = f"{table.file.name}, {row.place}, column"
    values = row.values.tolist()
    for name, places in columns.items():
        x, y = values[places.x], values[places.y]
        if math.isnan(x) != math.isnan(y):
            raise UserProblem(
                f"{where} {places.x + 1}: one of x and y is given, the other is empty.",
                "Give both, or leave both empty for a keypoint that is not labelled.",
            )
        if math.isnan(x):
            continue
        level = VISIBLE if places.visibility is None else values[places.visibility]
        if level not in (NOT_LABELLED, OCCLUDED, VISIBLE):
            assert places.visibility is not None
            raise UserProblem(
                f"{where} {places.visibility + 1}: “{level:g}” is not a visibility.",
                "Write 0 for not labelled, 1 for occluded, 2 for visible.",
            )
        keypoint = skeleton.index(name)
        xy[keypoint] = x, y
        visibility[keypoint] = int(level)
    return xy, visibility


def _image_roots(table: DlcTable) -> list[Path]:
    """Folders from which the file's paths may count, the likeliest first.

    DeepLabCut counts from its project's folder, two above the csv; others from the csv's.
    """
    folder = table.file.absolute().parent
    roots = [folder, *folder.parents[:3]]
    named = table.rows[:20]
    return sorted(roots, key=lambda root: -sum(is_file(root / row.path) for row in named))


def _image_path(written: str, file: Path, roots: list[Path]) -> Path:
    """Where the image is; where it most likely was, if it is nowhere."""
    beside = file.absolute().parent / Path(written).name
    for candidate in (*(root / written for root in roots), beside):
        if is_file(candidate):
            return candidate
    if Path(written).parent.name == file.absolute().parent.name:
        return beside
    return roots[0] / written


def _refuse_repeated(found: list[_LabelledImage]) -> None:
    first: dict[Path, _LabelledImage] = {}
    for each in found:
        if (other := first.setdefault(each.image, each)) is not each:
            place, _, file = each.place.partition(" of ")
            other_place, _, other_file = other.place.partition(" of ")
            raise UserProblem(
                f"{file}, {place}: {each.image.name} was labelled before, in {other_place} of"
                f" {other_file}.",
                "Remove one of the two lines.",
            )
