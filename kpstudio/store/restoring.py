"""Going back to an earlier moment: as a new edit, so that nothing of the history is lost."""

from collections.abc import Collection, Iterator

import msgspec
from sqlalchemy import Connection, func, select

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.store.annotations import read_annotations_by_id
from kpstudio.store.edits import unpacked
from kpstudio.store.skeletons import StoredSkeleton
from kpstudio.store.tables import history

_edits = history.alias("edits")
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
    row = connection.execute(_CHANGES.where(history.c.id == entry)).one_or_none()
    if row is None:
        raise UserProblem(
            f"The history has no entry {entry}.", "See which there are: kpstudio history PROJECT"
        )
    edit = unpacked(row.label, row.payload, stored).edit
    return edit.inverse() if row.kind == "undo" else edit


def decoded_changes(
    connection: Connection, stored: StoredSkeleton
) -> Iterator[tuple[int, str | None]]:
    """Every entry, and why its change cannot be read, if it cannot."""
    for row in connection.execute(_CHANGES):
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
