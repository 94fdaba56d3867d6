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
        heatmaps: (K, H, W); None for a stored prediction, whose heatmaps are not kept.
        cell_to_image: Heatmap cells to image pixels; None without heatmaps.
    """

    xy: NDArray[np.float64]
    scores: NDArray[np.float64]
    box: Box
    score: float
    heatmaps: NDArray[np.floating] | None = None
    cell_to_image: Affine | None = None

    @classmethod
    def from_message(cls, message: SubjectMessage) -> "PredictedSubject":
        return cls(
            message.xy.array(),
            message.scores.array(),
            Box(*message.box),
            message.score,
            message.heatmaps.array(),
            message.placement(),
        )

    @classmethod
    def from_stored(cls, prediction: Prediction) -> "PredictedSubject":
        return cls(prediction.xy, prediction.scores, prediction.box, prediction.score)
