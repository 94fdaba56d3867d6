import pytest

from kpstudio.training import pacing as module
from kpstudio.training.pacing import Pacing


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_steps_are_counted_exactly(clock):
    pacing = Pacing(steps=7, minutes=1)
    pacing.start_steps()
    while not pacing.is_over():
        pacing.step += 1
        clock.now += 1000
    assert pacing.step == 7


def test_by_time_it_ends_early_enough_for_the_last_validation(clock):
    pacing = Pacing(steps=None, minutes=1)
    clock.now += 5
    pacing.start_steps()
    pacing.allow_for(2.0)
    while not pacing.is_over():
        pacing.step += 1
        clock.now += 0.25
    assert 57 < pacing.elapsed_s() + 2.0 <= 60.25


def test_a_training_whose_time_went_into_preparation_still_makes_a_step(clock):
    pacing = Pacing(steps=None, minutes=1)
    clock.now += 90
    pacing.start_steps()
    assert not pacing.is_over()
    pacing.step += 1
    assert pacing.is_over()


def test_validations_come_a_handful_of_times_each_once(clock):
    pacing = Pacing(steps=100, minutes=1)
    pacing.start_steps()
    due = []
    while not pacing.is_over():
        pacing.step += 1
        if pacing.is_validation_due():
            due.append(pacing.step)
    assert due == [30, 55, 75, 90]


def test_the_learning_rate_rises_and_then_falls_to_zero(clock):
    pacing = Pacing(steps=100, minutes=1)
    pacing.start_steps()
    factors = []
    while not pacing.is_over():
        factors.append(pacing.learning_rate_factor())
        pacing.step += 1
    top = factors.index(max(factors))
    assert 0 < factors[0] < factors[top] == 1.0
    assert factors[top:] == sorted(factors[top:], reverse=True)
    assert factors[-1] < 0.01


def test_slow_validations_leave_time_to_learn(clock):
    pacing = Pacing(steps=None, minutes=20)
    pacing.start_steps()
    validations = 0
    while not pacing.is_over():
        pacing.step += 1
        clock.now += 1
        if pacing.is_validation_due():
            validations += 1
            clock.now += 50
            pacing.allow_for(50.0)
    assert validations <= 6
    assert pacing.step > 800
