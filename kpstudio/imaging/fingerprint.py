"""A short name for the content of a file, by which it is known again wherever it lies."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_PIECE = 1 << 16


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
    except OSError:
        return ""
    return digest.hexdigest()


def fingerprints(paths: Iterable[Path]) -> dict[Path, str]:
    """Of many files, read by several threads."""
    different = list(dict.fromkeys(paths))
    with ThreadPoolExecutor(4, "fingerprints") as pool:
        return dict(zip(different, pool.map(fingerprint, different, chunksize=64), strict=True))
