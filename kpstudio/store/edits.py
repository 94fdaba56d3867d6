"""Edits: applied, remembered for ever, undone and redone without limit.

The history only grows. The undo stack points into it: an edit is on the stack until a new edit is
made after it was undone.
"""

import time

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.history_entry import HistoryEntry, Kind
from kpstudio.store.annotations import (
    read_annotations_by_id,
    read_removed_keypoints,
    write_annotations,
    write_removed_keypoints,
)
from kpstudio.store.payload import StoredEdit, packed, unpacked
from kpstudio.store.skeletons import (
    StoredSkeleton,
    changed_rows,
    put_rows,
    read_rows,
)
from kpstudio.store.tables import history, undo_stack


class StaleEdit(UserProblem):
    """What is stored is not what the edit says was there before."""


_ENTRY = ("id", "kind", "of", "label", "author", "time", "seconds_open")
_TOP = (
    select(undo_stack.c.position, undo_stack.c.edit, history.c.label)
    .join(history)
    .where(undo_stack.c.is_done == 1)
    .order_by(undo_stack.c.position.desc())
    .limit(1)
)
_NEXT = (
    select(undo_stack.c.position, undo_stack.c.edit, history.c.label)
    .join(history)
    .where(undo_stack.c.position > bindparam("top"))
    .order_by(undo_stack.c.position)
    .limit(1)
)
_DROP_UNDONE = delete(undo_stack).where(undo_stack.c.position > bindparam("top"))


def apply_edit(
    connection: Connection,
    stored: StoredSkeleton,
    edit: Edit,
    *,
    author: str,
    seconds_open: float | None = None,
) -> int:
    """Apply and remember an edit, in the transaction that is open.

    Returns:
        Its entry of the history.

    Raises:
        StaleEdit: What is stored is not what `edit.before` or `edit.skeleton.before` say.
    """
    if edit.skeleton is not None:
        rows = read_rows(connection)
        full = StoredEdit(edit, (rows, changed_rows(connection, rows, edit.skeleton)))
    else:
        deleted = [each for each, annotation in edit.after.items() if annotation is None]
        full = StoredEdit(edit, removed=read_removed_keypoints(connection, deleted))
    _change(connection, stored, full)
    payload = packed(full, stored)
    entry = _remember(
        connection, "edit", edit.label, author, payload=payload, seconds_open=seconds_open
    )
    top = connection.execute(_TOP).one_or_none()
    position = top.position if top else 0
    connection.execute(_DROP_UNDONE, {"top": position})
    connection.execute(insert(undo_stack), {"position": position + 1, "edit": entry, "is_done": 1})
    return entry


def undo_edit(connection: Connection, stored: StoredSkeleton, *, author: str) -> Edit | None:
    """Undo the newest edit that is done; returns what was applied."""
    top = connection.execute(_TOP).one_or_none()
    if top is None:
        return None
    applied = read_edit(connection, stored, top.edit).inverse()
    _change(connection, stored, applied)
    _remember(connection, "undo", top.label, author, of=top.edit)
    _mark(connection, top.position, is_done=False)
    return applied.edit


def redo_edit(connection: Connection, stored: StoredSkeleton, *, author: str) -> Edit | None:
    """Redo the oldest edit that is undone; returns what was applied."""
    following = _following(connection)
    if following is None:
        return None
    position, entry, label = following
    applied = read_edit(connection, stored, entry)
    _change(connection, stored, applied)
    _remember(connection, "redo", label, author, of=entry)
    _mark(connection, position, is_done=True)
    return applied.edit


def undo_label(connection: Connection) -> str | None:
    top = connection.execute(_TOP).one_or_none()
    return None if top is None else str(top.label)


def redo_label(connection: Connection) -> str | None:
    following = _following(connection)
    return None if following is None else following[2]


def read_history(connection: Connection, *, after: int = 0) -> tuple[HistoryEntry, ...]:
    """Every change after an entry, oldest first."""
    columns = [history.c[name] for name in _ENTRY]
    query = select(*columns).where(history.c.id > after).order_by(history.c.id)
    rows = connection.execute(query)
    return tuple(HistoryEntry(*row) for row in rows)


def _change(connection: Connection, stored: StoredSkeleton, full: StoredEdit) -> None:
    edit = full.edit
    if edit.skeleton is not None and full.skeleton is not None:
        before, after = full.skeleton
        if before.stored().skeleton != edit.skeleton.before or before != read_rows(connection):
            raise StaleEdit(
                f"“{edit.label}” was not stored: the skeleton has changed in the meantime.",
                "Look at the skeleton again, then repeat the change if it is still needed.",
            )
        put_rows(connection, after)
        return
    for annotation_id, annotation in edit.after.items():
        if annotation is None:
            continue
        if annotation.id != annotation_id or len(annotation.xy) != len(stored.skeleton):
            raise ValueError(f"{annotation_id} does not fit its key or the skeleton")
    found = read_annotations_by_id(connection, stored, list(edit.before))
    for annotation_id, annotation in edit.before.items():
        if found.get(annotation_id) != annotation:
            raise StaleEdit(
                f"“{edit.label}” was not stored: the annotation has changed in the meantime.",
                "Look at the image again, then repeat the change if it is still needed.",
            )
    write_annotations(connection, stored, edit.after.items())
    back = {each: full.removed[each] for each in full.removed if edit.after[each] is not None}
    if back:
        write_removed_keypoints(connection, back)


def _following(connection: Connection) -> tuple[int, int, str] | None:
    top = connection.execute(_TOP).one_or_none()
    row = connection.execute(_NEXT, {"top": top.position if top else 0}).one_or_none()
    return None if row is None else (row.position, row.edit, row.label)


def _remember(
    connection: Connection,
    kind: Kind,
    label: str,
    author: str,
    *,
    of: int | None = None,
    payload: bytes | None = None,
    seconds_open: float | None = None,
) -> int:
    entry = {
        "kind": kind,
        "of": of,
        "label": label,
        "author": author,
        "time": time.time(),
        "payload": payload,
        "seconds_open": seconds_open,
    }
    inserted = connection.execute(insert(history), entry).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def _mark(connection: Connection, position: int, *, is_done: bool) -> None:
    connection.execute(
        update(undo_stack).where(undo_stack.c.position == position).values(is_done=int(is_done))
    )


def read_edit(connection: Connection, stored: StoredSkeleton, entry: int) -> StoredEdit:
    """The edit of an entry of the history that is one, not an undo or redo."""
    label, blob = connection.execute(
        select(history.c.label, history.c.payload).where(history.c.id == entry)
    ).one()
    return unpacked(label, blob, stored)
