"""Zip archives of models from elsewhere, looked through before anything of them is opened."""

import io
import re
import zipfile
from pathlib import Path

from kpstudio.core.errors import UserProblem

# Weights hardly shrink, so an archive that grows so much was made to fill a memory.
_LARGEST_GROWTH = 20
_ALWAYS_ALLOWED = 64 << 20

_MEMBER = re.compile(
    r"version|byteorder|\.data/(?:version|serialization_id)|(?:data|constants)\.pkl"
    r"|(?:data|constants)/\d+|code/[\w./]+\.py"
)
# Words for files, for other processes, and for what runs while a program is opened.
_FORBIDDEN_WORDS = re.compile(
    rb"\b(?:save|from_file|__setstate__|rpc_\w+|classes)\b|\bops\.(?!aten\.|prim\.|prims\.)"
)
_PLAIN_ATTRIBUTE = re.compile(rb"\bgetattr\(\w+(?:\.\w+)*, \"\w+\"\)")


def check_growth(path: Path) -> None:
    """Refuse an archive that is much larger when it is opened; other files pass.

    Args:
        path: Of the file.

    Raises:
        UserProblem: It would fill the memory, or hides how large it is.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, path.stat().st_size, path.name)
    except (zipfile.BadZipFile, OSError):
        return  # Whoever opens it says that it is damaged.


def safe_script(program: bytes, name: str) -> bytes:
    """The same TorchScript program, packed anew from the parts that it needs.

    So what was checked is what will be opened, whatever else the archive says to other readers.

    Args:
        program: Content of its file.
        name: For the message.

    Raises:
        UserProblem: It is damaged or another kind of file, would fill the memory, or could read or
            write files.
    """
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(program)) as archive:
            _check_members(archive, len(program), name)
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as safe:
                for each in archive.infolist():
                    part = each.filename.partition("/")[2]
                    if _MEMBER.fullmatch(part):
                        content = archive.read(each)
                        _check_code(part, content, name)
                        safe.writestr(f"program/{part}", content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UserProblem(
            f"{name} is damaged, or no TorchScript program.",
            "Save the network with torch.jit.trace(...).save(...), or import its weights.",
        ) from error
    return packed.getvalue()


def _check_members(archive: zipfile.ZipFile, packed: int, name: str) -> None:
    members = archive.infolist()
    names = {each.filename.lower() for each in members}
    starts = [each.header_offset for each in members]
    # Two members of one name, or something before the first: readers would see different things.
    is_odd = len(names) < len(members) or (bool(starts) and min(starts) != 0)
    opened = sum(each.file_size for each in members)
    if is_odd or opened > max(_LARGEST_GROWTH * packed, _ALWAYS_ALLOWED):
        how = "hides what is in it" if is_odd else f"would grow to {opened >> 20} MB"
        raise UserProblem(
            f"{name} has {packed >> 20} MB and {how}: it stays closed.",
            "Real models hardly shrink when they are packed; get it from another place.",
        )


def _check_code(part: str, content: bytes, name: str) -> None:
    is_code = part.startswith("code/")
    attributes = content.count(b"getattr") if is_code else 0
    if (
        (is_code and not content.isascii())
        or (is_code and _FORBIDDEN_WORDS.search(content))
        or (is_code and attributes != len(_PLAIN_ATTRIBUTE.findall(content)))
        or (part.endswith(".pkl") and b"torch.classes" in content)
    ):
        raise UserProblem(
            f"{name} could read or write files when it runs: it stays closed.",
            "Export the network with tensor operations only.",
        )
