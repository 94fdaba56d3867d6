"""What can be wrong with a file: bytes, numbers, types, columns, sizes and paths.

Every damage is decided by a random number generator alone, so that it can be made again.
"""

import json
import os
import random
import re
import shutil
from pathlib import Path
from typing import Any

NUMBERS = (
    *("nan", "NaN", "inf", "-inf", "Infinity", "1e308", "-1e308", "1e999", "-0", "-0.0", "-1"),
    *("0", "1", "2", "3", "1.5", "-3", "2147483648", "4294967296", "9223372036854775807"),
    *("9223372036854775808", "-9223372036854775809", "1" + "0" * 400, "1e-320", "٣", "0x10", "1_0"),
)
TEXTS = (
    *("", " ", "\x00", "a\x00b.png", "..", "../../../../etc/passwd", "/", "/dev/null", ".", "~"),
    *("/" + "a" * 5000, "a/" * 3000, "C:\\x\\y.png", "\\\\host\\share\\z.png", "file:///a.png"),
    *(
        "\ud800",
        "\ufeff",
        "é" * 300,
        "🐭",
        "NULL",
        "None",
        "snout",
        "a.png",
        "b.jpg",
        "%s{0}",
        "\n",
    ),
    *("loop", "loop/a.png", "-", "=1+1", "http://[", "https://", "//", "?", "#"),
)
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00" * 64)
_NUMBER = re.compile(rb"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_VALUE = re.compile(rb"(?<=[:=>,] )[^\n]+|(?<=>)[^<\n]+")
VALUES = (
    *("!!python/object/apply:os.system [x]", "2001-99-99", "&a [*a]", "*nothing", "{? [1] : 2}"),
    *(
        "{1: a, null: b, [2]: c}",
        "- - - -",
        "|",
        "!!binary zzz",
        "0o7",
        "1:2:3",
        "[a, [b, {c: d}]]",
    ),
    *("&amp;", "&lol;", "<!-- x", "<![CDATA[x]]>", "&#0;", "&#x1F600;", "{}", "[]", "~", "true"),
)
_QUOTED = re.compile(rb"\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'")
_DEEP = 20_000
_LONG = 3_000_000


def damage(data: bytes, draw: random.Random) -> bytes:
    """Between one and three damages after one another."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        data = draw.choice(_damages(data))(data, draw)
    return data


def damage_place(path: Path, draw: random.Random) -> None:
    """Put something else where a file is: nothing, a folder, or a link that leads nowhere."""
    path.unlink()
    kind = draw.choice(
        ("gone", "folder", "link to itself", "link to nothing", "link to its folder")
    )
    if kind == "folder":
        path.mkdir()
    elif kind == "link to itself":
        path.symlink_to(path.name)
    elif kind == "link to nothing":
        path.symlink_to("nothing/here")
    elif kind == "link to its folder":
        path.symlink_to(path.parent, target_is_directory=True)


def remove(path: Path) -> None:
    """Whatever is there."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def _damages(data: bytes) -> list[Any]:
    of_bytes = [flip, cut, drop, repeat, mark, overwrite]
    if b"\x00" in data[:4096]:
        return [*of_bytes, flip, overwrite, drop]
    of_text = [
        *of_bytes,
        number,
        number,
        number,
        text,
        text,
        value,
        value,
        columns,
        recode,
        nest,
        swell,
    ]
    if data.lstrip()[:1] in (b"{", b"["):
        return [*of_text, *[tree] * 12]
    return of_text


def flip(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 5, 20)) if data else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def overwrite(data: bytes, draw: random.Random) -> bytes:
    size = draw.choice((1, 2, 4, 8, 16))
    start = draw.randrange(len(data) + 1)
    new = draw.choice((b"\x00" * size, b"\xff" * size, draw.randbytes(size), b"\x7f" * size))
    return data[:start] + new + data[start + size :]


def cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.choice((0, 1, draw.randrange(len(data) + 1), max(len(data) - 1, 0)))]


def _slice(data: bytes, draw: random.Random) -> tuple[int, int]:
    start = draw.randrange(len(data) + 1)
    return start, start + draw.choice((1, 3, 17, 200, len(data) // 3))


def drop(data: bytes, draw: random.Random) -> bytes:
    start, stop = _slice(data, draw)
    return data[:start] + data[stop:]


def repeat(data: bytes, draw: random.Random) -> bytes:
    start, stop = _slice(data, draw)
    return data[:stop] + data[start:stop] * draw.choice((1, 1, 2, 9)) + data[stop:]


def mark(data: bytes, draw: random.Random) -> bytes:
    where = draw.choice((0, 0, len(data), draw.randrange(len(data) + 1)))
    return data[:where] + draw.choice(MARKS) + data[where:]


def recode(data: bytes, draw: random.Random) -> bytes:
    encoding = draw.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp037"))
    return data.decode("latin-1").encode(encoding)


def number(data: bytes, draw: random.Random) -> bytes:
    return _replaced(_NUMBER, data, draw.choice(NUMBERS).encode(), draw)


def text(data: bytes, draw: random.Random) -> bytes:
    new = draw.choice(TEXTS).encode("utf-8", "surrogatepass")
    quote = draw.choice((b'"', b'"', b"'", b""))
    return _replaced(_QUOTED, data, quote + new + quote, draw)


def value(data: bytes, draw: random.Random) -> bytes:
    """What YAML and XML have in store."""
    return _replaced(_VALUE, data, draw.choice(VALUES).encode(), draw)


def _replaced(pattern: "re.Pattern[bytes]", data: bytes, new: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(data) + 1)
    found = pattern.search(data, start) or pattern.search(data)
    return data if found is None else data[: found.start()] + new + data[found.end() :]


def columns(data: bytes, draw: random.Random) -> bytes:
    """A line with more or fewer cells, a line too much, or two lines that changed places."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return b"\n"
    at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    separator = draw.choice((b",", b" ", b";", b"\t", b'"', b"\n"))
    kind = draw.randrange(4)
    if kind == 0:
        lines[at] = lines[at].rstrip(b"\r\n") + separator * draw.choice((1, 3, 1000)) + b"\n"
    elif kind == 1:
        lines[at] = separator.join(lines[at].split(separator)[1:])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(at, lines[other])
    return b"".join(lines)


def nest(data: bytes, draw: random.Random) -> bytes:
    opening, closing = draw.choice(
        ((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"- ", b""))
    )
    depth = draw.choice((100, 1000, _DEEP))
    deep = opening * depth + closing * depth
    where = draw.choice((0, draw.randrange(len(data) + 1)))
    return deep if draw.random() < 0.3 else data[:where] + deep + data[where:]


def swell(data: bytes, draw: random.Random) -> bytes:
    """Megabytes of one character in the middle."""
    where = draw.randrange(len(data) + 1)
    byte = draw.choice((b" ", b"\n", b",", b"9", b"(", b"x", b'"'))
    return data[:where] + byte * draw.choice((1000, 100_000, _LONG)) + data[where:]


def tree(data: bytes, draw: random.Random) -> bytes:
    """JSON in which one value is another, of another type, missing or repeated."""
    try:
        root = json.loads(data)
    except (ValueError, RecursionError):
        return flip(data, draw)
    holder: dict[str, Any] = {"root": root}
    at: Any = holder
    key: Any = "root"
    while isinstance(at[key], dict | list) and at[key] and draw.random() < 0.85:
        at = at[key]
        key = draw.choice(list(at)) if isinstance(at, dict) else draw.randrange(len(at))
    kind = draw.randrange(10)
    if kind == 0 and at is not holder:
        del at[key]
    elif kind == 1 and isinstance(at, list):
        at.append(at[key])
    elif kind == 2 and isinstance(at, dict):
        at[draw.choice(TEXTS)] = at.pop(key)
        return json.dumps(holder.get("root")).encode()
    elif kind in (3, 4):
        name = "here is a number"
        at[key] = name
        new = draw.choice(NUMBERS).encode()
        return json.dumps(holder["root"]).encode().replace(f'"{name}"'.encode(), new)
    elif kind == 5:
        at[key] = draw.choice(TEXTS)
    else:
        at[key] = draw.choice(
            (None, True, False, [], {}, [[]], [{}], [None], "x", 0, -1, 1.5, at[key], [at[key]])
        )
    return json.dumps(holder.get("root")).encode()


def names_below(folder: Path) -> set[str]:
    """Of all files and links in a folder, links not followed."""
    found = set()
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            if not path.is_dir() or path.is_symlink():
                found.add(path.relative_to(folder).as_posix())
    return found
