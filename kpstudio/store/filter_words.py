"""Which values there are to look for."""

from sqlalchemy import Column, Connection, exists, select

from kpstudio.core.filter_words import FilterWords
from kpstudio.store.marks import read_tags
from kpstudio.store.tables import annotations, keypoints, predictions, runs

_MOST_TRACKS = 200


def read_filter_words(connection: Connection) -> FilterWords:
    """All of them."""
    predicted = select(runs.c.id, runs.c.name).where(
        exists().where(predictions.c.run_id == runs.c.id)
    )
    named = select(keypoints.c.name).where(keypoints.c.position.is_not(None))
    return FilterWords(
        read_tags(connection),
        _distinct(connection, annotations.c.author),
        _distinct(connection, annotations.c.source),
        _distinct(connection, annotations.c.track)[:_MOST_TRACKS],
        tuple(
            (row.id, row.name) for row in connection.execute(predicted.order_by(runs.c.id.desc()))
        ),
        tuple(connection.execute(named.order_by(keypoints.c.position)).scalars()),
    )


def _distinct(connection: Connection, column: Column[str]) -> tuple[str, ...]:
    query = select(column).where(column != "").distinct().order_by(column)
    return tuple(connection.execute(query).scalars())
