"""One predicted subject of the open image, with the heatmaps behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.annotation import Prediction
from kpstudio.core.geometry import Affine, Box
from kpstudio.core.messages import SubjectMessage


@dataclass(frozen=True, eq=False)
class PredictedSubject:
    """What a model says of one subject.

    Args:
        xy: (K, 2) image pixels, NaN where there is no answer.
        scores: (K,) 0 to 1.
        box: Where it was found, in image pixels.
        score: That there is a subject, 0 to 1.
        covariance: (K, 2, 2) square image pixels, NaN where unknown; None for a stored one.
        other_peaks: (K, P, 3) x and y in image pixels and height of other maxima of the heatmaps,
            the highest first, NaN where there is none; None for a stored one.
        heatmaps: (K, H, W); None for a stored prediction, whose heatmaps are not kept.
        cell_to_image: Heatmap cells to image pixels; None without heatmaps.
    """

    xy: NDArray[np.float64]
    scores: NDArray[np.float64]
    box: Box
    score: float
    covariance: NDArray[np.float64] | None = None
    other_peaks: NDArray[np.float64] | None = None
    heatmaps: NDArray[np.floating] | None = None
    cell_to_image: Affine | None = None

    @classmethod
    def from_message(cls, message: SubjectMessage) -> "PredictedSubject":
        return cls(
            message.xy.array(),
            message.scores.array(),
            Box(*message.box),
            message.score,
            message.covariance.array(),
            message.other_peaks.array(),
            message.heatmaps.array(),
            message.placement(),
        )

    def in_order(self, order: Sequence[int]) -> "PredictedSubject":
        """The answers of another skeleton in the keypoints of this one.

        Args:
            order: For each keypoint of this one its index in the other; -1 where that has none.
        """
        index = np.asarray(order, dtype=np.intp)
        is_absent = index < 0

        def picked(values: NDArray[Any] | None, absent: float) -> NDArray[Any] | None:
            if values is None:
                return None
            chosen = values[index]
            chosen[is_absent] = absent
            return chosen

        xy, scores = picked(self.xy, np.nan), picked(self.scores, 0.0)
        assert xy is not None
        assert scores is not None
        return replace(
            self,
            xy=xy,
            scores=scores,
            covariance=picked(self.covariance, np.nan),
            other_peaks=picked(self.other_peaks, np.nan),
            heatmaps=picked(self.heatmaps, 0.0),
        )

    def bounds(self) -> Box:
        """The smallest box around its keypoints, else where it was found."""
        there = self.xy[np.isfinite(self.xy).all(axis=1)]
        return Box.around(there) if len(there) else self.box

    def deviation(self, keypoint: int) -> float:
        """Expected error on each axis in image pixels; NaN where unknown."""
        if self.covariance is None:
            return float("nan")
        return float(np.sqrt(np.trace(self.covariance[keypoint]) / 2))

    def rival(self, keypoint: int) -> float:
        """Height of the second peak over that of the first; 0 where there is none."""
        score = float(self.scores[keypoint])
        if self.other_peaks is None or not self.other_peaks.shape[1] or score <= 0:
            return 0.0
        return float(np.nan_to_num(self.other_peaks[keypoint, 0, 2])) / score

    @classmethod
    def from_stored(cls, prediction: Prediction) -> "PredictedSubject":
        return cls(prediction.xy, prediction.scores, prediction.box, prediction.score)
