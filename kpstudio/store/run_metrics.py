"""The figures of trainings, step by step: a row for each step and name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from kpstudio.store.tables import run_metrics

LOSS = "loss"
ELAPSED_S = "elapsed_s"
MEDIAN_PX = "median_px"
MEAN_PX = "mean_px"
IS_BEST = "is_best"
TRAIN_IMAGES = "train_images"
VAL_IMAGES = "val_images"

Curve = tuple[tuple[int, float | None], ...]
Place = tuple[int, str]

_DELETE = delete(run_metrics).where(
    run_metrics.c.run_id == bindparam("of_run"),
    run_metrics.c.step == bindparam("at"),
    run_metrics.c.name == bindparam("called"),
)


@dataclass(frozen=True)
class RunMetrics:
    """The curves of one run.

    Args:
        curves: By name, (step, value) in the order of the steps: "loss" is the mean since the point
            before; "elapsed_s" is how long the training had taken; "median_px" and "mean_px" are
            validation errors in image pixels, None where nothing was found, and "is_best" is 1
            where none was better before; "train_images" and "val_images" are counts at step 0.
    """

    curves: Mapping[str, Curve] = field(default_factory=dict)

    @property
    def losses(self) -> tuple[tuple[int, float], ...]:
        """Steps and losses."""
        return self._known(LOSS)

    @property
    def errors(self) -> tuple[tuple[int, float], ...]:
        """Steps and median validation errors in image pixels."""
        return self._known(MEDIAN_PX)

    @property
    def elapsed_s(self) -> float | None:
        """How long the training took, with what came before it was continued."""
        return max((value for _, value in self._known(ELAPSED_S)), default=None)

    def _known(self, name: str) -> tuple[tuple[int, float], ...]:
        points = self.curves.get(name, ())
        return tuple((step, value) for step, value in points if value is not None)


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
