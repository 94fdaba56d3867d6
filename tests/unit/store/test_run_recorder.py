import math

import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import (
    TrainingEnded,
    TrainingNote,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.core.run_metrics import RunMetrics
from kpstudio.store.project import Project
from kpstudio.store.run_metrics import RunProgress
from kpstudio.store.run_recorder import MOST_ROWS, WRITE_EVERY_S, RunRecorder


class Clock:
    def __init__(self):
        self.time_s = 0.0

    def __call__(self):
        return self.time_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def recorder(project, clock):
    return RunRecorder(project, project.runs.start("a", {}).id, now=clock)


def step(at, loss=1.0):
    return TrainingStep(1, at, loss, 0.1, elapsed_s=0.5 * at, remaining_s=3.0)


def validated(at, median_px, *, is_best=True):
    mean_px = None if median_px is None else 2 * median_px
    return TrainingValidated(1, at, median_px, mean_px, is_best, elapsed_s=0.5 * at + 0.25)


def test_all_figures_of_a_training_are_stored_by_its_end(project, recorder):
    recorder.note(TrainingStarted(1, 31, 7, 100, "cpu"))
    for at in (1, 2, 3):
        recorder.note(step(at, 1 / at))
    recorder.note(validated(3, None))
    recorder.note(TrainingNote(1, 3, "half the rate"))
    recorder.note(step(5, math.nan))
    recorder.note(validated(5, 4.5, is_best=False))
    recorder.note(TrainingEnded(1, "finished", None, 6, 4.5, 9.0))
    recorder.flush()
    assert project.runs.metrics(1).curves == {
        "elapsed_s": ((1, 0.5), (2, 1.0), (3, 1.75), (5, 2.75), (6, 9.0)),
        "is_best": ((3, 1.0), (5, 0.0)),
        "loss": ((1, 1.0), (2, 0.5), (3, 1 / 3), (5, None)),
        "mean_px": ((3, None), (5, 9.0)),
        "median_px": ((3, None), (5, 4.5)),
        "train_images": ((0, 31.0),),
        "val_images": ((0, 7.0),),
    }
    assert project.runs.metrics(1).errors == ((5, 4.5),)
    assert project.runs.progress() == {1: RunProgress(6, 4.5, 9.0)}


def test_steps_are_written_now_and_then_and_validations_at_once(project, recorder, clock):
    recorder.note(step(1))
    clock.time_s += 0.9 * WRITE_EVERY_S
    recorder.note(step(2))
    assert project.runs.metrics(1) == RunMetrics()
    clock.time_s += 0.2 * WRITE_EVERY_S
    recorder.note(step(3))
    assert [at for at, _ in project.runs.metrics(1).losses] == [1, 2, 3]
    recorder.note(step(4))
    recorder.note(validated(4, 2.5))
    stored = project.runs.metrics(1)
    assert ([at for at, _ in stored.losses], stored.errors) == ([1, 2, 3, 4], ((4, 2.5),))


def test_what_was_stored_of_a_run_that_was_killed_stays(project, recorder):
    recorder.note(step(17))
    recorder.note(validated(19, 3.5))
    recorder.note(validated(23, 5.5, is_best=False))
    recorder.note(step(29))
    path = project.path
    project.close()
    with Project.open(path) as again:
        (run,) = again.runs.all()
        assert (run.state, run.steps, run.median_px) == ("interrupted", 23, 3.5)
        assert again.runs.metrics(1).losses == ((17, 1.0),)


def test_a_run_that_goes_on_replaces_what_it_does_again(project, recorder, clock):
    for at in range(1, 12):
        recorder.note(step(at))
    recorder.note(validated(10, 6.0))
    recorder.flush()
    again = RunRecorder(project, 1, now=clock)
    assert again.metrics == recorder.metrics
    again.note(TrainingStarted(1, 37, 5, 100, "cpu"))
    again.note(step(8, 0.25))
    again.note(step(9, 0.125))
    again.flush()
    stored = project.runs.metrics(1)
    assert stored.losses == (*((at, 1.0) for at in range(1, 8)), (8, 0.25), (9, 0.125))
    assert stored.errors == ()
    assert stored.curves["train_images"] == ((0, 37.0),)
    assert project.runs.progress()[1].steps == 9


def test_a_run_that_cannot_go_on_keeps_its_curves(project, recorder, clock):
    recorder.note(step(3))
    recorder.flush()
    before = project.runs.metrics(1)
    again = RunRecorder(project, 1, now=clock)
    again.note(TrainingEnded(1, "failed", None, 0, None, 0.1, "no memory"))
    again.flush()
    assert project.runs.metrics(1) == before


def test_a_long_training_is_stored_in_some_hundred_points(project, clock):
    recorder = RunRecorder(project, project.runs.start("a", {}).id, now=clock, most_points=41)
    for at in range(3, 3001, 3):
        recorder.note(step(at, 1 / at))
        if at % 60 == 0:
            recorder.note(validated(at, 100 / at))
            clock.time_s += WRITE_EVERY_S
    recorder.flush()
    stored = project.runs.metrics(1)
    assert stored == recorder.metrics
    for name in ("loss", "elapsed_s", "median_px"):
        assert 20 <= len(stored.curves[name]) <= 42
    assert stored.losses[-1][0] == 3000
    assert stored.errors[-1] == (3000, 100 / 3000)
    assert stored.elapsed_s == 1500.25


def test_no_write_is_long_while_it_trains_and_all_is_there_in_the_end(project, clock, monkeypatch):
    recorder = RunRecorder(project, project.runs.start("a", {}).id, now=clock, most_points=61)
    put, counts = project.runs.put_metrics, []

    def counted(run_id, new, gone, *, waits):
        counts.append(max(len(new), len(gone)))
        put(run_id, new, gone, waits=waits)

    monkeypatch.setattr(project.runs, "put_metrics", counted)
    for at in range(1, 257):
        clock.time_s += 0.3 * WRITE_EVERY_S
        recorder.note(step(at, 1 / at))
        assert max(counts, default=0) <= MOST_ROWS
    assert max(counts) == MOST_ROWS
    assert project.runs.metrics(1).losses[-1][0] > 250
    assert project.runs.metrics(1) != recorder.metrics
    recorder.flush()
    assert project.runs.metrics(1) == recorder.metrics


def test_the_best_validation_stays_when_neighbours_are_joined(project, clock):
    recorder = RunRecorder(project, project.runs.start("a", {}).id, now=clock, most_points=5)
    errors = {at: 9.0 + at % 2 for at in range(1, 60)} | {31: 1.5, 32: None}
    for at, error in errors.items():
        recorder.note(validated(at, error, is_best=at in (1, 31)))
    assert (31, 1.5) in recorder.metrics.errors
    assert (31, 1.0) in recorder.metrics.curves["is_best"]
    assert project.runs.progress()[1].median_px == 1.5


def test_a_training_does_not_wait_for_another_writer_and_loses_nothing(project, recorder, clock):
    twin = project.twin()
    with twin.database.writing("The import was") as connection:
        connection.exec_driver_sql("UPDATE runs SET name = 'mine'")
        clock.time_s += WRITE_EVERY_S
        recorder.note(step(1, 0.5))
        with pytest.raises(UserProblem, match="another program is writing"):
            project.runs.put_metrics(1, {(1, "loss"): 0.5}, waits=False)
    twin.close()
    assert project.runs.metrics(1) == RunMetrics()
    recorder.flush()
    assert project.runs.metrics(1).losses == ((1, 0.5),)
