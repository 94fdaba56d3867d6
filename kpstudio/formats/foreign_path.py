"""Paths of videos and images that were written on another computer."""

from pathlib import Path, PurePosixPath

from kpstudio.imaging.portable_path import is_file


def found_path(written: str, file: Path) -> Path:
    """Where a video or an image is that a file names, perhaps on another machine.

    It is looked for as it is written, then with ever fewer of its folders in the folder of the
    file and in three above it.
    """
    if Path(written).is_absolute() and is_file(Path(written)):
        return Path(written)
    folder = file.absolute().parent
    parts = [part for part in PurePosixPath(written).parts if part not in ("/", "..", ".")]
    for first in range(len(parts)):
        for root in (folder, *folder.parents[:3]):
            candidate = root.joinpath(*parts[first:])
            if is_file(candidate):
                return candidate
    if Path(written).is_absolute() or not parts:
        return Path(written)
    is_of_another_system = parts[0].endswith(":")
    return folder / parts[-1] if is_of_another_system else folder.joinpath(*parts)
