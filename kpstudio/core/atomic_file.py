"""Files that appear whole or not at all."""

import os
import uuid
from pathlib import Path

from kpstudio.core.errors import UserProblem


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that even a power cut leaves the old one or the new one.

    Raises:
        UserProblem: It cannot be written; what was there before is unchanged.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UserProblem(
            f"{path.name} was not written: {error.strerror}.",
            f"Check that {path.parent} exists, may be written, and has free space.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
