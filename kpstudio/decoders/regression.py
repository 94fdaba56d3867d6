"""Decoder: coordinates straight from the head."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.decoders import suitability
from kpstudio.decoders.decoder import OTHER_PEAKS, Decoded, Decoder, HeadTraining
from kpstudio.decoders.peak import working_dtype


@dataclass(frozen=True)
class Regression(Decoder):
    """The coordinates that a fully connected head gives, as they are.

    Its covariance is the spread that the head predicts; without one it is unknown.
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
        if covariance and values.shape[2] == 4:
            spread = torch.diag_embed(values[..., 2:].detach().square())
        else:
            spread = values.new_full((*values.shape[:2], 2, 2), torch.nan)
        return Decoded(
            cells.masked_fill(~has_answer[:, :, None], torch.nan),
            has_answer.to(values.dtype),
            spread.masked_fill(~has_answer[:, :, None, None], torch.nan),
            values.new_full((*values.shape[:2], other_peaks, 3), torch.nan),
        )

    def advice(self, head_training: HeadTraining) -> Advice:
        wrong = suitability.of_wrong_output(head_training, self.takes)
        return wrong or Advice(
            "fits", "The head gives coordinates, and there is nothing to decode."
        )
