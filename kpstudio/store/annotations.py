"""Annotations to rows and back, exactly.

A keypoint that is not labelled and has no position has no row. SQLite has no negative zero, so
-0.0 comes back as 0.0; every other number comes back with all its bits.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from kpstudio.core.annotation import Annotation
from kpstudio.core.geometry import Box
from kpstudio.store.skeletons import StoredSkeleton
from kpstudio.store.tables import annotation_keypoints, annotations, keypoints, subjects

# Far below SQLite's limit on the variables of one statement.
_CHUNK = 500

_ANNOTATIONS = select(subjects.c.id.label("annotation_id"), annotations).join_from(
    annotations, subjects
)
_OF_IMAGE = _ANNOTATIONS.where(annotations.c.image_id == bindparam("image")).order_by(
    annotations.c.subject
)
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
        of_rows = connection.execute(_POINTS_OF_IMAGE, of_image).all() if rows else ()
        return _assemble(stored, rows, of_rows)
    query = _ANNOTATIONS.order_by(annotations.c.image_id, annotations.c.subject)
    points = select(annotation_keypoints).where(~_IS_REMOVED)
    return _assemble(stored, connection.execute(query).all(), connection.execute(points).all())


def read_annotations_by_id(
    connection: Connection, stored: StoredSkeleton, ids: Sequence[str]
) -> dict[str, Annotation]:
    """Those of the ids that are stored."""
    found: dict[str, Annotation] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        rows = connection.execute(_ANNOTATIONS.where(subjects.c.id.in_(chunk))).all()
        numbers = [row.subject for row in rows]
        points = connection.execute(
            select(annotation_keypoints).where(
                annotation_keypoints.c.subject.in_(numbers), ~_IS_REMOVED
            )
        ).all()
        found |= {each.id: each for each in _assemble(stored, rows, points)}
    return found


def write_annotations(
    connection: Connection, stored: StoredSkeleton, after: Iterable[tuple[str, Annotation | None]]
) -> None:
    """Make the stored annotations those given, by id; None removes one."""
    changes = list(after)
    present = [annotation for _, annotation in changes if annotation is not None]
    if present:
        connection.execute(_INSERT_SUBJECT, [{"id": each.id} for each in present])
    numbers = _subject_numbers(connection, [annotation_id for annotation_id, _ in changes])
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
    connection.execute(_DELETE_KEYPOINTS, [{"number": numbers[each.id]} for each in present])
    rows = [row for each in present for row in _keypoint_rows(each, stored, numbers[each.id])]
    if rows:
        connection.execute(insert(annotation_keypoints), rows)


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
    annotation: Annotation, stored: StoredSkeleton, number: int
) -> Iterable[dict[str, Any]]:
    values = zip(
        stored.keypoint_ids, annotation.xy.tolist(), annotation.visibility.tolist(), strict=True
    )
    for keypoint_id, (x, y), visibility in values:
        if visibility or not (math.isnan(x) and math.isnan(y)):
            yield {
                "subject": number,
                "keypoint_id": keypoint_id,
                "x": None if math.isnan(x) else x,
                "y": None if math.isnan(y) else y,
                "visibility": visibility,
            }


def _assemble(
    stored: StoredSkeleton, rows: Sequence[Row[Any]], points: Sequence[Sequence[Any]]
) -> tuple[Annotation, ...]:
    count, index = len(stored.keypoint_ids), stored.index_of_id()
    xy = np.full((len(rows), count, 2), np.nan)
    visibility = np.zeros((len(rows), count), dtype=np.int8)
    if points:
        place = {row.subject: position for position, row in enumerate(rows)}
        at = np.array([(place[point[0]], index[point[1]]) for point in points]).T
        # None becomes NaN in a float array.
        xy[at[0], at[1]] = np.array([(point[2], point[3]) for point in points], dtype=np.float64)
        visibility[at[0], at[1]] = [point[4] for point in points]
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
