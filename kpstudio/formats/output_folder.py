"""A folder of files that is written whole or not at all, and never over somebody else's files.

A list of what was written lies in it, so that a second export may replace the first one: but not
after a file was added or changed by another program or person.
"""

import os
import shutil
import uuid
import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from kpstudio.core.errors import UserProblem

LISTING = ".kpstudio-export.json"


class _Listing(msgspec.Struct, frozen=True):
    """Checksums of the files by name; None for copied images, which are not compared."""

    format: str
    files: dict[str, int | None]


class OutputFolder:
    """Collects files and then puts all of them in their place.

    Args:
        path: Of the folder, which need not exist.
        format: The name of the format, which has to be the same when it is written again.
        images: Of the dataset, which may not lie in the folder: it is replaced as a whole.

    Raises:
        UserProblem: There is something that kpstudio did not write.
    """

    def __init__(self, path: Path, format: str, images: Iterable[Path] = ()) -> None:
        self._path = path.absolute()
        self._format = format
        self._data: dict[str, bytes] = {}
        self._copies: dict[str, Path] = {}
        self._refuse_foreign()
        inside = next((each for each in images if each.is_relative_to(self._path)), None)
        if inside is not None and self._path.exists():
            raise UserProblem(
                f"{self._path} is not overwritten: the labelled image {inside.name} is in it.",
                "Choose a new or an empty folder.",
            )

    def add(self, name: str, data: bytes) -> None:
        self._data[name] = data

    def add_copy(self, name: str, source: Path) -> None:
        self._copies[name] = source

    def commit(self) -> None:
        """Put the folder in its place.

        Raises:
            UserProblem: It could not be written; what was there before is unchanged.
        """
        mark = uuid.uuid4().hex[:8]
        new = self._path.with_name(f".{self._path.name}.{mark}")
        old = self._path.with_name(f".{self._path.name}.{mark}.old")
        try:
            self._fill(new)
            self._refuse_foreign()
            if self._path.exists():
                self._path.rename(old)
            try:
                new.rename(self._path)
            except OSError:
                if old.exists():
                    old.rename(self._path)
                raise
        except OSError as error:
            raise UserProblem(
                f"{self._path.name} was not written: {error.strerror or error}.",
                f"Check that {self._path.parent} exists, may be written, and has free space.",
            ) from error
        finally:
            shutil.rmtree(new, ignore_errors=True)
            if self._path.exists():
                shutil.rmtree(old, ignore_errors=True)

    def _fill(self, folder: Path) -> None:
        folder.mkdir()
        for name, source in self._copies.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(source, target)
            except FileNotFoundError as error:
                raise UserProblem(
                    f"{source.name} is not there, and this format needs the images beside the"
                    " labels.",
                    f"It is expected at {source}. If its folder has moved, relocate the images.",
                ) from error
        checksums = {name: zlib.crc32(data) for name, data in self._data.items()}
        listing = _Listing(self._format, {**dict.fromkeys(self._copies), **checksums})
        for name, data in {**self._data, LISTING: msgspec.json.encode(listing)}.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write(data)
                file.flush()
        descriptor = os.open(folder / LISTING, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _refuse_foreign(self) -> None:
        if not self._path.exists():
            return
        if not self._path.is_dir():
            raise UserProblem(
                f"{self._path} is a file, but a folder is to be written.",
                "Choose the name of a new folder.",
            )
        listing = self._listing()
        for each in sorted(self._path.rglob("*")):
            name = each.relative_to(self._path).as_posix()
            if each.is_dir() or name == LISTING:
                continue
            known = listing.files.get(name, -1)
            if known == -1 or (known is not None and _checksum(each) != known):
                what = "is not from an export" if known == -1 else "was changed after its export"
                raise UserProblem(
                    f"{self._path} is not overwritten: {name} {what}.",
                    "Choose a new or an empty folder.",
                )

    def _listing(self) -> _Listing:
        try:
            listing = msgspec.json.decode((self._path / LISTING).read_bytes(), type=_Listing)
        except (OSError, msgspec.DecodeError):
            return _Listing(self._format, {})
        return listing if listing.format == self._format else _Listing(self._format, {})


def _checksum(path: Path) -> int | None:
    try:
        return zlib.crc32(path.read_bytes())
    except OSError:
        return None


def unique_names(paths: list[Path]) -> list[str]:
    """File names for images that come into one folder, of which no two differ in the suffix only.

    Labels are files of the same stem, and some systems do not tell upper from lower case.
    """
    taken: set[str] = set()
    names = []
    for path in paths:
        stem, number = path.stem, 2
        while stem.lower() in taken:
            stem, number = f"{path.stem}_{number}", number + 1
        taken.add(stem.lower())
        names.append(stem + path.suffix)
    return names
