"""The images that a filter lets through, as ids: a million of them are listed by their numbers.

The database says which images meet a condition, or in which order they come, as one text of ids;
conditions and order meet as arrays. A row of its own for each of a million ids would cost more
than all the rest.
"""

from functools import reduce

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Integer, Select, cast, exists, func, select

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

_HAS_LABEL = exists().where(
    annotation_keypoints.c.subject == annotations.c.subject,
    annotation_keypoints.c.visibility > 0,
    annotation_keypoints.c.keypoint_id == keypoints.c.id,
    keypoints.c.position.is_not(None),
)
_LABELLED = select(annotations.c.image_id).where(_HAS_LABEL).distinct()
_SCORE_UNIT = 1e15

_Ids = NDArray[np.int64]
_Scores = tuple[_Ids, NDArray[np.int64]]
_NONE = np.empty(0, dtype=np.int64)


def find_images(connection: Connection, wanted: ImageFilter) -> _Ids:
    """Ids in the order of the filter.

    Raises:
        UserProblem: It asks for a keypoint that the project does not have.
    """
    scores: _Scores = (_NONE, _NONE)
    if wanted.order == "least certain" or wanted.score is not None:
        scores = _lowest_scores(connection)
    found = _matching(connection, wanted, scores)
    first = _first(connection, wanted, scores)
    if first is None or not found.size:
        return found
    first = first[np.isin(first, found)]
    return np.concatenate([first, found[np.isin(found, first, invert=True)]])


def labelled_splits(connection: Connection) -> dict[Split | None, int]:
    """How many labelled images each part has."""
    labelled = _LABELLED.subquery()
    counts = select(images.c.split, func.count().label("number")).join_from(
        labelled, images, labelled.c.image_id == images.c.id
    )
    rows = connection.execute(counts.group_by(images.c.split))
    return {row.split: row.number for row in rows}


def _matching(connection: Connection, wanted: ImageFilter, scores: _Scores) -> _Ids:
    """Ids that meet all conditions, ascending."""
    sets = [_ids(connection, query) for query in _conditions(connection, wanted)]
    if wanted.score is not None:
        low, high = (_SCORE_UNIT * each for each in wanted.score)
        sets.append(scores[0][(scores[1] >= int(low)) & (scores[1] <= int(high))])
    if sets:
        # From the smallest on, so that the others are only asked for few.
        sets.sort(key=len)
        found = np.sort(reduce(lambda kept, each: kept[np.isin(kept, each)], sets))
    else:
        found = _all(connection)
    if wanted.labelled == "unlabelled":
        found = found[np.isin(found, _ids(connection, _LABELLED), invert=True)]
    return found


def _all(connection: Connection) -> _Ids:
    first, last, count = connection.execute(
        select(func.min(images.c.id), func.max(images.c.id), func.count())
    ).one()
    if not count:
        return _NONE
    if last - first + 1 == count:
        return np.arange(first, last + 1, dtype=np.int64)
    return _ids(connection, select(images.c.id).order_by(images.c.id))


def _ids(connection: Connection, query: Select[tuple[int]]) -> _Ids:
    """The one column of a query, in its order."""
    rows = query.subquery()
    return _numbers(connection.execute(select(func.group_concat(rows.c[0]))).scalar())


def _numbers(text: str | None) -> NDArray[np.int64]:
    return np.fromstring(text or "", dtype=np.int64, sep=",")


def _conditions(connection: Connection, wanted: ImageFilter) -> list[Select[tuple[int]]]:
    """For each kind of condition the images that meet it."""
    queries = [select(image_tags.c.image_id).where(image_tags.c.tag == tag) for tag in wanted.tags]
    if wanted.labelled == "labelled":
        queries.append(_LABELLED)
    queries += [_missing(connection, name) for name in wanted.missing]
    # LIKE does not heed the case of ASCII letters.
    plain: list[ColumnElement[bool]] = [
        images.c.path.contains(word, autoescape=True) for word in wanted.words
    ]
    if wanted.split is not None:
        plain.append(images.c.split == wanted.split)
    if wanted.review is not None:
        plain.append(images.c.review == wanted.review)
    if wanted.has_issue:
        queries.append(select(issues.c.image_id).where(issues.c.is_open == 1).distinct())
    if plain:
        queries.append(select(images.c.id).where(*plain))
    return queries


def _missing(connection: Connection, name: str) -> Select[tuple[int]]:
    """Images with an annotation in which a keypoint is not labelled."""
    known = connection.execute(
        select(keypoints.c.name, keypoints.c.id)
        .where(keypoints.c.position.is_not(None))
        .order_by(keypoints.c.position)
    )
    ids = {str(row.name): int(row.id) for row in known}
    if name not in ids:
        raise UserProblem(
            f"There is no keypoint “{name}” that could be missing.", f"There are: {', '.join(ids)}."
        )
    is_there = exists().where(
        annotation_keypoints.c.subject == annotations.c.subject,
        annotation_keypoints.c.keypoint_id == ids[name],
        annotation_keypoints.c.visibility > 0,
    )
    return select(annotations.c.image_id).where(_HAS_LABEL, ~is_there).distinct()


def _lowest_scores(connection: Connection) -> _Scores:
    """The images with predictions of the newest run, the least certain first, and their scores.

    A score is that of the least certain subject in units of `_SCORE_UNIT`: to write whole numbers
    takes the database half as long as to sort a million.
    """
    unit = cast(predictions.c.score * _SCORE_UNIT, Integer)
    ids, scores = connection.execute(
        select(func.group_concat(predictions.c.image_id), func.group_concat(unit)).where(
            predictions.c.run_id == select(func.max(predictions.c.run_id)).scalar_subquery()
        )
    ).one()
    found, lowest = _numbers(ids), _numbers(scores)
    order = np.lexsort((found, lowest))
    found, lowest = found[order], lowest[order]
    _, places = np.unique(found, return_index=True)
    if len(places) < len(found):
        places.sort()
        found, lowest = found[places], lowest[places]
    return found, lowest


def _first(connection: Connection, wanted: ImageFilter, scores: _Scores) -> _Ids | None:
    """The images that an order says something of, in that order; the others come after them."""
    if wanted.order == "added":
        return None
    if wanted.order == "name":
        return _ids(connection, select(images.c.id).order_by(images.c.path, images.c.frame))
    if wanted.order == "least certain":
        return scores[0]
    newest = func.max(annotations.c.time)
    by_time = select(annotations.c.image_id).group_by(annotations.c.image_id)
    order = newest.desc() if wanted.order == "newest label" else newest.asc()
    return _ids(connection, by_time.order_by(order, annotations.c.image_id))
