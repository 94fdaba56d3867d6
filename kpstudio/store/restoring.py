"""Going back to an earlier moment: as a new edit, so that nothing of the history is lost."""

from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.history_entry import Touched
from kpstudio.store.annotations import read_annotations_by_id
from kpstudio.store.payload import touched, unpacked
from kpstudio.store.skeletons import StoredSkeleton
from kpstudio.store.tables import history, merged_history

_edits = history.alias("edits")
_MERGED = select(
    (-merged_history.c.id).label("id"),
    merged_history.c.kind,
    merged_history.c.label,
    merged_history.c.payload,
)
_CHANGES = (
    select(
        history.c.id,
        history.c.kind,
        history.c.label,
        func.coalesce(_edits.c.payload, history.c.payload).label("payload"),
    )
    .join_from(history, _edits, history.c.of == _edits.c.id, isouter=True)
    .order_by(history.c.id.desc())
)


def change_of_entry(connection: Connection, stored: StoredSkeleton, entry: int) -> Edit:
    """What an entry of the history changed: of an undo the inverse of its edit.

    Raises:
        UserProblem: There is no such entry.
    """
    row = _read_change(connection, entry)
    if row.payload is None:
        return Edit(row.label, {}, {})
    edit = unpacked(row.label, row.payload, stored).edit
    return edit.inverse() if row.kind == "undo" else edit


def touched_by_entry(connection: Connection, entry: int) -> Touched:
    """What an entry of the history was about.

    Raises:
        UserProblem: There is no such entry.
    """
    payload = _read_change(connection, entry).payload
    return Touched() if payload is None else touched(payload)


def change_size(connection: Connection, entry: int) -> int:
    """How many bytes the file has of what an entry of the history changed."""
    sized = _change(entry).subquery()
    return int(connection.execute(select(func.length(sized.c.payload))).scalar() or 0)


def _change(entry: int) -> Select[Any]:
    if entry > 0:
        return _CHANGES.where(history.c.id == entry)
    return _MERGED.where(merged_history.c.id == -entry)


def _read_change(connection: Connection, entry: int) -> Any:
    """Kind, label and payload of an entry; its id is below 0 where it came from another copy."""
    row = connection.execute(_change(entry)).one_or_none()
    if row is None:
        raise UserProblem(
            f"The history has no entry {entry}.", "See which there are: kpstudio history PROJECT"
        )
    return row


def read_payloads(connection: Connection, entries: Collection[int]) -> dict[int, bytes | None]:
    """What some entries changed, as the file has it; of an undo that of its edit."""
    first = min((each for each in entries if each > 0), default=None)
    rows = chain(
        connection.execute(_MERGED) if any(each < 0 for each in entries) else (),
        () if first is None else connection.execute(_CHANGES.where(history.c.id >= first)),
    )
    return {row.id: row.payload for row in rows if row.id in entries}


def check_moment(connection: Connection, moment: int) -> str:
    """What a moment to go back to is called; 0 is before the first entry.

    Raises:
        UserProblem: It was in another copy of the project, or never.
    """
    if moment < 0:
        merge = connection.execute(
            select(merged_history.c.merge).where(merged_history.c.id == -moment)
        ).scalar()
        if merge is not None:
            raise UserProblem(
                f"Entry {moment} was made in another copy of the project, so that nothing here was"
                " ever like that.",
                f"Go back to the merge that brought it: entry {merge}.",
            )
    return f"“{_read_change(connection, moment).label}”" if moment else "the beginning"


def decoded_changes(
    connection: Connection, stored: StoredSkeleton
) -> Iterator[tuple[int, str | None]]:
    """Every entry, and why its change cannot be read, if it cannot."""
    own, merged = connection.execute(_CHANGES), connection.execute(_MERGED)
    for row in chain(own, merged):
        if row.payload is None and row.id < 0:
            yield row.id, None
            continue
        try:
            unpacked(row.label, row.payload, stored)
        except (msgspec.MsgspecError, ValueError, TypeError, UserProblem) as error:
            yield row.id, str(error)
        else:
            yield row.id, None


def changed_since(
    connection: Connection, stored: StoredSkeleton, moment: int
) -> dict[str, Annotation | None]:
    """What the annotations that any later entry touched were right after an entry, by id."""
    then: dict[str, Annotation | None] = {}
    for row in connection.execute(_CHANGES.where(history.c.id > moment)):
        edit = unpacked(row.label, row.payload, stored).edit
        then |= edit.after if row.kind == "undo" else edit.before
    return then


def last_entries(
    connection: Connection, stored: StoredSkeleton, moment: int, wanted: Collection[str]
) -> dict[str, int]:
    """The newest entry after another one that touched each of some annotations, by their ids."""
    found: dict[str, int] = {}
    left = set(wanted)
    if not left:
        return found
    with connection.execute(_CHANGES.where(history.c.id > moment)) as rows:
        for row in rows:
            edit = unpacked(row.label, row.payload, stored).edit
            touched = [each for each in edit.after if each in left]
            found |= dict.fromkeys(touched, row.id)
            left.difference_update(touched)
            if not left:
                break
    return found


def restoring_edit(
    connection: Connection,
    stored: StoredSkeleton,
    moment: int,
    *,
    label: str,
    image_id: int | None = None,
) -> Edit | None:
    """The edit that makes annotations what they were right after an entry of the history.

    The skeleton stays as it is now.

    Args:
        connection: To read from.
        stored: The skeleton of now.
        moment: Id of the entry; 0 is before the first.
        label: Of the edit.
        image_id: Of the only image to restore; all where None.

    Returns:
        None where nothing has changed since.
    """
    then = changed_since(connection, stored, moment)
    now = read_annotations_by_id(connection, stored, list(then))
    changed = {
        each: old
        for each, old in then.items()
        if now.get(each) != old and _is_in(image_id, old, now.get(each))
    }
    if not changed:
        return None
    return Edit(label, before={each: now.get(each) for each in changed}, after=changed)


def _is_in(image_id: int | None, *annotations: Annotation | None) -> bool:
    return image_id is None or any(each.image_id == image_id for each in annotations if each)
