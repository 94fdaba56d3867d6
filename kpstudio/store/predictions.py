"""Predictions: one row per subject, arrays as little-endian bytes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, bindparam, delete, exists, select

from kpstudio.core.annotation import Prediction
from kpstudio.core.geometry import Box
from kpstudio.store.database import Database
from kpstudio.store.runs import keypoint_ids_of
from kpstudio.store.skeletons import StoredSkeleton
from kpstudio.store.tables import predictions, runs

_DELETE = delete(predictions).where(
    predictions.c.run_id == bindparam("of_run"), predictions.c.image_id == bindparam("of_image")
)
# In SQL as it is: to name the values of each row takes longer than to store them.
_PUT = (
    "INSERT INTO predictions (run_id, image_id, position, decoder, xy, scores,"
    " box_x, box_y, box_width, box_height, score) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_OF_RUN = (
    select(predictions)
    .where(predictions.c.run_id == bindparam("run"))
    .order_by(predictions.c.image_id, predictions.c.position)
)
_OF_IMAGE = _OF_RUN.where(predictions.c.image_id == bindparam("image"))


class Predictions:
    """What the runs of a project predicted.

    Args:
        database: The project file.
        skeleton: Answers what its keypoints are now.
    """

    def __init__(self, database: Database, skeleton: Callable[[], StoredSkeleton]) -> None:
        self._database = database
        self._skeleton = skeleton

    def put(self, run_id: int, image_id: int, decoder: str, new: Sequence[Prediction]) -> None:
        """Replace what a run had predicted for an image."""
        self.put_many(run_id, decoder, {image_id: new})

    def put_many(self, run_id: int, decoder: str, new: Mapping[int, Sequence[Prediction]]) -> None:
        """Replace what a run had predicted for some images, by their ids: all of them or none."""
        rows = [
            (
                run_id,
                image_id,
                position,
                decoder,
                each.xy.astype("<f8").tobytes(),
                each.scores.astype("<f8").tobytes(),
                each.box.x,
                each.box.y,
                each.box.width,
                each.box.height,
                each.score,
            )
            for image_id, subjects in new.items()
            for position, each in enumerate(subjects)
        ]
        with self._database.writing("The predictions were") as connection:
            if new:
                old = [{"of_run": run_id, "of_image": each} for each in new]
                connection.execute(_DELETE, old)
            if rows:
                connection.exec_driver_sql(_PUT, rows)

    def of(self, run_id: int, image_id: int | None = None) -> tuple[Prediction, ...]:
        """What a run predicted for one image, or for all of them, in the keypoints of now.

        A keypoint that the run did not know has no position and a score of 0.
        """
        with self._database.reading() as connection:
            if image_id is None:
                rows = connection.execute(_OF_RUN, {"run": run_id})
            else:
                rows = connection.execute(_OF_IMAGE, {"run": run_id, "image": image_id})
            order = list(_order(connection, self._skeleton(), run_id) or ())
            return tuple(_prediction(row, order) for row in rows)

    def runs(self) -> frozenset[int]:
        """Numbers of the runs that have predicted anything that is stored."""
        has_any = exists().where(predictions.c.run_id == runs.c.id)
        with self._database.reading() as connection:
            return frozenset(connection.execute(select(runs.c.id).where(has_any)).scalars())

    def order(self, run_id: int, *, count: int) -> tuple[int, ...] | None:
        """For each keypoint of now its index in what a run answers; -1 where it has no answer.

        Args:
            run_id: Of the run.
            count: How many keypoints it answers for.

        Returns:
            The order; None where the run was not for that many keypoints.
        """
        with self._database.reading() as connection:
            return _order(connection, self._skeleton(), run_id, count=count)

    def has_same_keypoints(self, run_id: int) -> bool:
        """Whether a run answers for the keypoints of now, in this order, and for no others."""
        with self._database.reading() as connection:
            of_run = keypoint_ids_of(connection, run_id)
        now = self._skeleton().keypoint_ids
        known = range(1, len(now) + 1) if of_run is None else of_run
        return tuple(known) == now


def _order(
    connection: Connection, stored: StoredSkeleton, run_id: int, *, count: int | None = None
) -> tuple[int, ...] | None:
    of_run = keypoint_ids_of(connection, run_id)
    # Before runs said it, the skeleton could not change, and ids began at 1.
    known = range(1, (count or len(stored.keypoint_ids)) + 1) if of_run is None else of_run
    if count is not None and len(known) != count:
        return None
    index = {each: position for position, each in enumerate(known)}
    return tuple(index.get(each, -1) for each in stored.keypoint_ids)


def _prediction(row: Row[Any], order: list[int]) -> Prediction:
    # The last row stands for what the run does not know.
    xy = np.append(np.frombuffer(row.xy, "<f8").reshape(-1, 2), [[np.nan] * 2], 0)
    return Prediction(
        image_id=row.image_id,
        run_id=row.run_id,
        xy=xy[order],
        scores=np.append(np.frombuffer(row.scores, "<f8"), 0.0)[order],
        box=Box(row.box_x, row.box_y, row.box_width, row.box_height),
        score=row.score,
    )
