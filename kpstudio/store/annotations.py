"""Annotations to rows and back, exactly.

A keypoint that is not labelled and has no position has no row. SQLite has no negative zero, so
-0.0 comes back as 0.0; every other number comes back with all its bits.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from kpstudio.core.annotation import Annotation
from kpstudio.core.geometry import Box
from kpstudio.store.skeletons import StoredSkeleton
from kpstudio.store.tables import annotation_keypoints, annotations, keypoints, subjects

# Far below SQLite's limit on the variables of one statement.
_CHUNK = 500
# So that the rows of a large import are never all in memory.
_BLOCK = 5000

_POINT = np.dtype(
    [("subject", "i8"), ("keypoint", "i8"), ("x", "f8"), ("y", "f8"), ("visibility", "i1")]
)

_ANNOTATIONS = select(subjects.c.id.label("annotation_id"), annotations).join_from(
    annotations, subjects
)
_OF_IMAGE = _ANNOTATIONS.where(annotations.c.image_id == bindparam("image")).order_by(
    annotations.c.subject
)
_BY_ID = _ANNOTATIONS.where(subjects.c.id.in_(bindparam("ids", expanding=True)))
_INSERT_SUBJECT = sqlite_insert(subjects).on_conflict_do_nothing()
_SUBJECTS = select(subjects.c.number, subjects.c.id).where(
    subjects.c.id.in_(bindparam("ids", expanding=True))
)
_DELETE_ANNOTATION = delete(annotations).where(annotations.c.subject == bindparam("number"))
_IS_REMOVED = annotation_keypoints.c.keypoint_id.in_(
    select(keypoints.c.id).where(keypoints.c.position.is_(None))
)
# The labels of keypoints that were removed stay, in case these return.
_DELETE_KEYPOINTS = delete(annotation_keypoints).where(
    annotation_keypoints.c.subject == bindparam("number"), ~_IS_REMOVED
)
# Known here, because to build and compile a statement takes longer than to answer it.
_POINTS_OF_IMAGE = (
    select(annotation_keypoints)
    .join(annotations)
    .where(annotations.c.image_id == bindparam("image"), ~_IS_REMOVED)
)
_POINTS_OF_SUBJECTS = select(annotation_keypoints).where(
    annotation_keypoints.c.subject.in_(bindparam("numbers", expanding=True)), ~_IS_REMOVED
)
# In SQL as it is: to name the values of a million rows one by one takes longer than to store them.
_PUT_KEYPOINT = (
    "INSERT INTO annotation_keypoints (subject, keypoint_id, x, y, visibility)"
    " VALUES (?, ?, ?, ?, ?)"
)
_PUT_REMOVED = sqlite_insert(annotation_keypoints).on_conflict_do_nothing()
_PUT_ANNOTATION = sqlite_insert(annotations)
_PUT_ANNOTATION = _PUT_ANNOTATION.on_conflict_do_update(
    index_elements=["subject"],
    set_={
        column.name: _PUT_ANNOTATION.excluded[column.name]
        for column in annotations.columns
        if column.name != "subject"
    },
)


def read_annotations(
    connection: Connection, stored: StoredSkeleton, *, image_id: int | None = None
) -> tuple[Annotation, ...]:
    """Annotations of one image, or of all, in the order in which they were first made."""
    if image_id is not None:
        of_image = {"image": image_id}
        rows = connection.execute(_OF_IMAGE, of_image).all()
        return _assemble(stored, rows, _points(connection, _POINTS_OF_IMAGE, of_image, rows))
    query = _ANNOTATIONS.order_by(annotations.c.image_id, annotations.c.subject)
    rows = connection.execute(query).all()
    points = select(annotation_keypoints).where(~_IS_REMOVED)
    return _assemble(stored, rows, _points(connection, points, {}, rows))


def read_annotations_by_id(
    connection: Connection, stored: StoredSkeleton, ids: Sequence[str]
) -> dict[str, Annotation]:
    """Those of the ids that are stored."""
    found: dict[str, Annotation] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        rows = connection.execute(_BY_ID, {"ids": chunk}).all()
        of_rows = {"numbers": [row.subject for row in rows]}
        points = _points(connection, _POINTS_OF_SUBJECTS, of_rows, rows)
        found |= {each.id: each for each in _assemble(stored, rows, points)}
    return found


def write_annotations(
    connection: Connection, stored: StoredSkeleton, after: Iterable[tuple[str, Annotation | None]]
) -> None:
    """Make the stored annotations those given, by id; None removes one."""
    changes = list(after)
    present = [annotation for _, annotation in changes if annotation is not None]
    numbers = _subject_numbers(connection, [annotation_id for annotation_id, _ in changes])
    # One that never was has no keypoints that would have to give way.
    known = [{"number": numbers[each.id]} for each in present if each.id in numbers]
    if new := [each.id for each in present if each.id not in numbers]:
        connection.execute(_INSERT_SUBJECT, [{"id": each} for each in new])
        numbers |= _subject_numbers(connection, new)
    removed = [
        {"number": numbers[annotation_id]}
        for annotation_id, annotation in changes
        if annotation is None and annotation_id in numbers
    ]
    if removed:
        connection.execute(_DELETE_ANNOTATION, removed)
    if not present:
        return
    connection.execute(_PUT_ANNOTATION, [_row(each, numbers[each.id]) for each in present])
    if known:
        connection.execute(_DELETE_KEYPOINTS, known)
    for start in range(0, len(present), _BLOCK):
        rows = _keypoint_rows(present[start : start + _BLOCK], stored, numbers)
        if rows:
            connection.exec_driver_sql(_PUT_KEYPOINT, rows)


RemovedKeypoint = tuple[int, float | None, float | None, int]
"""Id, x, y and visibility of a label whose keypoint was removed from the skeleton."""


def read_removed_keypoints(
    connection: Connection, ids: Sequence[str]
) -> dict[str, list[RemovedKeypoint]]:
    """By annotation the labels that are kept for keypoints that were removed."""
    found: dict[str, list[RemovedKeypoint]] = {}
    columns = annotation_keypoints.c
    for start in range(0, len(ids), _CHUNK):
        rows = connection.execute(
            select(subjects.c.id, columns.keypoint_id, columns.x, columns.y, columns.visibility)
            .join_from(annotation_keypoints, subjects, columns.subject == subjects.c.number)
            .where(subjects.c.id.in_(ids[start : start + _CHUNK]), _IS_REMOVED)
        )
        for row in rows:
            kept = (row.keypoint_id, row.x, row.y, row.visibility)
            found.setdefault(row.id, []).append(kept)
    return found


def write_removed_keypoints(
    connection: Connection, kept: Mapping[str, Sequence[RemovedKeypoint]]
) -> None:
    """The inverse of `read_removed_keypoints`, for annotations that are stored."""
    numbers = _subject_numbers(connection, list(kept))
    rows = [
        {"subject": numbers[each], "keypoint_id": at, "x": x, "y": y, "visibility": visibility}
        for each, values in kept.items()
        for at, x, y, visibility in values
    ]
    if rows:
        connection.execute(_PUT_REMOVED, rows)


def labelled_image_ids(
    connection: Connection, among: Collection[int] | None = None
) -> frozenset[int]:
    """Images with at least one labelled keypoint.

    Args:
        connection: To read from.
        among: Only of these few images; of all where None.
    """
    is_labelled = (
        select(annotation_keypoints.c.subject)
        .where(
            annotation_keypoints.c.subject == annotations.c.subject,
            annotation_keypoints.c.visibility > 0,
            ~_IS_REMOVED,
        )
        .exists()
    )
    query = select(annotations.c.image_id).where(is_labelled).distinct()
    if among is not None and len(among) > _CHUNK:
        return labelled_image_ids(connection) & frozenset(among)
    if among is not None:
        query = query.where(annotations.c.image_id.in_(among))
    return frozenset(connection.execute(query).scalars())


def count_labels(connection: Connection) -> dict[str, int]:
    """How many labels each keypoint has, by its name, also those that were removed.

    Of several removed ones of a name it is the one that would return.
    """
    labelled = connection.execute(
        select(annotation_keypoints.c.keypoint_id, func.count())
        .where(annotation_keypoints.c.visibility > 0)
        .group_by(annotation_keypoints.c.keypoint_id)
    )
    counts = {int(keypoint_id): int(count) for keypoint_id, count in labelled}
    is_there = keypoints.c.position.is_not(None)
    names = connection.execute(
        select(keypoints.c.id, keypoints.c.name).order_by(is_there, keypoints.c.id)
    )
    return {str(name): counts.get(keypoint_id, 0) for keypoint_id, name in names}


def _subject_numbers(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = connection.execute(_SUBJECTS, {"ids": ids[start : start + _CHUNK]})
        numbers |= {annotation_id: number for number, annotation_id in rows}
    return numbers


def _row(annotation: Annotation, number: int) -> dict[str, Any]:
    box = annotation.box
    return {
        "subject": number,
        "image_id": annotation.image_id,
        "source": annotation.source,
        "author": annotation.author,
        "time": annotation.time,
        "box_x": box.x if box else None,
        "box_y": box.y if box else None,
        "box_width": box.width if box else None,
        "box_height": box.height if box else None,
        "track": annotation.track,
        "extra": annotation.extra,
    }


def _keypoint_rows(
    some: Sequence[Annotation], stored: StoredSkeleton, numbers: Mapping[str, int]
) -> list[tuple[int, int, float, float, int]]:
    """A row for each keypoint that is labelled or has a position; SQLite makes NULL of NaN."""
    xy = np.stack([each.xy for each in some])
    visibility = np.stack([each.visibility for each in some])
    of, at = np.nonzero((visibility > 0) | ~np.isnan(xy).all(axis=2))
    subject = np.array([numbers[each.id] for each in some], dtype=np.int64)
    keypoint = np.array(stored.keypoint_ids, dtype=np.int64)
    x, y = xy[of, at].T
    columns = (subject[of], keypoint[at], x, y, visibility[of, at])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _points(
    connection: Connection, query: Select[Any], values: Mapping[str, Any], rows: Sequence[Row[Any]]
) -> NDArray[np.void]:
    """What a query of keypoints finds, as an array of `_POINT`; nothing where there are no rows."""
    if not rows:
        return np.empty(0, _POINT)
    # From the driver itself: a million rows would each become an object before they are numbers.
    with connection.execute(query, values) as result:
        assert result.cursor is not None
        return np.fromiter(result.cursor, _POINT)  # type: ignore[call-overload, no-any-return]


def _assemble(
    stored: StoredSkeleton, rows: Sequence[Row[Any]], points: NDArray[np.void]
) -> tuple[Annotation, ...]:
    count = len(stored.keypoint_ids)
    xy = np.full((len(rows), count, 2), np.nan)
    visibility = np.zeros((len(rows), count), dtype=np.int8)
    if points.size:
        of = _places(np.array([row.subject for row in rows]), points["subject"])
        at = _places(np.array(stored.keypoint_ids), points["keypoint"])
        xy[of, at, 0], xy[of, at, 1] = points["x"], points["y"]
        visibility[of, at] = points["visibility"]
    return tuple(
        Annotation(
            id=row.annotation_id,
            image_id=row.image_id,
            xy=xy[position],
            visibility=visibility[position],
            source=row.source,
            author=row.author,
            time=row.time,
            box=None
            if row.box_x is None
            else Box(row.box_x, row.box_y, row.box_width, row.box_height),
            track=row.track,
            extra=row.extra,
        )
        for position, row in enumerate(rows)
    )


def _places(values: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where each of the wanted is in the values."""
    order = np.argsort(values)
    return order[np.searchsorted(values, wanted, sorter=order)]
