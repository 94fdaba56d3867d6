"""What a JSON file begins with, so that formats are told apart without reading it whole."""

import re
from dataclasses import dataclass
from pathlib import Path

from kpstudio.formats.text_file import read_head

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|[\[\]{}]')


@dataclass(frozen=True)
class JsonOutline:
    """The beginning of a file.

    Args:
        opening: "{", "[", or "" where it is neither.
        keys: Of the outermost object, or of the first object of the outermost list, as far as
            the beginning of the file shows them.
    """

    opening: str
    keys: frozenset[str]


def outline_json(path: Path) -> JsonOutline:
    """The outline of a file whose name ends in .json; an empty one of every other file."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return JsonOutline("", frozenset())
    text = read_head(path).decode(errors="replace").lstrip()
    opening = text[:1] if text[:1] in ("{", "[") else ""
    wanted = "{" if opening == "{" else "[{"
    open_now, keys = "", set()
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word in ("{", "["):
            open_now += word
        elif word in ("}", "]"):
            if open_now == "[{":
                break
            open_now = open_now[:-1]
        elif open_now == wanted and token[1]:
            keys.add(word[1 : word.index('"', 1)])
    return JsonOutline(opening, frozenset(keys))
