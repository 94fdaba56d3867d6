import numpy as np
import pytest

from kpstudio.core.bootstrap import Interval
from kpstudio.core.metrics import ErrorSummary
from kpstudio.training.decoder_report import DecoderReport
from kpstudio.training.leaderboard import rank_decoders


def summary(median, mean=1.0):
    return ErrorSummary(median_px=median, mean_px=mean, p90_px=None, keypoints=9, missed=0)


def report(median, mean=1.0, **keypoints):
    per_keypoint = {name: summary(value) for name, value in keypoints.items()}
    return DecoderReport(
        median_px=median,
        mean_px=mean,
        p90_px=None,
        keypoints=9,
        missed=0,
        per_keypoint=per_keypoint,
    )


def test_the_smaller_median_leads_and_the_mean_decides_between_equals():
    board = rank_decoders(
        {
            "none": report(None, a=None, b=None),
            "far": report(3.0, a=1.0, b=None),
            "mean": report(2.0, 5.0, a=4.0, b=None),
            "best": report(2.0, 4.0, a=2.0, b=None),
        },
        {},
    )
    assert board.order == ("best", "mean", "far", "none")
    assert board.per_keypoint == {"a": "far", "b": None}
    assert board.behind["far"].median_px == pytest.approx(1.0)
    assert board.behind["none"].median_px is None
    assert board.behind["far"].interval is None


def test_a_difference_is_paired():
    common = np.random.default_rng(0).normal(10, 3, 500)
    medians = {
        "best": common,
        "always worse": common + 0.1,
        "as good": common + np.where(np.arange(500) % 2, 0.2, -0.1),
        "lost": np.full(500, np.inf),
    }
    reports = {name: report(10 + i / 10) for i, name in enumerate(medians)}
    board = rank_decoders(reports, medians)
    worse, alike = board.behind["always worse"], board.behind["as good"]
    assert worse.is_clear
    assert worse.interval == pytest.approx((0.1, 0.1))
    assert not alike.is_clear
    assert alike.interval == pytest.approx((-0.1, 0.2))
    assert board.behind["lost"].interval == Interval(None, None)
    assert board.behind["lost"].is_clear


def test_two_that_have_no_median_are_equal():
    lost = np.full(20, np.inf)
    board = rank_decoders({"a": report(None), "b": report(None)}, {"a": lost, "b": lost})
    assert board.behind["b"].interval == (0, 0)
    assert not board.behind["b"].is_clear
