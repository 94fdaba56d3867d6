"""Where each keypoint of a predicted subject may be: its decoded position and the other peaks."""

from dataclasses import dataclass

import numpy as np

from kpstudio.core.shapes import Float


@dataclass(frozen=True, eq=False)
class Candidates:
    """Possible positions of K keypoints, the decoded one first.

    Args:
        xy: (K, J, 2) image pixels, NaN where there are fewer.
        heights: (K, J) of the heatmap there, 0 to 1.
        covariance: (K, 2, 2) square image pixels, of the decoded position's error; NaN where
            unknown.
    """

    xy: Float[np.ndarray, "K J 2"]
    heights: Float[np.ndarray, "K J"]
    covariance: Float[np.ndarray, "K 2 2"]

    @classmethod
    def of_prediction(
        cls,
        xy: Float[np.ndarray, "K 2"],
        scores: Float[np.ndarray, " K"],
        *,
        covariance: Float[np.ndarray, "K 2 2"] | None = None,
        other_peaks: Float[np.ndarray, "K P 3"] | None = None,
    ) -> "Candidates":
        """What is known of a prediction; of a stored one that is little.

        Args:
            xy: Image pixels, NaN where there is no answer.
            scores: 0 to 1.
            covariance: Square image pixels.
            other_peaks: x and y in image pixels, and height; NaN where there is none.
        """
        peaks = np.zeros((len(xy), 0, 3)) if other_peaks is None else other_peaks
        unknown = np.full((len(xy), 2, 2), np.nan)
        return cls(
            np.concatenate([xy[:, None], peaks[..., :2]], axis=1),
            np.concatenate([scores[:, None], peaks[..., 2]], axis=1),
            unknown if covariance is None else np.asarray(covariance, np.float64),
        )
