"""The files of the images: missing, damaged, of another size, listed twice, in two parts."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.formats.checks.finding import Finding, counted, some
from kpstudio.imaging.near_duplicates import find_near_duplicates
from kpstudio.imaging.pixels import read_picture
from kpstudio.imaging.size import read_orientation, read_size

Report = Callable[[int, int], None]
"""Called with how many files have been looked at, of how many."""

_MAY_BE_TURNED = (".jpg", ".jpeg")
_SAMPLE_BYTES = 4096
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class ImageFile:
    """What a look at a file told.

    Args:
        length: In bytes; None where the file is not there.
        size: Width and height, upright; None where it cannot be read.
        is_upright: Whether it is shown as it is stored, by its EXIF orientation.
    """

    length: int | None
    size: tuple[int, int] | None
    is_upright: bool = True


def look_at_files(
    images: Sequence[Image], *, reads_pixels: bool, report: Report | None = None
) -> dict[Path, ImageFile]:
    """Look at the header of every file once, or decode it."""
    # A video tells its size only when it is opened, and its frames are not files.
    is_frame = {image.path: image.frame is not None for image in images}
    found: dict[Path, ImageFile] = {}
    with ThreadPoolExecutor(4) as pool:
        looks = pool.map(lambda path: _look(path, is_frame[path], reads_pixels), is_frame)
        try:
            for path, look in zip(is_frame, looks, strict=True):
                found[path] = look
                if report is not None:
                    report(len(found), len(is_frame))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def check_files(dataset: Dataset, files: dict[Path, ImageFile]) -> list[Finding]:
    """Missing and damaged images, and those of another size than the labels file says."""
    labelled = {each.image_id for each in dataset.annotations if each.visibility.any()}
    missing = [image for image in dataset.images if files[image.path].length is None]
    findings = [*_missing(dataset, missing, labelled)]
    damaged = [
        image
        for image in dataset.images
        if files[image.path].length is not None
        and files[image.path].size is None
        and image.frame is None
    ]
    if damaged:
        findings.append(
            Finding(
                "warning",
                "damaged_images",
                f"{counted(len(damaged), 'image')} cannot be read: damaged, cut off, or none.",
                "Replace them by whole copies; labels of such images can be shown later.",
                len(damaged),
                some(image.name for image in damaged),
            )
        )
    return [*findings, *_sizes(dataset, files, labelled)]


def check_repeats(dataset: Dataset, files: dict[Path, ImageFile]) -> list[Finding]:
    """Images that are listed twice, and the same file in two parts of the split."""
    listed: dict[tuple[Path, int | None], list[Image]] = defaultdict(list)
    for image in dataset.images:
        listed[image.path, image.frame].append(image)
    findings = []
    twice = [images for images in listed.values() if len(images) > 1]
    if twice:
        findings.append(
            Finding(
                "warning",
                "image_listed_twice",
                f"{counted(len(twice), 'image is', 'images are')} listed more than once.",
                "Each becomes one image with the labels of all its entries; see that no subject"
                " is in it twice.",
                len(twice),
                some(images[0].name for images in twice),
            )
        )
    leaks = [(images[0], other) for images in twice for other in images if _leaks(images[0], other)]
    leaks += _copies_in_two_parts([images[0] for images in listed.values()], files)
    if leaks:
        findings.append(
            Finding(
                "warning",
                "leak",
                f"{counted(len(leaks), 'image is', 'images are')} in two parts of the split"
                " (train, val, test): errors measured there would be too small.",
                "Remove them from one part, or divide anew: kpstudio split PROJECT --val 0.2"
                " --again",
                len(leaks),
                some(f"{a.name} ({a.split}) = {b.name} ({b.split})" for a, b in leaks),
            )
        )
    return findings


def check_likeness(dataset: Dataset, *, report: Report | None = None) -> list[Finding]:
    """Images of different parts of the split that are nearly the same, by their pixels."""
    images = [image for image in dataset.images if image.frame is None]
    parts = {image.split for image in images} - {None}
    if len(parts) < 2:
        return []
    total = sum(image.split is not None for image in images)
    near = find_near_duplicates(
        images, report=None if report is None else lambda done: report(done, total)
    )
    # The same file is a leak of its own, and was said.
    pairs = [each for each in near.found if each.difference > 0]
    if not pairs:
        return []
    return [
        Finding(
            "warning",
            "near_duplicates",
            f"{counted(len(pairs), 'image of val or test is', 'images of val or test are')}"
            " nearly the same as one that is learned from.",
            "Keep frames of one video, or pictures of one person, together: kpstudio split"
            " PROJECT --val 0.2 --group-by folder --again",
            len(pairs),
            some(
                f"{e.image.name} ({e.image.split}) is like {e.other.name} ({e.other.split})"
                for e in pairs
            ),
        )
    ]


def _look(path: Path, is_frame: bool, reads_pixels: bool) -> ImageFile:
    try:
        length = path.stat().st_size if path.is_file() else None
    except OSError:
        length = None
    if length is None or is_frame:
        return ImageFile(length, None)
    try:
        if reads_pixels:
            width, height = read_picture(path).size
        else:
            width, height = read_size(path)
        is_upright = path.suffix.lower() not in _MAY_BE_TURNED or read_orientation(path) == 1
        return ImageFile(length, (width, height), is_upright)
    except UserProblem:
        return ImageFile(length, None)


def _missing(dataset: Dataset, missing: list[Image], labelled: set[int]) -> list[Finding]:
    if not missing:
        return []
    needed = [image for image in missing if image.id in labelled]
    total = len(dataset.images)
    if len(missing) == total:
        return [
            Finding(
                "error",
                "missing_images",
                f"None of the {counted(total, 'image')} is where the labels say.",
                "Put the images beside the labels as the file names them, or import anyway and"
                " choose File ▸ Relocate images.",
                total,
                some(str(image.path) for image in missing),
            )
        ]
    return [
        Finding(
            "warning" if needed else "note",
            "missing_images",
            f"{len(missing):,} of {total:,} images"
            f" {'is' if len(missing) == 1 else 'are'} not there"
            + (f"; {len(needed):,} of them have labels." if needed else "; none has labels."),
            "Copy them to where the labels say, or relocate them after the import.",
            len(missing),
            some(str(image.path) for image in needed or missing),
        )
    ]


def _sizes(dataset: Dataset, files: dict[Path, ImageFile], labelled: set[int]) -> list[Finding]:
    turned: list[Image] = []
    other: list[Image] = []
    for image in dataset.images:
        size = files[image.path].size
        if size is None or not image.width or size == (image.width, image.height):
            continue
        (turned if size == (image.height, image.width) else other).append(image)
    findings = []
    apart = {image.id for image in (*turned, *other)}
    unsure = [
        image
        for image in dataset.images
        if not files[image.path].is_upright and image.id in labelled - apart
    ]
    if unsure:
        findings.append(
            Finding(
                "note",
                "orientation",
                f"{counted(len(unsure), 'labelled image is', 'labelled images are')} turned or"
                " mirrored when shown (EXIF orientation).",
                "Look at one: if its labels lie elsewhere, they were made on the image as it is"
                " stored.",
                len(unsure),
                some(image.name for image in unsure),
            )
        )
    for kind, images, what, hint in (
        (
            "turned_images",
            turned,
            "fit the labels file only before they are turned upright (EXIF orientation)",
            "Their labels were made on the image as it is stored, and would lie elsewhere. Turn"
            " the pixels of these files, or the labels.",
        ),
        (
            "image_sizes",
            other,
            "have another size than the labels file says",
            "The labels belong to other copies of these images. Import with those, or scale the"
            " labels.",
        ),
    ):
        if images:
            findings.append(
                Finding(
                    "error" if any(image.id in labelled for image in images) else "warning",
                    kind,
                    f"{counted(len(images), 'image')} {what}.",
                    hint,
                    len(images),
                    some(_sizes_of(image, files[image.path]) for image in images),
                )
            )
    return findings


def _sizes_of(image: Image, file: ImageFile) -> str:
    width, height = file.size or (0, 0)
    return f"{image.name}: {image.width} × {image.height} in the labels, {width} × {height} shown"


def _leaks(a: Image, b: Image) -> bool:
    return a.split is not None and b.split is not None and a.split != b.split


def _copies_in_two_parts(
    images: Sequence[Image], files: dict[Path, ImageFile]
) -> list[tuple[Image, Image]]:
    """Files with the same bytes. Only those that are equally long are opened."""
    by_length: dict[tuple[object, ...], list[Image]] = defaultdict(list)
    for image in images:
        file = files[image.path]
        if image.split is not None and image.frame is None and file.length:
            by_length[file.length, file.size].append(image)
    leaks = []
    for alike in by_length.values():
        for sampled in _grouped(alike, whole=False):
            for same in _grouped(sampled, whole=True):
                first = same[0]
                leaks += [(first, other) for other in same[1:] if _leaks(first, other)]
    return leaks


def _grouped(images: list[Image], *, whole: bool) -> list[list[Image]]:
    if len({image.split for image in images}) < 2:
        return []
    groups: dict[bytes, list[Image]] = defaultdict(list)
    for image in images:
        try:
            groups[_digest(image.path, whole=whole)].append(image)
        except OSError:
            continue
    return list(groups.values())


def _digest(path: Path, *, whole: bool) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        if whole:
            while block := file.read(_READ_BYTES):
                digest.update(block)
            return digest.digest()
        length = file.seek(0, 2)
        for place in (0, length // 2, max(length - _SAMPLE_BYTES, 0)):
            file.seek(place)
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.digest()
