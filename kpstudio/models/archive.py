"""Zip archives of models from elsewhere, looked through before anything of them is opened."""

import io
import re
import zipfile
from pathlib import Path

from kpstudio.core.errors import UserProblem

# Weights hardly shrink, so an archive that grows so much was made to fill a memory.
_LARGEST_GROWTH = 20
_ALWAYS_ALLOWED = 64 << 20
_WRITES_OR_READS_FILES = re.compile(rb"\b(?:save|from_file)\s*\(")


def check_growth(source: Path | bytes, name: str) -> None:
    """Refuse an archive that is much larger when it is opened; other files pass.

    Args:
        source: Path or content.
        name: For the message.

    Raises:
        UserProblem: It would fill the memory.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    if not zipfile.is_zipfile(file):
        return
    packed = len(source) if isinstance(source, bytes) else source.stat().st_size
    try:
        with zipfile.ZipFile(file) as archive:
            opened = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        return  # Whoever opens it says that it is damaged.
    if opened > max(_LARGEST_GROWTH * packed, _ALWAYS_ALLOWED):
        raise UserProblem(
            f"{name} would grow from {packed >> 20} to {opened >> 20} MB when it is opened: "
            "it stays closed.",
            "Real models hardly shrink when they are packed; get it from another place.",
        )


def check_script(program: bytes, name: str) -> None:
    """Refuse a TorchScript archive whose code reads or writes files, or that fills the memory.

    Args:
        program: Its content.
        name: For the message.

    Raises:
        UserProblem: It does.
    """
    check_growth(program, name)
    try:
        with zipfile.ZipFile(io.BytesIO(program)) as archive:
            codes = [archive.read(each) for each in archive.namelist() if each.endswith(".py")]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return  # Whoever opens it says that it is damaged.
    if any(_WRITES_OR_READS_FILES.search(code) for code in codes):
        raise UserProblem(
            f"{name} reads or writes files when it runs: it stays closed.",
            "Export the network without that.",
        )
