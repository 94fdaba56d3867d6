"""Keeps the curves of a training in the project while it goes."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    TrainingEnded,
    TrainingEvent,
    TrainingNote,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.core.run_metrics import (
    ELAPSED_S,
    IS_BEST,
    LOSS,
    MEAN_PX,
    MEDIAN_PX,
    TRAIN_IMAGES,
    VAL_IMAGES,
    Curve,
    Place,
    RunMetrics,
)
from kpstudio.core.thin_curve import ThinCurve

if TYPE_CHECKING:
    from kpstudio.store.project import Project

WRITE_EVERY_S = 2.0
# What is written at once while it trains: the window waits for it.
MOST_ROWS = 24

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Loss:
    step: int
    loss: float
    count: int = 1


@dataclass(frozen=True)
class _Elapsed:
    step: int
    elapsed_s: float


@dataclass(frozen=True)
class _Validation:
    step: int
    median_px: float | None
    mean_px: float | None
    is_best: bool


def _mean(old: _Loss, new: _Loss) -> _Loss:
    count = old.count + new.count
    return _Loss(new.step, old.loss + (new.loss - old.loss) * new.count / count, count)


def _later(_: _Elapsed, new: _Elapsed) -> _Elapsed:
    return new


def _better(old: _Validation, new: _Validation) -> _Validation:
    is_worse = old.median_px is not None and (
        new.median_px is None or old.median_px < new.median_px
    )
    return old if is_worse else new


class RunRecorder:
    """The figures of one training, thinned, and written every few seconds.

    What a run that goes on does again takes the place of what it had done before it was broken off.

    Args:
        project: Of the run, open for writing; it is used by the thread that calls this.
        run_id: Of the run, which has begun or goes on.
        most_points: Of a curve.
        now: The clock, in seconds.
    """

    def __init__(
        self,
        project: "Project",
        run_id: int,
        *,
        most_points: int = 400,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._project, self.run_id, self._now = project, run_id, now
        stored = project.runs.metrics(run_id)
        self._stored = _places(stored)
        self._counts = {
            name: points[-1][1]
            for name, points in stored.curves.items()
            if name in (TRAIN_IMAGES, VAL_IMAGES)
        }
        self._losses = ThinCurve(_mean, (_Loss(*each) for each in stored.losses), most=most_points)
        elapsed = stored.curves.get(ELAPSED_S, ())
        self._elapsed = ThinCurve(
            _later, (_Elapsed(at, value or 0.0) for at, value in elapsed), most=most_points
        )
        means, bests = dict(stored.curves.get(MEAN_PX, ())), dict(stored.curves.get(IS_BEST, ()))
        self._validations = ThinCurve(
            _better,
            (
                _Validation(at, median, means.get(at), bool(bests.get(at)))
                for at, median in stored.curves.get(MEDIAN_PX, ())
            ),
            most=most_points,
        )
        self._has_begun = self._is_behind = False
        self._written_s = now()

    @property
    def metrics(self) -> RunMetrics:
        """All that is known of the run, stored or not."""
        validations = self._validations.points
        curves: dict[str, Curve] = {
            LOSS: tuple((each.step, each.loss) for each in self._losses.points),
            ELAPSED_S: tuple((each.step, each.elapsed_s) for each in self._elapsed.points),
            MEDIAN_PX: tuple((each.step, each.median_px) for each in validations),
            MEAN_PX: tuple((each.step, each.mean_px) for each in validations),
            IS_BEST: tuple((each.step, float(each.is_best)) for each in validations),
            **{name: ((0, value),) for name, value in self._counts.items()},
        }
        return RunMetrics({name: points for name, points in curves.items() if points})

    def note(self, event: TrainingEvent) -> None:
        """Take the figures of an event, and write them if it is time.

        What cannot be written now is written later: a training does not end for its curves.
        """
        match event:
            case TrainingStarted():
                self._counts = {
                    TRAIN_IMAGES: float(event.train_images),
                    VAL_IMAGES: float(event.val_images),
                }
            case TrainingStep():
                self._begin(event.step)
                self._losses.add(_Loss(event.step, event.loss))
                self._elapsed.add(_Elapsed(event.step, event.elapsed_s))
            case TrainingValidated():
                self._begin(event.step)
                self._validations.add(
                    _Validation(event.step, event.median_px, event.mean_px, event.is_best)
                )
                self._elapsed.add(_Elapsed(event.step, event.elapsed_s))
            case TrainingEnded() if self._has_begun:
                self._elapsed.add(_Elapsed(event.steps, event.elapsed_s))
            case TrainingEnded() | TrainingNote():
                return
        is_due = self._is_behind or self._now() - self._written_s >= WRITE_EVERY_S
        if is_due or isinstance(event, TrainingValidated):
            try:
                self._write_some()
            except UserProblem as problem:
                _LOG.warning("The curves are written later: %s", problem.message)

    def flush(self) -> None:
        """Write all that is not written yet.

        Raises:
            UserProblem: It could not be stored.
        """
        new, gone = self._unwritten()
        self._put(new, gone, waits=True)

    def _begin(self, step: int) -> None:
        """Forget what a run that goes on had done from here on."""
        if not self._has_begun:
            self._has_begun = True
            for curve in (self._losses, self._elapsed, self._validations):
                curve.forget_from(step)

    def _unwritten(self) -> tuple[dict[Place, float | None], frozenset[Place]]:
        """Figures that the project does not have, and places of those that are no more."""
        known, stored = _places(self.metrics), self._stored
        new = {
            place: value
            for place, value in known.items()
            if place not in stored or stored[place] != value
        }
        return new, frozenset(stored.keys() - known.keys())

    def _write_some(self) -> None:
        """The newest figures; when neighbours were joined, all others are to be written again."""
        self._written_s = self._now()
        new, gone = self._unwritten()
        self._is_behind = len(new) > MOST_ROWS or len(gone) > MOST_ROWS
        self._put(
            {place: new[place] for place in sorted(new, reverse=True)[:MOST_ROWS]},
            frozenset(sorted(gone, reverse=True)[:MOST_ROWS]),
            waits=False,
        )

    def _put(self, new: dict[Place, float | None], gone: frozenset[Place], *, waits: bool) -> None:
        if new or gone:
            self._project.runs.put_metrics(self.run_id, new, gone, waits=waits)
            self._stored = {k: v for k, v in self._stored.items() if k not in gone} | new


def _places(metrics: RunMetrics) -> dict[Place, float | None]:
    """Every figure by its step and name, as a table can hold it."""
    return {
        (step, name): value if value is not None and math.isfinite(value) else None
        for name, points in metrics.curves.items()
        for step, value in points
    }
