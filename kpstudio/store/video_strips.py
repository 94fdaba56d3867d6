"""The frames of one video that a project has."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from kpstudio.core.video_strip import VideoStrip
from kpstudio.store.searching import LABELLED_IMAGES, newest_predicted_run
from kpstudio.store.tables import images, predictions


def read_strip(connection: Connection, image_id: int) -> VideoStrip | None:
    """The video of which an image is a frame; None where it is none.

    As length it has the number after its last known frame: the file itself is not looked at.
    """
    row = connection.execute(
        select(images.c.path, images.c.frame).where(images.c.id == image_id)
    ).one_or_none()
    if row is None or row.frame < 0:
        return None
    is_of_video = images.c.path == row.path
    known = np.array(
        connection.execute(
            select(images.c.id, images.c.frame)
            .where(is_of_video, images.c.frame >= 0)
            .order_by(images.c.frame)
        ).all(),
        dtype=np.int64,
    )
    ids, frames = known[:, 0], known[:, 1]
    of_video = select(images.c.id).where(is_of_video)
    labelled = connection.execute(of_video.where(images.c.id.in_(LABELLED_IMAGES))).scalars().all()
    scored = connection.execute(
        select(predictions.c.image_id, func.min(predictions.c.score))
        .where(predictions.c.run_id == newest_predicted_run(), predictions.c.image_id.in_(of_video))
        .group_by(predictions.c.image_id)
    ).all()
    return VideoStrip(
        ids,
        frames,
        np.isin(ids, np.array(labelled, dtype=np.int64)),
        _scores(ids, np.array(scored, dtype=np.float64).reshape(-1, 2)),
        int(frames[-1]) + 1,
    )


def _scores(ids: NDArray[np.int64], scored: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = np.full(len(ids), np.nan)
    order = np.argsort(ids)
    at = order[np.searchsorted(ids, scored[:, 0].astype(np.int64), sorter=order)]
    scores[at] = scored[:, 1]
    return scores
