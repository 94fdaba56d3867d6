"""One predicted subject of the open image, with the heatmaps behind it."""

from dataclasses import dataclass

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
