"""Predictions: one row per subject, arrays as little-endian bytes."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection, delete, insert, select

from kpstudio.core.annotation import Prediction
from kpstudio.core.geometry import Box
from kpstudio.store.tables import predictions


def write_predictions(
    connection: Connection, run_id: int, image_id: int, decoder: str, new: Sequence[Prediction]
) -> None:
    """Replace what a run had predicted for an image."""
    connection.execute(
        delete(predictions).where(
            predictions.c.run_id == run_id, predictions.c.image_id == image_id
        )
    )
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
        for position, each in enumerate(new)
    ]
    if rows:
        connection.execute(insert(predictions), rows)


def read_predictions(
    connection: Connection, run_id: int, image_id: int | None = None
) -> tuple[Prediction, ...]:
    """What a run predicted for one image, or for all, in the order given."""
    query = select(predictions).where(predictions.c.run_id == run_id)
    if image_id is not None:
        query = query.where(predictions.c.image_id == image_id)
    rows = connection.execute(query.order_by(predictions.c.image_id, predictions.c.position))
    return tuple(
        Prediction(
            image_id=row.image_id,
            run_id=row.run_id,
            xy=np.frombuffer(row.xy, dtype="<f8").reshape(-1, 2),
            scores=np.frombuffer(row.scores, dtype="<f8"),
            box=Box(row.box_x, row.box_y, row.box_width, row.box_height),
            score=row.score,
        )
        for row in rows
    )
