"""The images that a filter lets through, as ids: a million of them are listed by their numbers."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select

from kpstudio.core.dataset import Split
from kpstudio.core.image_filter import ImageFilter
from kpstudio.store.tables import (
    annotation_keypoints,
    annotations,
    image_tags,
    images,
    issues,
    keypoints,
    predictions,
)

_IS_LABELLED = exists().where(
    annotations.c.image_id == images.c.id,
    annotation_keypoints.c.subject == annotations.c.subject,
    annotation_keypoints.c.visibility > 0,
    annotation_keypoints.c.keypoint_id == keypoints.c.id,
    keypoints.c.position.is_not(None),
)


def find_images(connection: Connection, wanted: ImageFilter) -> NDArray[np.int64]:
    """Ids in the order of the filter."""
    if wanted.is_everything:
        return _all(connection)
    query = select(images.c.id).where(and_(True, *_conditions(wanted)))
    return _ids(connection, _ordered(connection, query, wanted))


def labelled_splits(connection: Connection) -> dict[Split | None, int]:
    """How many labelled images each part has."""
    labelled = (
        select(annotations.c.image_id)
        .where(
            exists().where(
                annotation_keypoints.c.subject == annotations.c.subject,
                annotation_keypoints.c.visibility > 0,
                annotation_keypoints.c.keypoint_id == keypoints.c.id,
                keypoints.c.position.is_not(None),
            )
        )
        .distinct()
        .subquery()
    )
    counts = select(images.c.split, func.count().label("number")).join_from(
        labelled, images, labelled.c.image_id == images.c.id
    )
    rows = connection.execute(counts.group_by(images.c.split))
    return {row.split: row.number for row in rows}


def _all(connection: Connection) -> NDArray[np.int64]:
    first, last, count = connection.execute(
        select(func.min(images.c.id), func.max(images.c.id), func.count())
    ).one()
    if not count:
        return np.empty(0, dtype=np.int64)
    if last - first + 1 == count:
        return np.arange(first, last + 1, dtype=np.int64)
    return _ids(connection, select(images.c.id).order_by(images.c.id))


def _ids(connection: Connection, query: Select[tuple[int]]) -> NDArray[np.int64]:
    rows = connection.execute(query).scalars()
    return np.fromiter(rows, dtype=np.int64)


def _conditions(wanted: ImageFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        images.c.path.icontains(word, autoescape=True) for word in wanted.words
    ]
    if wanted.labelled:
        conditions.append(_IS_LABELLED if wanted.labelled == "labelled" else ~_IS_LABELLED)
    if wanted.split is not None:
        conditions.append(images.c.split == wanted.split)
    if wanted.review is not None:
        conditions.append(images.c.review == wanted.review)
    if wanted.has_issue:
        asked = select(issues.c.image_id).where(issues.c.is_open == 1)
        conditions.append(images.c.id.in_(asked))
    for tag in wanted.tags:
        has_tag = exists().where(image_tags.c.image_id == images.c.id, image_tags.c.tag == tag)
        conditions.append(has_tag)
    return conditions


def _ordered(
    connection: Connection, query: Select[tuple[int]], wanted: ImageFilter
) -> Select[tuple[int]]:
    if wanted.order == "added":
        return query.order_by(images.c.id)
    if wanted.order == "name":
        return query.order_by(images.c.path, images.c.frame)
    if wanted.order == "least certain":
        run = connection.execute(select(func.max(predictions.c.run_id))).scalar()
        scores = (
            select(predictions.c.image_id, func.min(predictions.c.score).label("score"))
            .where(predictions.c.run_id == run)
            .group_by(predictions.c.image_id)
            .subquery()
        )
        query = query.join(scores, scores.c.image_id == images.c.id, isouter=True)
        return query.order_by(scores.c.score.nulls_last(), images.c.id)
    times = (
        select(annotations.c.image_id, func.max(annotations.c.time).label("time"))
        .group_by(annotations.c.image_id)
        .subquery()
    )
    query = query.join(times, times.c.image_id == images.c.id, isouter=True)
    time = times.c.time.desc() if wanted.order == "newest label" else times.c.time.asc()
    return query.order_by(time.nulls_last(), images.c.id)
