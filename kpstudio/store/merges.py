"""What other copies of the project were brought in, and what had been done in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from kpstudio.core.history_entry import HistoryEntry
from kpstudio.core.merge import TheirEntry
from kpstudio.store.payload import carried
from kpstudio.store.tables import history, merged_history, merges

_ENTRY = ("kind", "label", "author", "time", "seconds_open")


@dataclass(frozen=True)
class MergeRecord:
    """Up to where another copy was brought in.

    Args:
        edit: The entry of the history that the merge is.
        their_entry: The newest of the other copy's history then; 0 where it had none.
        their_author: Who made that.
        their_time: When.
    """

    edit: int
    their_entry: int
    their_author: str
    their_time: float

    def is_in(self, entries: Mapping[int, HistoryEntry]) -> bool:
        """Whether a copy with these entries, by their ids, is the one, or comes from it."""
        there = entries.get(self.their_entry)
        known = (self.their_author, self.their_time)
        return there is not None and (there.author, there.time) == known


def read_merges(connection: Connection) -> tuple[MergeRecord, ...]:
    """Those that stand, oldest first: one that was undone can be done again."""
    steps = connection.execute(
        select(history.c.of, history.c.kind)
        .where(history.c.of.in_(select(merges.c.edit)))
        .order_by(history.c.id)
    )
    last = dict(tuple(row) for row in steps)
    columns = (merges.c.edit, merges.c.their_entry, merges.c.their_author, merges.c.their_time)
    rows = connection.execute(select(*columns).order_by(merges.c.edit))
    return tuple(MergeRecord(*row) for row in rows if last.get(row.edit) != "undo")


def write_merge(connection: Connection, edit: int, name: str, newest: HistoryEntry | None) -> None:
    """Remember that another copy was brought in.

    Args:
        connection: To write to.
        edit: The entry of the history that the merge is.
        name: Of the other copy.
        newest: Of its history.
    """
    row = {
        "edit": edit,
        "name": name,
        "their_entry": newest.id if newest else 0,
        "their_author": newest.author if newest else "",
        "their_time": newest.time if newest else 0.0,
    }
    connection.execute(insert(merges), row)


def write_merged_history(
    connection: Connection,
    edit: int,
    entries: Sequence[TheirEntry],
    *,
    keypoint_ids: Mapping[int, int],
    image_ids: Mapping[int, int],
) -> None:
    """Keep what was done in another copy, in the numbers of this one."""
    rows = []
    for each in entries:
        payload = None
        if each.payload is not None:
            payload = carried(each.payload, keypoint_ids=keypoint_ids, image_ids=image_ids)
        row = {name: getattr(each.entry, name) for name in _ENTRY}
        rows.append(row | {"merge": edit, "payload": payload})
    if rows:
        connection.execute(insert(merged_history), rows)


def in_their_place(
    own: Sequence[HistoryEntry], merged: Sequence[HistoryEntry]
) -> tuple[HistoryEntry, ...]:
    """What was made here, and right before each merge what it brought."""
    brought: dict[int | None, list[HistoryEntry]] = {}
    for each in merged:
        brought.setdefault(each.merge, []).append(each)
    return tuple(one for each in own for one in (*brought.get(each.id, ()), each))


def read_merged_history(connection: Connection, *, after: int = 0) -> tuple[HistoryEntry, ...]:
    """What was done in the copies that were brought in after an entry of the history."""
    columns = [merged_history.c[name] for name in ("id", *_ENTRY, "merge")]
    query = select(*columns).where(merged_history.c.merge > after)
    rows = connection.execute(query.order_by(merged_history.c.merge, merged_history.c.id))
    return tuple(
        HistoryEntry(
            -row.id, row.kind, None, row.label, row.author, row.time, row.seconds_open, row.merge
        )
        for row in rows
    )
