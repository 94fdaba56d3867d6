"""Which decoder does best for one network, and how sure that is."""

from collections.abc import Mapping

import msgspec
import numpy as np
from jaxtyping import Float

from kpstudio.core.bootstrap import Interval, intervals, percentiles
from kpstudio.core.metrics import ErrorSummary
from kpstudio.training.decoder_report import DecoderReport


class Difference(msgspec.Struct, frozen=True):
    """How far a decoder is behind the best one.

    Args:
        median_px: Difference of the medians in pixels; None where one of them is infinite.
        interval: Of 95 %, both decoders on the same resamples; None where there is none.
        is_clear: All of the interval is on the worse side.
    """

    median_px: float | None
    interval: Interval | None
    is_clear: bool


class Leaderboard(msgspec.Struct, frozen=True):
    """Decoders by their median error, the mean where medians are equal.

    Args:
        best: Name.
        order: All names, the best first.
        behind: Of all but the best.
        per_keypoint: The best decoder by name of keypoint; None where all have missed half of them.
    """

    best: str
    order: tuple[str, ...]
    behind: dict[str, Difference]
    per_keypoint: dict[str, str | None]


def rank_decoders(
    reports: Mapping[str, DecoderReport],
    medians: Mapping[str, Float[np.ndarray, " R"]],
) -> Leaderboard:
    """The leaderboard.

    Args:
        reports: At least one, by decoder.
        medians: Of the same resamples for each decoder; empty where there are none.
    """
    order = sorted(reports, key=lambda name: _figures(reports[name]))
    best = order[0]
    keypoints = reports[best].per_keypoint
    return Leaderboard(
        best,
        tuple(order),
        {name: _difference(name, best, reports, medians) for name in order[1:]},
        {name: _best_of(name, reports) for name in keypoints},
    )


def _difference(
    name: str,
    best: str,
    reports: Mapping[str, DecoderReport],
    medians: Mapping[str, Float[np.ndarray, " R"]],
) -> Difference:
    ours, theirs = reports[name].median_px, reports[best].median_px
    apart = None if ours is None or theirs is None else ours - theirs
    if not medians:
        return Difference(apart, None, is_clear=False)
    ours_again, theirs_again = medians[name], medians[best]
    # Where neither has a median, none of them is ahead.
    both = np.isinf(ours_again) & np.isinf(theirs_again)
    samples = np.where(both, 0.0, ours_again) - np.where(both, 0.0, theirs_again)
    low = percentiles(samples[:, None])[0, 0]
    return Difference(apart, intervals(samples[:, None])[0], is_clear=bool(low > 0))


def _best_of(keypoint: str, reports: Mapping[str, DecoderReport]) -> str | None:
    figures = {name: _figures(each.per_keypoint[keypoint]) for name, each in reports.items()}
    best = min(figures, key=lambda name: figures[name])
    return best if np.isfinite(figures[best][0]) else None


def _figures(summary: ErrorSummary) -> tuple[float, float]:
    """Median and mean, as numbers that can be compared."""
    pair = (summary.median_px, summary.mean_px)
    median, mean = (np.inf if each is None else each for each in pair)
    return median, mean
