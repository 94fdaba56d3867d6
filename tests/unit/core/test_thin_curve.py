from dataclasses import dataclass
from itertools import pairwise

import pytest

from kpstudio.core.thin_curve import ThinCurve


@dataclass(frozen=True)
class Sample:
    step: int
    value: float
    count: int = 1


def mean(old, new):
    count = old.count + new.count
    return Sample(new.step, (old.value * old.count + new.value * new.count) / count, count)


def thin(steps, most, value=float):
    curve = ThinCurve(mean, most=most)
    for step in steps:
        curve.add(Sample(step, value(step)))
    return curve


def test_a_short_curve_keeps_every_point():
    curve = thin(range(1, 12), 11)
    assert [each.step for each in curve.points] == list(range(1, 12))


@pytest.mark.parametrize(("every", "length"), [(1, 2003), (7, 1009), (13, 97)])
def test_a_long_curve_keeps_its_shape_in_few_points(every, length):
    steps = range(1, length * every, every)
    points = thin(steps, 37).points
    assert 18 <= len(points) <= 38
    assert points[-1].step == steps[-1]
    assert sum(each.count for each in points) == len(steps)
    gaps = [b.step - a.step for a, b in pairwise(points[1:-1])]
    assert max(gaps) < 2 * min(gaps) + 2 * every
    # Of a straight line the means lie on it, half a stretch behind.
    for before, each in pairwise(points):
        assert before.step < each.value <= each.step


def test_what_is_done_again_takes_the_place_of_what_was_done():
    curve = thin(range(1, 101), 200)
    curve.add(Sample(41, -5.0))
    curve.add(Sample(43, -7.0))
    assert [each.step for each in curve.points] == [*range(1, 41), 41, 43]
    assert [each.value for each in curve.points[-2:]] == [-5.0, -7.0]


def test_a_curve_that_is_taken_up_is_as_dense_as_before():
    whole = thin(range(1, 1201), 50)
    half = thin(range(1, 601), 50)
    again = ThinCurve(mean, half.points, most=50)
    for step in range(601, 1201):
        again.add(Sample(step, float(step)))
    assert [each.step for each in again.points] == [each.step for each in whole.points]
