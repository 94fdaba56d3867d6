"""Decoder: coordinates straight from the head."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.decoders import suitability
from kpstudio.decoders.decoder import OTHER_PEAKS, Decoded, Decoder, HeadTraining
from kpstudio.decoders.peak import working_dtype

# The outer edges of the third cell, in standard deviations times the root of two.
_NEAR = 3.5 / math.sqrt(2)


@dataclass(frozen=True)
class Regression(Decoder):
    """The coordinates that a fully connected head gives, as they are.

    Its covariance is the spread that the head predicts, and its score how likely the keypoint is
    within three cells by that; without a spread neither is known, and the score is 1.
    """

    title: ClassVar[str] = "Regression"
    source: ClassVar[str] = "Coordinates of a fully connected head; there is no heatmap."
    takes = "coordinates"

    def __call__(
        self,
        heatmaps: Float[Tensor, "B K C"],
        *,
        other_peaks: int = OTHER_PEAKS,
        covariance: bool = True,
    ) -> Decoded:
        """Positions as they are.

        Args:
            heatmaps: x and y in cells (C = 2), or x, y and the standard deviations of both (C = 4).
            other_peaks: P; there are none.
            covariance: Whether to give that of the predicted spread.
        """
        values = heatmaps.to(working_dtype(heatmaps))
        cells = values[..., :2]
        has_answer = torch.isfinite(cells).all(dim=2)
        scores = has_answer.to(values.dtype)
        spread = values.new_full((*values.shape[:2], 2, 2), torch.nan)
        if values.shape[2] == 4:
            deviations = values[..., 2:].detach()
            near = torch.erf(_NEAR / deviations.clamp(min=torch.finfo(values.dtype).tiny))
            scores = near.prod(dim=2).nan_to_num(0.0).masked_fill(~has_answer, 0.0)
            if covariance:
                spread = torch.diag_embed(deviations.square())
        return Decoded(
            cells.masked_fill(~has_answer[:, :, None], torch.nan),
            scores,
            spread.masked_fill(~has_answer[:, :, None, None], torch.nan),
            values.new_full((*values.shape[:2], other_peaks, 3), torch.nan),
        )

    def advice(self, head_training: HeadTraining) -> Advice:
        wrong = suitability.of_wrong_output(head_training, self.takes)
        return wrong or Advice(
            "fits", "The head gives coordinates, and there is nothing to decode."
        )
