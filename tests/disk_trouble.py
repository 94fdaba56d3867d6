"""Disks that go away and come back, and disks that are full, under a project that is open."""

import os
import resource
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Root may write everywhere; without these rights it is a user like others.
_AS_USER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override")


@contextmanager
def lost_disk(folder: Path) -> Iterator[None]:
    """A folder is not there, and every read and write of its open files fails.

    As with a network disk: renaming alone would leave the open files as they are.
    """
    away = folder.with_name(f"{folder.name} away")
    kept = {}
    for each in Path("/proc/self/fd").iterdir():
        handle = int(each.name)
        try:
            if each.readlink().is_relative_to(folder):
                kept[handle] = os.dup(handle)
        except OSError:
            continue
    nothing = os.open("/", os.O_RDONLY)
    for handle in kept:
        os.dup2(nothing, handle)
    os.close(nothing)
    folder.rename(away)
    try:
        yield
    finally:
        away.rename(folder)
        for handle, copy in kept.items():
            # What was closed meanwhile stays closed, or is another file by now.
            with suppress(OSError):
                if Path(f"/proc/self/fd/{handle}").readlink() == Path("/"):
                    os.dup2(copy, handle)
            os.close(copy)


@contextmanager
def full_disk(largest: int = 0) -> Iterator[None]:
    """No file can grow over so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def can_be_refused() -> bool:
    """Whether a folder can be made read-only for a process that is started here."""
    return sys.platform == "linux" and (os.geteuid() != 0 or shutil.which("setpriv") is not None)


def refusable(command: list[str]) -> list[str]:
    """The command for a process that may write only what its user may."""
    return [*_AS_USER, *command] if os.geteuid() == 0 else command
