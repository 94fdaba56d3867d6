import numpy as np
import pytest

from kpstudio.core.bootstrap import Bootstrap, Interval, intervals


def bootstrap(clusters, **options):
    made = Bootstrap.of(np.array(clusters), **options)
    assert made is not None
    return made


def test_the_interval_of_a_mean_is_the_text_books():
    values = np.random.default_rng(0).normal(10, 3, (400, 1))
    means = bootstrap(range(400), resamples=4000).means(values, np.isfinite(values))
    (found,) = intervals(means[:, None])
    half = 1.96 * values.std() / 20
    assert found.low == pytest.approx(values.mean() - half, abs=0.06 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.06 * half)


def test_more_of_the_same_image_tells_nothing_new():
    values = np.random.default_rng(1).normal(10, 3, (60, 1))
    once = bootstrap(range(60)).means(values, np.isfinite(values))
    again = np.repeat(values, 7, axis=0)
    sevenfold = bootstrap(np.repeat(np.arange(60), 7)).means(again, np.isfinite(again))
    np.testing.assert_allclose(once, sevenfold)


def test_quantiles_are_those_of_the_data_drawn_again():
    random = np.random.default_rng(2)
    values = random.gamma(2, 3, (23, 3))
    values[random.random(values.shape) < 0.2] = np.nan
    values[random.random(values.shape) < 0.1] = np.inf
    clusters = random.integers(0, 7, 23)
    clusters[:7] = range(7)
    made = bootstrap(clusters, resamples=31)
    levels = (0.25, 0.5, 0.9)
    found = made.quantiles(values, levels)
    pooled = made.pooled_quantiles(values, levels)
    for draw, columns, together in zip(made.draws, found, pooled, strict=True):
        again = np.repeat(values, draw[clusters], axis=0)
        for m in range(3):
            np.testing.assert_allclose(columns[:, m], naive(again[:, m], levels))
        np.testing.assert_allclose(together, naive(again.ravel(), levels))


def naive(values, levels):
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return np.full(len(levels), np.nan)
    return np.quantile(known, levels, method="inverted_cdf")


def test_many_values_are_worked_through_in_parts(monkeypatch):
    values = np.random.default_rng(3).gamma(2, 3, (50, 2))
    whole = bootstrap(range(50), resamples=40).quantiles(values, (0.5,))
    monkeypatch.setattr("kpstudio.core.bootstrap._MOST_AT_ONCE", 700)
    assert np.array_equal(bootstrap(range(50), resamples=40).quantiles(values, (0.5,)), whole)


def test_the_same_seed_gives_the_same_draws():
    assert np.array_equal(bootstrap(range(9)).draws, bootstrap(range(9)).draws)
    assert (bootstrap(range(9)).draws.sum(axis=1) == 9).all()


def test_one_cluster_tells_of_no_other():
    assert Bootstrap.of(np.zeros(5, dtype=int)) is None
    assert Bootstrap.of(np.zeros(0, dtype=int)) is None


def test_an_end_that_is_infinite_is_none():
    samples = np.column_stack([np.r_[np.arange(50.0), np.full(50, np.inf)], np.full(100, np.nan)])
    first, second = intervals(samples)
    assert first == Interval(2.0, None)
    assert second is None


def test_nothing_labelled_has_no_quantile():
    values = np.full((4, 2), np.nan)
    assert np.isnan(bootstrap(range(4)).quantiles(values, (0.5,))).all()
    assert np.isnan(bootstrap(range(4)).pooled_quantiles(values, (0.5,))).all()
    assert np.isnan(bootstrap(range(4)).means(values, np.isfinite(values))).all()
