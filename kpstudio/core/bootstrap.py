"""How far a figure would move on other data of the same kind: resampling of whole clusters.

Keypoints of one image err alike, and so do images of one video or one person. So what is drawn
again is whole clusters, and all that is in them.

Source: Efron, Tibshirani: An Introduction to the Bootstrap, 1993, sections 13.3 (percentiles) and
8.6 (clusters as units).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kpstudio.core.shapes import Bool, Float, Int

RESAMPLES = 1000
CONFIDENCE = 0.95
_MOST_AT_ONCE = 1 << 18


class Interval(NamedTuple):
    """Ends of an interval of 95 %; None is infinite, where too many answers were missed."""

    low: float | None
    high: float | None


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """The same draws for every figure, so that differences between decoders are paired.

    Args:
        draws: (R, C) how often each cluster was drawn in each resample.
        clusters: (N,) which cluster each subject belongs to.
    """

    draws: Int[np.ndarray, "R C"]
    clusters: Int[np.ndarray, " N"]

    @classmethod
    def of(
        cls, clusters: Int[np.ndarray, " N"], *, resamples: int = RESAMPLES, seed: int = 0
    ) -> "Bootstrap | None":
        """As many clusters again as there are; None for fewer than two, which tell of no other.

        Args:
            clusters: (N,) from 0.
            resamples: R.
            seed: The same one gives the same intervals.
        """
        count = int(clusters.max()) + 1 if len(clusters) else 0
        if count < 2:
            return None
        random = np.random.default_rng(seed)
        draws = random.multinomial(count, np.full(count, 1 / count), size=resamples)
        return cls(draws.astype(np.int32), clusters)

    def means(
        self, values: Float[np.ndarray, "N M"], is_meant: Bool[np.ndarray, "N M"]
    ) -> Float[np.ndarray, " R"]:
        """The mean over all that is meant, of each resample; NaN of nothing."""
        sums = self._by_cluster(np.where(is_meant, values, 0).sum(axis=1))
        counts = self._by_cluster(is_meant.sum(axis=1))
        total = self.draws @ counts
        return np.asarray(np.where(total > 0, (self.draws @ sums) / np.maximum(total, 1), np.nan))

    def quantiles(
        self, values: Float[np.ndarray, "N M"], levels: Sequence[float]
    ) -> Float[np.ndarray, "R Q M"]:
        """Quantiles of each column in each resample, without interpolation.

        Args:
            values: Infinite where there is no answer, NaN where there is no label.
            levels: Q of them, 0 to 1.
        """
        order = np.argsort(values, axis=0)
        ordered = np.take_along_axis(values, order, axis=0)
        # What is not labelled belongs to a cluster that is never drawn.
        draws = np.pad(self.draws, ((0, 0), (0, 1))).astype(np.int16)
        cluster = np.where(np.isnan(ordered), self.draws.shape[1], self.clusters[order])
        at_once = max(1, _MOST_AT_ONCE // max(values.size, 1))
        parts = [
            _weighted_quantiles(
                ordered, draws[start : start + at_once].take(cluster, axis=1), levels
            )
            for start in range(0, len(self.draws), at_once)
        ]
        return np.concatenate(parts)

    def pooled_quantiles(
        self, values: Float[np.ndarray, "N K"], levels: Sequence[float]
    ) -> Float[np.ndarray, "R Q"]:
        """Quantiles of all columns together in each resample."""
        flat = Bootstrap(self.draws, self.clusters.repeat(values.shape[1]))
        is_labelled = ~np.isnan(values).ravel()
        flat = Bootstrap(self.draws, flat.clusters[is_labelled])
        return flat.quantiles(values.ravel()[is_labelled][:, None], levels)[:, :, 0]

    def _by_cluster(self, values: Float[np.ndarray, " N"] | Int[np.ndarray, " N"]) -> np.ndarray:
        return np.bincount(self.clusters, values, minlength=self.draws.shape[1])


def _weighted_quantiles(
    ordered: Float[np.ndarray, "N M"], weights: Int[np.ndarray, "R N M"], levels: Sequence[float]
) -> Float[np.ndarray, "R Q M"]:
    """The first values that so much of the weight is not above; NaN without any weight."""
    reached = np.cumsum(weights, axis=1, dtype=np.int32)
    total = reached[:, -1:] if ordered.shape[0] else np.zeros((len(weights), 1, ordered.shape[1]))
    found = []
    for level in levels:
        place = (reached < np.maximum(np.ceil(level * total - 1e-9), 1)).sum(axis=1)
        inside = np.minimum(place, max(len(ordered) - 1, 0))
        values = np.take_along_axis(ordered, inside, axis=0) if len(ordered) else place * np.nan
        found.append(np.where(total[:, 0] > 0, values, np.nan))
    return np.stack(found, axis=1)


def percentiles(samples: Float[np.ndarray, "R M"]) -> Float[np.ndarray, "2 M"]:
    """Both ends of the middle 95 % of each column; NaN is left out, and is what nothing gives."""
    ordered = np.sort(samples, axis=0)
    last = np.maximum((~np.isnan(samples)).sum(axis=0) - 1, 0)
    tail = (1 - CONFIDENCE) / 2
    places = np.stack([np.rint(tail * last), np.rint((1 - tail) * last)]).astype(int)
    return np.asarray(np.take_along_axis(ordered, places, axis=0))


def intervals(samples: Float[np.ndarray, "R M"]) -> list[Interval | None]:
    """The middle 95 % of what resamples gave, for each figure; None of nothing."""
    return [
        None if np.isnan(low) else Interval(_finite(low), _finite(high))
        for low, high in percentiles(samples).T
    ]


def _finite(value: np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None
