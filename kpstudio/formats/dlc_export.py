"""Writing DeepLabCut's labels."""

import csv
import io
import json
import re
import shutil
import uuid
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kpstudio.core.annotation import OCCLUDED, Annotation
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.formats.dlc_project import config_of
from kpstudio.formats.dlc_table import PREFIX
from kpstudio.formats.format import WriteReceipt

_LABELED_DATA = "labeled-data"
_NOBODY = "kpstudio"
_UNIQUE = "single"
_PATH_COLUMNS = "dlc_path_columns"
_HAS_VISIBLE = "dlc_visible"


def layout_note(path_columns: int, *, has_visible: bool) -> str:
    """What an image keeps of the file that it is from, so that it is written like that again.

    Args:
        path_columns: Over how many columns paths are spread.
        has_visible: Whether each keypoint has a column for its visibility.
    """
    return json.dumps({_PATH_COLUMNS: path_columns, _HAS_VISIBLE: has_visible})


@dataclass(frozen=True)
class _Row:
    """An image, the path that it has in a project, and its labels by animal."""

    image: Image
    path: PurePosixPath
    subjects: dict[str, Annotation]


class DlcExport:
    """One export of a dataset.

    Args:
        dataset: What is written.
        path: Of a csv file, or of a project's folder.
    """

    def __init__(self, dataset: Dataset, path: Path) -> None:
        self._skeleton = dataset.skeleton
        self._path = path
        self._is_file = path.suffix.lower() == ".csv"
        self._config = config_of(path.absolute().parent if self._is_file else path)
        labels = dataset.annotations_by_image()
        self._labels = [each for found in labels.values() for each in found]
        images = [each for each in dataset.images if each.id in labels or _layout(each)]
        # Lightning Pose knows this column, DeepLabCut does not.
        self._has_visible = any(_layout(each).get(_HAS_VISIBLE) for each in images)
        self._is_of_several = any(each.track for each in self._labels) or any(
            len(found) > 1 for found in labels.values()
        )
        paths = _project_paths(images, keep_flat=self._is_file)
        free = self._free_names()
        self._rows = [
            _Row(image, paths[image.id], self._by_animal(image, labels.get(image.id, ()), free))
            for image in images
        ]
        self._columns = self._columns_of_animals()
        self._notes: list[str] = []

    def write(self) -> WriteReceipt:
        """Write the file or files, and copy images into the project.

        Raises:
            UserProblem: A file or folder cannot be written.
        """
        scorer = self._scorer()
        if self._is_file:
            write_atomically(self._path, self._table(self._rows, scorer))
        else:
            by_folder = defaultdict(list)
            for row in self._rows:
                by_folder[row.path.parent].append(row)
            self._copy_images()
            for folder, rows in by_folder.items():
                file = self._path / folder / f"{PREFIX}_{scorer}.csv"
                write_atomically(file, self._table(rows, scorer))
            self._note_what_deeplabcut_needs(scorer)
        occluded = sum(int((each.visibility == OCCLUDED).sum()) for each in self._labels)
        if occluded and not self._has_visible:
            self._notes.append(
                f"{occluded} occluded keypoints are written like visible ones: DeepLabCut has no"
                " word for them."
            )
        return WriteReceipt(
            path=self._path,
            images=len(self._rows),
            annotations=len(self._labels),
            keypoints=sum(int(each.is_labelled.sum()) for each in self._labels),
            occluded=occluded,
            notes=tuple(self._notes),
        )

    def _scorer(self) -> str:
        named = re.fullmatch(rf"{PREFIX}_(.+)", self._path.stem) if self._is_file else None
        if named:
            return named[1]
        authors = sorted({each.author for each in self._labels if each.author})
        scorer = self._config.scorer or (authors[0] if len(authors) == 1 else _NOBODY)
        if set(authors) - {scorer}:
            self._notes.append(
                f"All labels are written as those of the scorer “{scorer}”; they were made by"
                f" {', '.join(authors)}."
            )
        return scorer

    def _free_names(self) -> list[str]:
        """Names for animals that have none, apart from those that mean a certain one."""
        tracks = {each.track for each in self._labels}
        most = max((len(found) for found in self._untracked().values()), default=0)
        numbered = (f"individual{number}" for number in range(1, most + len(tracks) + 1))
        names = dict.fromkeys([*self._config.individuals, *numbered])
        return [name for name in names if name not in tracks][:most]

    def _untracked(self) -> dict[int, list[Annotation]]:
        found = defaultdict(list)
        for each in self._labels:
            if not each.track:
                found[each.image_id].append(each)
        return found

    def _by_animal(
        self, image: Image, labels: tuple[Annotation, ...], free: list[str]
    ) -> dict[str, Annotation]:
        if not self._is_of_several:
            return {"": labels[0]} if labels else {}
        names = iter(free)
        subjects: dict[str, Annotation] = {}
        for each in labels:
            name = each.track or next(names)
            if name in subjects:
                raise UserProblem(
                    f"{image.name}: two subjects have the track “{name}”.",
                    "A row of DeepLabCut has each animal once: give one of them another track.",
                )
            subjects[name] = each
        return subjects

    def _columns_of_animals(self) -> dict[str, list[int]]:
        """For each animal, in the order of the file, which keypoints it has columns for."""
        every = list(range(len(self._skeleton)))
        if not self._is_of_several:
            return {"": every}
        labelled: dict[str, set[int]] = defaultdict(set)
        for row in self._rows:
            for name, each in row.subjects.items():
                labelled[name].update(each.is_labelled.nonzero()[0].tolist())
        names = [name for name in self._config.individuals if name != _UNIQUE]
        names += sorted(labelled.keys() - {*names, _UNIQUE}, key=_natural)
        of_animals = set().union(*(labelled[name] for name in names)) if names else set()
        declared = {
            place for place in every if self._skeleton.keypoints[place] in self._config.unique
        }
        alone = (labelled.get(_UNIQUE, set()) | declared) - of_animals
        columns = {name: [place for place in every if place not in alone] for name in names}
        if own := alone | labelled.get(_UNIQUE, set()):
            columns[_UNIQUE] = sorted(own)
        return columns

    def _table(self, rows: list[_Row], scorer: str) -> bytes:
        spread = max((_layout(row.image).get(_PATH_COLUMNS, 1) for row in rows), default=1)
        places = [(name, place) for name, found in self._columns.items() for place in found]
        coords = ["x", "y", "visible"] if self._has_visible else ["x", "y"]
        blank = [""] * (spread - 1)

        def header(title: str, values: list[str]) -> list[str]:
            return [title, *blank, *(value for value in values for _ in coords)]

        lines = [header("scorer", [scorer] * len(places))]
        if self._is_of_several:
            lines.append(header("individuals", [name for name, _ in places]))
        lines.append(header("bodyparts", [self._skeleton.keypoints[place] for _, place in places]))
        lines.append(["coords", *blank, *coords * len(places)])
        for row in rows:
            cells: list[str] = []
            for name, place in places:
                each = row.subjects.get(name)
                if each is None or not each.is_labelled[place]:
                    cells += ["", "", "0"][: len(coords)]
                else:
                    visibility = str(each.visibility[place])
                    cells += [*map(repr, each.xy[place].tolist()), visibility][: len(coords)]
            lines.append([*_path_cells(row.path, spread), *cells])
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(lines)
        return text.getvalue().encode()

    def _copy_images(self) -> None:
        missing, frames = 0, 0
        for row in self._rows:
            target = self._path / row.path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.exists():
                    continue
                if row.image.frame is not None:
                    frames += 1
                elif row.image.path.is_file():
                    _copy(row.image.path, target)
                else:
                    missing += 1
            except OSError as error:
                raise UserProblem(
                    f"{target} was not written: {error.strerror}.",
                    f"Check that {self._path} may be written, and has free space.",
                ) from error
        if missing:
            self._notes.append(f"{missing} images were not copied: they are not where they were.")
        if frames:
            self._notes.append(
                f"{frames} frames of videos have labels but no image file in {_LABELED_DATA} yet:"
                " save them there as imgNUMBER.png, under the names in the csv."
            )

    def _note_what_deeplabcut_needs(self, scorer: str) -> None:
        if self._config.scorer != scorer:
            self._notes.append(
                f"DeepLabCut reads these files if its config.yaml has “scorer: {scorer}” and the"
                " same bodyparts."
            )
        self._notes.append(
            "DeepLabCut trains from HDF5: run deeplabcut.convertcsv2h5(config) once."
        )


def _layout(image: Image) -> dict[str, int]:
    """What `layout_note` says; nothing where the image is not from a file of DeepLabCut's."""
    try:
        extra = json.loads(image.extra) if image.extra else {}
    except ValueError:
        return {}
    names = (_PATH_COLUMNS, _HAS_VISIBLE)
    if not isinstance(extra, dict) or not all(isinstance(extra.get(each), int) for each in names):
        return {}
    return {each: int(extra[each]) for each in names}


def _project_paths(images: list[Image], *, keep_flat: bool) -> dict[int, PurePosixPath]:
    """For each image its path in a project: labeled-data, a folder of its own folder's name, file.

    Args:
        images: Of the dataset.
        keep_flat: Whether images that lie in labeled-data itself may stay there.
    """
    folders: dict[Path, str] = {}
    paths = {}
    for image in images:
        source = image.path.parent if image.frame is None else image.path.with_suffix("")
        if source not in folders:
            name = source.name
            if name == _LABELED_DATA and not keep_flat:
                name = source.parent.name
            name = name or "images"
            taken = set(folders.values())
            numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
            folders[source] = next(each for each in (name, *numbered) if each not in taken)
        folder = PurePosixPath(_LABELED_DATA)
        if not (keep_flat and folders[source] == _LABELED_DATA):
            folder /= folders[source]
        file = image.path.name if image.frame is None else f"img{image.frame:04d}.png"
        paths[image.id] = folder / file
    return paths


def _path_cells(path: PurePosixPath, spread: int) -> list[str]:
    if spread == 1:
        return [str(path)]
    parts = list(path.parts)
    return [*[""] * (spread - len(parts)), *parts]


def _copy(source: Path, target: Path) -> None:
    """An image that is there whole or not at all."""
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        shutil.copyfile(source, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
