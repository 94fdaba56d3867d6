"""The images that a filter lets through, as ids: a million of them are listed by their numbers."""

from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from kpstudio.core.dataset import Split
from kpstudio.core.errors import UserProblem
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

IS_LABELLED = exists().where(
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
    conditions = [*_conditions(wanted), *_conditions_of_labels(connection, wanted)]
    if wanted.run is not None:
        conditions.append(images.c.id.in_(_images_of_run(wanted.run)))
    query = select(images.c.id).where(and_(True, *conditions))
    return _ids(connection, _ordered(query, wanted))


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
    result = connection.execute(query)
    # Past SQLAlchemy's rows, which take longer than the search where there are a million.
    rows = result.cursor.fetchall() if result.cursor is not None else []
    result.close()
    return np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows))


def _conditions(wanted: ImageFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        images.c.path.icontains(word, autoescape=True) for word in wanted.words
    ]
    if wanted.labelled:
        conditions.append(IS_LABELLED if wanted.labelled == "labelled" else ~IS_LABELLED)
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


def _conditions_of_labels(connection: Connection, wanted: ImageFilter) -> list[ColumnElement[bool]]:
    """Each of another annotation, if need be: by Ann, and with a long tail."""
    plain: list[ColumnElement[bool]] = []
    if wanted.author:
        plain.append(annotations.c.author == wanted.author)
    if wanted.track:
        plain.append(annotations.c.track == wanted.track)
    if wanted.source:
        inside = annotations.c.source.startswith(f"{wanted.source}:", autoescape=True)
        plain.append(or_(annotations.c.source == wanted.source, inside))
    if wanted.missing:
        has_it = exists().where(
            annotation_keypoints.c.subject == annotations.c.subject,
            annotation_keypoints.c.visibility > 0,
            annotation_keypoints.c.keypoint_id == _keypoint_id(connection, wanted.missing),
        )
        plain.append(~has_it)
    conditions: list[ColumnElement[bool]] = [
        images.c.id.in_(select(annotations.c.image_id).where(condition)) for condition in plain
    ]
    if wanted.size_below is not None or wanted.size_above is not None:
        sizes = _sizes()
        fitting = select(sizes.c.image_id)
        if wanted.size_below is not None:
            fitting = fitting.where(sizes.c.size < wanted.size_below)
        if wanted.size_above is not None:
            fitting = fitting.where(sizes.c.size > wanted.size_above)
        conditions.append(images.c.id.in_(fitting))
    return conditions


def _keypoint_id(connection: Connection, name: str) -> int:
    names = connection.execute(
        select(keypoints.c.name, keypoints.c.id)
        .where(keypoints.c.position.is_not(None))
        .order_by(keypoints.c.position)
    ).all()
    for known, number in names:
        if known.casefold() == name.casefold():
            return int(number)
    raise UserProblem(
        f"No keypoint of this project is called “{name}”.",
        "There are: " + ", ".join(known for known, _ in names) + ".",
    )


def _sizes() -> Subquery:
    """The longer side of every annotation: of its box, else around its labelled keypoints."""
    width = func.max(annotation_keypoints.c.x) - func.min(annotation_keypoints.c.x)
    height = func.max(annotation_keypoints.c.y) - func.min(annotation_keypoints.c.y)
    extent = (
        select(func.max(width, height))
        .where(
            annotation_keypoints.c.subject == annotations.c.subject,
            annotation_keypoints.c.visibility > 0,
            annotation_keypoints.c.keypoint_id == keypoints.c.id,
            keypoints.c.position.is_not(None),
        )
        .scalar_subquery()
    )
    of_box = func.max(annotations.c.box_width, annotations.c.box_height)
    size = case((annotations.c.box_width.is_not(None), of_box), else_=extent)
    return select(annotations.c.image_id, size.label("size")).subquery()


def newest_predicted_run() -> ScalarSelect[int]:
    """The number of the newest run that has predictions stored."""
    return select(func.max(predictions.c.run_id)).scalar_subquery()


def lowest_scores() -> Subquery:
    """By image the score of its least certain subject, by the newest run that has predictions."""
    return (
        select(predictions.c.image_id, func.min(predictions.c.score).label("score"))
        .where(predictions.c.run_id == newest_predicted_run())
        .group_by(predictions.c.image_id)
        .subquery()
    )


def _images_of_run(run_id: int) -> Select[tuple[int]]:
    return select(predictions.c.image_id).where(predictions.c.run_id == run_id)


def _ordered(query: Select[tuple[int]], wanted: ImageFilter) -> Select[tuple[int]]:
    bounds = wanted.score_below, wanted.score_above
    if wanted.order == "least certain" or bounds != (None, None):
        scores = lowest_scores()
        is_outer = bounds == (None, None)
        query = query.join(scores, scores.c.image_id == images.c.id, isouter=is_outer)
        if wanted.score_below is not None:
            query = query.where(scores.c.score < wanted.score_below)
        if wanted.score_above is not None:
            query = query.where(scores.c.score > wanted.score_above)
        if wanted.order == "least certain":
            return query.order_by(scores.c.score.nulls_last(), images.c.id)
    if wanted.order == "added":
        return query.order_by(images.c.id)
    if wanted.order == "name":
        return query.order_by(images.c.path, images.c.frame)
    times = (
        select(annotations.c.image_id, func.max(annotations.c.time).label("time"))
        .group_by(annotations.c.image_id)
        .subquery()
    )
    query = query.join(times, times.c.image_id == images.c.id, isouter=True)
    time = times.c.time.desc() if wanted.order == "newest label" else times.c.time.asc()
    return query.order_by(time.nulls_last(), images.c.id)
