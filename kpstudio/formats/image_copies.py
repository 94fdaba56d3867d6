"""Images beside the labels that are exported: copies, or links to the same file."""

import filecmp
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.imaging.pixels import read_pixels

HowToPlace = Literal["copy", "link"]
Report = Callable[[int, int], None]
"""Called with how many images are done, of how many."""


@dataclass(frozen=True)
class Placed:
    """A dataset whose images lie in one folder.

    Args:
        dataset: With the new paths, without the images that could not be placed.
        notes: What was left out, and why, a sentence each.
    """

    dataset: Dataset
    notes: tuple[str, ...] = ()


class FreeNames:
    """Names in a folder that are taken neither by other images nor by other files.

    Args:
        folder: Made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserProblem(
                f"The folder {folder} cannot be made: {error.strerror}.", "Choose another folder."
            ) from error
        self.folder = folder.absolute()
        self._taken: set[str] = set()

    def place(self, name: str, is_same: Callable[[Path], bool]) -> tuple[Path, bool]:
        """Where a file may be written.

        Args:
            name: Wanted; a number is added where it is taken.
            is_same: Whether a file that is there already holds what would be written.

        Returns:
            The path, and whether what would be written is there.
        """
        stem, suffix = Path(name).stem, Path(name).suffix
        number = 1
        while True:
            candidate = f"{stem}{suffix}" if number == 1 else f"{stem}_{number}{suffix}"
            path = self.folder / candidate
            # Some disks do not tell apart names that differ in case only.
            if candidate.lower() not in self._taken:
                is_there = os.path.lexists(path)
                if not is_there or (path.is_file() and is_same(path)):
                    self._taken.add(candidate.lower())
                    return path, is_there
            number += 1


def place_images(
    dataset: Dataset, folder: Path, how: HowToPlace, *, report: Report | None = None
) -> Placed:
    """Copy or link all images into a folder, under names of which none is taken.

    A frame of a video becomes a PNG, which holds the same pixels.

    What is in the folder already is never overwritten; a file with the same content is taken as
    it is, so that a second export makes no second copies.

    Raises:
        UserProblem: The folder cannot be written, or all images are missing.
    """
    names = FreeNames(folder)
    new: dict[int, Image] = {}
    missing = []
    for done, image in enumerate(dataset.images, start=1):
        if image.path.is_file():
            new[image.id] = _placed(image, names, how)
        else:
            missing.append(image)
        if report is not None:
            report(done, len(dataset.images))
    return Placed(with_images(dataset, new.values()), notes_on_missing(missing, dataset))


def with_images(dataset: Dataset, images: Iterable[Image]) -> Dataset:
    """Other images of the same ids, and the annotations of those that are left."""
    new = tuple(images)
    kept = {image.id for image in new}
    annotations = tuple(each for each in dataset.annotations if each.image_id in kept)
    return replace(dataset, images=new, annotations=annotations)


def notes_on_missing(missing: list[Image], dataset: Dataset) -> tuple[str, ...]:
    """A note on images without a file.

    Raises:
        UserProblem: None has a file.
    """
    if not missing:
        return ()
    if len(missing) == len(dataset.images):
        raise UserProblem(
            f"None of the {len(missing)} images is there, such as {missing[0].path}.",
            "If their folder has moved, relocate the images first.",
        )
    what = "1 image is" if len(missing) == 1 else f"{len(missing):,} images are"
    return (f"{what} missing and left out, such as {missing[0].path}.",)


def write_png(pixels: np.ndarray, name: str, names: FreeNames) -> Path:
    """A new PNG, unless the same is there already.

    Args:
        pixels: (H, W, 3) RGB.
        name: Wanted.
        names: Of the folder.

    Raises:
        UserProblem: It cannot be written.
    """
    is_encoded, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    assert is_encoded
    content = data.tobytes()
    path, is_there = names.place(name, lambda other: other.read_bytes() == content)
    if not is_there:
        try:
            path.write_bytes(content)
        except OSError as error:
            raise UserProblem(
                f"{path} was not written: {error.strerror}.",
                "Check that the folder may be written and has free space.",
            ) from error
    return path


def stem_of(image: Image) -> str:
    """A file name without its ending that also tells frames of a video apart."""
    return image.path.stem if image.frame is None else f"{image.path.stem}_{image.frame:06d}"


def _placed(image: Image, names: FreeNames, how: HowToPlace) -> Image:
    if image.frame is None:
        return replace(image, path=_place(image.path, names, how))
    pixels = read_pixels(image.path, image.frame)
    return replace(image, path=write_png(pixels, f"{stem_of(image)}.png", names), frame=None)


def _place(source: Path, names: FreeNames, how: HowToPlace) -> Path:
    path, is_there = names.place(
        source.name,
        lambda other: other.samefile(source) or filecmp.cmp(source, other, shallow=False),
    )
    if is_there:
        return path
    try:
        if how == "copy":
            shutil.copyfile(source, path)
        else:
            _link(source, path)
    except OSError as error:
        raise UserProblem(
            f"{source.name} could not be put into {path.parent}: {error.strerror}.",
            "Check that it may be written and has free space"
            + (", or copy the images instead of linking them." if how == "link" else "."),
        ) from error
    return path


def _link(source: Path, path: Path) -> None:
    try:
        path.hardlink_to(source.resolve())
    except OSError:  # another disk
        path.symlink_to(source.resolve())
