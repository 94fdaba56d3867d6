"""A short name for the content of a file, by which it is known again wherever it lies."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kpstudio.imaging.portable_path import is_folder

_PIECE = 1 << 16
_BLOCK = 256


def fingerprint(path: Path) -> str:
    """Of the size of a file, its first and its last 64 KiB; empty where it cannot be read.

    Files of cameras and of labellers differ there: a whole video would take minutes to read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            digest = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=16)
            file.seek(0)
            digest.update(file.read(_PIECE))
            if size > _PIECE:
                file.seek(max(size - _PIECE, _PIECE))
                digest.update(file.read(_PIECE))
    except (OSError, ValueError):  # or no file has such a name
        return ""
    return digest.hexdigest()


def fingerprints(paths: Iterable[Path]) -> dict[Path, str]:
    """Of many files, read by several threads; a folder that is not there is asked for once."""
    by_folder: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(paths):
        by_folder.setdefault(path.parent, []).append(path)
    blocks = [
        files[start : start + _BLOCK]
        for folder, files in by_folder.items()
        if is_folder(folder)
        for start in range(0, len(files), _BLOCK)
    ]
    with ThreadPoolExecutor(4, "fingerprints") as pool:
        found = list(pool.map(lambda block: [(each, fingerprint(each)) for each in block], blocks))
    known = {path: content for block in found for path, content in block}
    return {path: known.get(path, "") for files in by_folder.values() for path in files}
