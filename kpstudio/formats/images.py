"""Images without labels: a folder, or some files."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.format import Format
from kpstudio.imaging.read import IMAGE_SUFFIXES
from kpstudio.imaging.size import read_size


class ImagesFormat(Format):
    """A folder of images with all its subfolders, or one image file."""

    title: ClassVar[str] = "images"

    def recognises(self, path: Path) -> bool:
        return any(image_files(path))

    def read(self, path: Path, skeleton: Skeleton) -> Dataset:
        paths = sorted(image_files(path), key=natural_key)
        if not paths:
            raise UserProblem(
                f"There is no image in {path}.",
                f"kpstudio reads {', '.join(sorted(IMAGE_SUFFIXES))}.",
            )
        folders = (path.absolute(),) if path.is_dir() else ()
        return Dataset(skeleton, images_with_sizes(paths), (), folders)


def image_files(path: Path) -> Iterable[Path]:
    """The image in a file, or all in a folder and its subfolders, but hidden ones."""
    candidates = path.rglob("*") if path.is_dir() else (path,)
    return (
        each
        for each in candidates
        if each.suffix.lower() in IMAGE_SUFFIXES
        and not each.name.startswith(".")
        and each.is_file()
    )


def images_with_sizes(paths: Iterable[Path]) -> tuple[Image, ...]:
    """Images numbered from 1; those that are missing or damaged have size 0 x 0."""
    listed = list(paths)
    with ThreadPoolExecutor(max_workers=4) as pool:
        sizes = list(pool.map(_size_or_unknown, listed))
    return tuple(
        Image(number, path, width, height)
        for number, (path, (width, height)) in enumerate(zip(listed, sizes, strict=True), start=1)
    )


def natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Sorts img2 before img10."""
    parts = re.split(r"([0-9]+)", path.as_posix())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _size_or_unknown(path: Path) -> tuple[int, int]:
    try:
        return read_size(path)
    except UserProblem:
        return 0, 0
