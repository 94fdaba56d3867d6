"""300-W: a text file of points beside each image, with the same name and the ending .pts.

    version: 1
    n_points: 68
    {
    336.820955 240.864510
    ...
    }

Positions count from 1, as in MATLAB: the centre of the first pixel is (1, 1). There are no names,
so that the skeleton must have as many keypoints, in the same order; all are visible. A second
subject of an image is called NAME_2.pts. Positions are written with all digits.
Source: the annotations of ibug.doc.ic.ac.uk/resources/300-W.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from kpstudio.core.annotation import VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.identity import imported_id
from kpstudio.formats.images import images_with_sizes, natural_key
from kpstudio.formats.output_folder import OutputFolder, unique_names
from kpstudio.formats.subjects import Holds, Subject, receipt_of, subjects_to_write, without_frames
from kpstudio.formats.text_file import read_text
from kpstudio.imaging.read import IMAGE_SUFFIXES

_FACE = 68
_PATTERNS = ("*.pts", "*/*.pts", "*/*/*.pts")
_IMAGE_FOLDERS = (".", "../imgs", "../images")
_FURTHER = re.compile(r"_[0-9]+$")


class PtsFormat(Format):
    """A folder of 300-W's .pts files with their images, or one .pts file."""

    title: ClassVar[str] = "300-W points"
    can_write: ClassVar[bool] = True
    needs_unlabelled = "to replace"

    def recognises(self, path: Path) -> bool:
        if not path.is_dir():
            return path.suffix.lower() == ".pts" and path.is_file()
        return any(True for pattern in _PATTERNS for _ in path.glob(pattern))

    def skeleton(self, path: Path) -> Skeleton:
        """That of the face, if there are 68 points."""
        if len(_read_points(_files(path)[0])) == _FACE:
            return read_skeleton(resource_path("skeletons", "face68.json"))
        return super().skeleton(path)

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        files = _files(path)
        places = [_image_of(file) for file in files]
        distinct = list(dict.fromkeys(places))
        images = images_with_sizes(distinct)
        numbers = {place: image.id for place, image in zip(distinct, images, strict=True)}
        annotations = tuple(
            Annotation(
                id=imported_id("pts", file.parent.name, file.name),
                image_id=numbers[place],
                xy=_positions(file, skeleton),
                visibility=np.full(len(skeleton), VISIBLE),
                source="import:pts",
                time=file.stat().st_mtime,
            )
            for file, place in zip(files, places, strict=True)
        )
        return Dataset(skeleton, images, annotations)

    def write(
        self, dataset: Dataset, path: Path, *, predictions: Sequence[Prediction] | None = None
    ) -> WriteReceipt:
        """Write a folder with copies of the images and the points of whole subjects."""
        images, notes = without_frames(subjects_to_write(dataset, predictions), self.title)
        whole = tuple(
            replace(each, subjects=tuple(filter(_is_whole, each.subjects)))
            for each in images
            if predictions is not None or any(map(_is_whole, each.subjects))
        )
        left_out = sum(len(each.subjects) for each in images) - sum(
            len(each.subjects) for each in whole
        )
        if left_out:
            notes += (
                f"{left_out} subjects were left out, because {self.title} need all"
                f" {len(dataset.skeleton)} keypoints.",
            )
        folder = OutputFolder(path, "pts", [each.path for each in dataset.images])
        names = unique_names([each.image.path for each in whole])
        taken = {Path(name).stem for name in names}
        for name, each in zip(names, whole, strict=True):
            folder.add_copy(name, each.image.path)
            stem, number = Path(name).stem, 1
            for subject in each.subjects:
                folder.add(f"{stem}.pts", _points_out(subject))
                while stem in taken:
                    number += 1
                    stem = f"{Path(name).stem}_{number}"
                taken.add(stem)
        folder.commit()
        return receipt_of(path, whole, Holds(occluded=False, boxes=False, box_only=False), notes)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = {file for pattern in _PATTERNS for file in path.glob(pattern)}
    if not found:
        raise UserProblem(f"There are no .pts files in {path}.", "Choose their folder.")
    return sorted(found, key=natural_key)


def _image_of(file: Path) -> Path:
    """Where the image is; where it is expected, if it is nowhere."""
    for stem in dict.fromkeys((file.stem, _FURTHER.sub("", file.stem))):
        for folder in _IMAGE_FOLDERS:
            for suffix in sorted(IMAGE_SUFFIXES):
                for form in (suffix, suffix.upper()):
                    place = file.absolute().parent / folder / f"{stem}{form}"
                    if place.is_file():
                        return place.parent.resolve() / place.name
    return file.absolute().with_suffix(".png")


def _positions(file: Path, skeleton: Skeleton) -> np.ndarray:
    points = _read_points(file)
    if len(points) != len(skeleton):
        raise UserProblem(
            f"{file.name}: there are {len(points)} points, but the skeleton “{skeleton.name}” has"
            f" {len(skeleton)} keypoints.",
            "Use a skeleton of as many keypoints in the same order; for 68 points, face68.",
        )
    return points - 1


def _read_points(file: Path) -> np.ndarray:
    """(N, 2) as written."""
    text = read_text(file)
    head, opening, rest = text.partition("{")
    body, closing, _ = rest.partition("}")
    if not (opening and closing):
        raise UserProblem(
            f"{file.name}: there are no points between braces.",
            "The file may be cut short: copy it again.",
        )
    first = head.count("\n") + 1
    points = []
    for line, row in enumerate(body.split("\n"), start=first):
        if not row.strip():
            continue
        try:
            pair = [float(word) for word in row.split()]
        except ValueError:
            pair = []
        if len(pair) != 2 or not np.isfinite(pair).all():
            raise UserProblem(
                f"{file.name}, line {line}: “{row.strip()}” is not x and y.",
                "Each line has two numbers with a space between.",
            )
        points.append(pair)
    said = re.search(r"n_points:\s*([0-9]+)", head)
    if not points or (said and int(said[1]) != len(points)):
        raise UserProblem(
            f"{file.name}: there are {len(points)} points, but n_points says"
            f" {said[1] if said else 'nothing'}.",
            "The file may be cut short: copy it again.",
        )
    return np.array(points)


def _is_whole(subject: Subject) -> bool:
    return bool(subject.visibility.all())


def _points_out(subject: Subject) -> bytes:
    lines = [f"{x!r} {y!r}" for x, y in (subject.xy + 1).tolist()]
    head = ["version: 1", f"n_points: {len(lines)}", "{"]
    return "\n".join([*head, *lines, "}", ""]).encode()
