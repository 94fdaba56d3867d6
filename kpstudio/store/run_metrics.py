"""The figures of trainings, step by step: a row for each step and name."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from kpstudio.core.run_metrics import ELAPSED_S, MEDIAN_PX, Place, RunMetrics
from kpstudio.store.tables import run_metrics

_DELETE = delete(run_metrics).where(
    run_metrics.c.run_id == bindparam("of_run"),
    run_metrics.c.step == bindparam("at"),
    run_metrics.c.name == bindparam("called"),
)


@dataclass(frozen=True)
class RunProgress:
    """How far a run came, by its figures.

    Args:
        steps: Optimiser steps.
        median_px: Smallest validation error in image pixels; None where there is none.
        elapsed_s: How long it took; None where that is not known.
    """

    steps: int = 0
    median_px: float | None = None
    elapsed_s: float | None = None


def read_metrics(connection: Connection, run_id: int) -> RunMetrics:
    """What is stored of a run; empty where an older version stored nothing."""
    columns = run_metrics.c
    rows = connection.execute(
        select(columns.name, columns.step, columns.value)
        .where(columns.run_id == run_id)
        .order_by(columns.step)
    )
    curves: dict[str, list[tuple[int, float | None]]] = {}
    for name, step, value in rows:
        curves.setdefault(name, []).append((step, value))
    return RunMetrics({name: tuple(points) for name, points in sorted(curves.items())})


def read_progress(connection: Connection) -> dict[int, RunProgress]:
    """How far each run came, by its number; without those that have no figures."""
    columns = run_metrics.c
    rows = connection.execute(
        select(
            columns.run_id,
            func.max(columns.step),
            func.min(columns.value).filter(columns.name == MEDIAN_PX),
            func.max(columns.value).filter(columns.name == ELAPSED_S),
        ).group_by(columns.run_id)
    )
    return {run_id: RunProgress(*figures) for run_id, *figures in rows}


def write_metrics(
    connection: Connection,
    run_id: int,
    new: Mapping[Place, float | None],
    gone: frozenset[Place] = frozenset(),
) -> None:
    """Put figures in their places, steps and names, and take others away."""
    if gone:
        connection.execute(
            _DELETE, [{"of_run": run_id, "at": step, "called": name} for step, name in gone]
        )
    if new:
        put = insert(run_metrics)
        put = put.on_conflict_do_update(
            index_elements=["run_id", "step", "name"], set_={"value": put.excluded.value}
        )
        connection.execute(
            put,
            [
                {"run_id": run_id, "step": step, "name": name, "value": value}
                for (step, name), value in new.items()
            ],
        )
