"""The fields of a file that kpstudio has no word for, as images and annotations keep them.

They are one JSON object in a string, which is empty where there is nothing to keep.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

CATEGORY = "category"
"""What the file calls the kind of subject, where it has several of the same keypoints."""
_BOOKKEEPING = frozenset({CATEGORY, "id", "area"})


def pack_extra(fields: Mapping[str, Any]) -> str:
    """The inverse of `unpack_extra`."""
    if not fields:
        return ""
    return msgspec.json.format(msgspec.json.encode(fields), indent=-1).decode()


def unpack_extra(extra: str) -> dict[str, msgspec.Raw]:
    """The fields with their values still as JSON text; none where the text is no object."""
    if not extra:
        return {}
    try:
        return msgspec.json.decode(extra.encode(), type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return {}


def category_of(extra: str) -> str:
    """What the subject is called, or nothing."""
    raw = unpack_extra(extra).get(CATEGORY) if CATEGORY in extra else None
    try:
        return msgspec.json.decode(raw, type=str) if raw is not None else ""
    except msgspec.DecodeError:
        return ""


def has_foreign_fields(extra: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether there is more than the numbers of the file and what a format can say itself."""
    return bool(unpack_extra(extra).keys() - _BOOKKEEPING - known)
