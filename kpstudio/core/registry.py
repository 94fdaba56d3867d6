"""One table per kind of exchangeable part (decoders, networks, formats), open to plugins."""

import difflib
import inspect
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from kpstudio.core.errors import UserProblem

Entry = TypeVar("Entry")


def help_of(entry: type) -> str:
    """What an entry's docstring says, in one line."""
    return " ".join((inspect.getdoc(entry) or "").split())


class Registry(Generic[Entry]):
    """Named entries: the built-in ones, then those of the entry-point group of the same name.

    Args:
        kind: What an entry is called in messages, such as "decoder".
        built_in: The visible table.
        group: Entry-point group through which other packages add entries.
    """

    def __init__(self, kind: str, built_in: Mapping[str, Entry], *, group: str) -> None:
        self.kind = kind
        self._entries = dict(built_in)
        self._group = group
        self._plugins_loaded = False

    def __getitem__(self, name: str) -> Entry:
        self._load_plugins()
        try:
            return self._entries[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._entries, n=1)
            hint = f"Did you mean “{near[0]}”? " if near else ""
            raise UserProblem(
                f"There is no {self.kind} called “{name}”.",
                f"{hint}Known: {', '.join(self._entries)}.",
            ) from None

    def __iter__(self) -> Iterator[str]:
        self._load_plugins()
        return iter(self._entries)

    def __contains__(self, name: object) -> bool:
        self._load_plugins()
        return name in self._entries

    def items(self) -> list[tuple[str, Entry]]:
        self._load_plugins()
        return list(self._entries.items())

    def _load_plugins(self) -> None:
        if self._plugins_loaded:
            return
        self._plugins_loaded = True
        for point in entry_points(group=self._group):
            self._entries.setdefault(point.name, point.load())
