"""The images that a filter lets through, as ids: a million of them are listed by their numbers.

The database says which images meet a condition, or in which order they come, as one text of ids;
conditions and order meet as arrays. A row of its own for each of a million ids would cost more
than all the rest.
"""

from functools import reduce

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    ScalarSelect,
    Select,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)

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
LABELLED_IMAGES = select(annotations.c.image_id).where(_HAS_LABEL).distinct()
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
    if wanted.order == "least certain" or wanted.bounds_score:
        scores = _lowest_scores(connection)
    found = _matching(connection, wanted, scores)
    first = _first(connection, wanted, scores)
    if first is None or not found.size:
        return found
    first = first[np.isin(first, found)]
    return np.concatenate([first, found[np.isin(found, first, invert=True)]])


def _matching(connection: Connection, wanted: ImageFilter, scores: _Scores) -> _Ids:
    """Ids that meet all conditions, ascending."""
    sets = [_ids(connection, query) for query in _conditions(connection, wanted)]
    if wanted.bounds_score:
        low, high = wanted.score_above, wanted.score_below
        above = scores[1] > (-1 if low is None else int(low * _SCORE_UNIT))
        sets.append(scores[0][above & (scores[1] < _SCORE_UNIT * (2 if high is None else high))])
    if sets:
        # From the smallest on, so that the others are only asked for few.
        sets.sort(key=len)
        found = np.sort(reduce(lambda kept, each: kept[np.isin(kept, each)], sets))
    else:
        found = _all(connection)
    if wanted.labelled == "unlabelled":
        found = found[np.isin(found, _ids(connection, LABELLED_IMAGES), invert=True)]
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
        queries.append(LABELLED_IMAGES)
    queries += [_missing(connection, name) for name in wanted.missing]
    queries += [select(annotations.c.image_id).where(each) for each in _of_annotations(wanted)]
    if wanted.size_below is not None or wanted.size_above is not None:
        queries.append(_of_size(wanted.size_above, wanted.size_below))
    if wanted.run is not None:
        queries.append(select(predictions.c.image_id).where(predictions.c.run_id == wanted.run))
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


def _of_annotations(wanted: ImageFilter) -> list[ColumnElement[bool]]:
    """Each of another annotation, if need be: one by Ann, and one that was imported."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.author:
        conditions.append(annotations.c.author == wanted.author)
    if wanted.track:
        conditions.append(annotations.c.track == wanted.track)
    if wanted.source:
        inside = annotations.c.source.startswith(f"{wanted.source}:", autoescape=True)
        conditions.append(or_(annotations.c.source == wanted.source, inside))
    return conditions


def _of_size(above: float | None, below: float | None) -> Select[tuple[int]]:
    """Images with an annotation whose longer side fits: of its box, else around its keypoints."""
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
    size = case((annotations.c.box_width.is_not(None), of_box), else_=extent).label("size")
    sizes = select(annotations.c.image_id, size).subquery()
    fitting = select(sizes.c.image_id)
    if below is not None:
        fitting = fitting.where(sizes.c.size < below)
    return fitting if above is None else fitting.where(sizes.c.size > above)


def newest_predicted_run() -> ScalarSelect[int]:
    """The number of the newest run that has predictions stored."""
    return select(func.max(predictions.c.run_id)).scalar_subquery()


def _missing(connection: Connection, name: str) -> Select[tuple[int]]:
    """Images with an annotation in which a keypoint is not labelled."""
    known = connection.execute(
        select(keypoints.c.name, keypoints.c.id)
        .where(keypoints.c.position.is_not(None))
        .order_by(keypoints.c.position)
    )
    ids = {str(row.name): int(row.id) for row in known}
    wanted = next((each for each in ids if each.casefold() == name.casefold()), None)
    if wanted is None:
        raise UserProblem(
            f"There is no keypoint “{name}” that could be missing.", f"There are: {', '.join(ids)}."
        )
    is_there = exists().where(
        annotation_keypoints.c.subject == annotations.c.subject,
        annotation_keypoints.c.keypoint_id == ids[wanted],
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
            predictions.c.run_id == newest_predicted_run()
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
