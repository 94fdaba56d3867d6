"""Predictions: one row per subject, arrays as little-endian bytes."""

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, bindparam, delete, insert, select

from kpstudio.core.annotation import Prediction
from kpstudio.core.geometry import Box
from kpstudio.store.runs import keypoint_ids_of
from kpstudio.store.skeletons import StoredSkeleton
from kpstudio.store.tables import predictions

_DELETE = delete(predictions).where(
    predictions.c.run_id == bindparam("of_run"), predictions.c.image_id == bindparam("of_image")
)


def write_predictions(
    connection: Connection, run_id: int, decoder: str, new: Mapping[int, Sequence[Prediction]]
) -> None:
    """Replace what a run had predicted for some images, by their ids."""
    if new:
        connection.execute(_DELETE, [{"of_run": run_id, "of_image": each} for each in new])
    rows = [
        {
            "run_id": run_id,
            "image_id": image_id,
            "position": position,
            "decoder": decoder,
            "xy": each.xy.astype("<f8").tobytes(),
            "scores": each.scores.astype("<f8").tobytes(),
            "box_x": each.box.x,
            "box_y": each.box.y,
            "box_width": each.box.width,
            "box_height": each.box.height,
            "score": each.score,
        }
        for image_id, subjects in new.items()
        for position, each in enumerate(subjects)
    ]
    if rows:
        connection.execute(insert(predictions), rows)


def read_predictions(
    connection: Connection, stored: StoredSkeleton, run_id: int, image_id: int | None = None
) -> tuple[Prediction, ...]:
    """What a run predicted for one image, or for all, in the order given.

    A keypoint that the run did not know has no position and a score of 0.
    """
    query = select(predictions).where(predictions.c.run_id == run_id)
    if image_id is not None:
        query = query.where(predictions.c.image_id == image_id)
    rows = connection.execute(query.order_by(predictions.c.image_id, predictions.c.position))
    order = _order(keypoint_ids_of(connection, run_id), stored)
    return tuple(
        Prediction(
            image_id=row.image_id,
            run_id=row.run_id,
            # The last row stands for what the run does not know.
            xy=np.append(np.frombuffer(row.xy, "<f8").reshape(-1, 2), [[np.nan] * 2], 0)[order],
            scores=np.append(np.frombuffer(row.scores, "<f8"), 0.0)[order],
            box=Box(row.box_x, row.box_y, row.box_width, row.box_height),
            score=row.score,
        )
        for row in rows
    )


def _order(of_run: list[int] | None, stored: StoredSkeleton) -> list[int]:
    """For each keypoint of now its index in the run's answers; -1 where the run has none."""
    # Before runs said it, the skeleton could not change, and ids began at 1.
    known = of_run if of_run is not None else range(1, len(stored.keypoint_ids) + 1)
    index = {keypoint_id: position for position, keypoint_id in enumerate(known)}
    return [index.get(each, -1) for each in stored.keypoint_ids]
