"""Decoder: the expected position under a softmax of the map."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.core.parameters import parameter
from kpstudio.decoders.decoder import Decoded, Decoder, HeadTraining
from kpstudio.decoders.peak import answer, find_peaks

_SHRINKS_BELOW = 10.0


@dataclass(frozen=True)
class Dsnt(Decoder):
    """The mean position under the softmax of the whole map, times the temperature."""

    title: ClassVar[str] = "DSNT"
    source: ClassVar[str] = (
        "Nibali, He, Morgan, Prendergast: Numerical Coordinate Regression with Convolutional "
        "Neural Networks, 2018."
    )

    temperature: float = parameter(
        20.0,
        minimum=0.1,
        maximum=100.0,
        help="Factor on the map before the softmax: the larger, the closer to the largest cell.",
    )

    def __call__(self, heatmaps: Float[Tensor, "B K H W"]) -> Decoded:
        height, width = heatmaps.shape[2:]
        peaks = find_peaks(heatmaps)
        finite = torch.where(
            peaks.is_finite[:, :, None, None], heatmaps, torch.zeros_like(heatmaps)
        )
        mass = (self.temperature * finite).flatten(2).softmax(dim=2).view_as(heatmaps)
        xs = torch.arange(width, device=heatmaps.device, dtype=heatmaps.dtype)
        ys = torch.arange(height, device=heatmaps.device, dtype=heatmaps.dtype)
        x = (mass.sum(dim=2) * xs).sum(dim=2)
        y = (mass.sum(dim=3) * ys).sum(dim=2)
        return answer(torch.stack([x, y], dim=-1), peaks)

    def advice(self, head_training: HeadTraining) -> Advice:
        if head_training.loss == "dsnt":
            ratio = self.temperature / head_training.temperature
            if 0.5 <= ratio <= 2:
                return Advice("fits", "The head was trained through this very expectation.")
            return Advice(
                "usable",
                f"The head was trained with temperature {head_training.temperature:g}; another one "
                "shifts the mean.",
            )
        if self.temperature < _SHRINKS_BELOW:
            return Advice(
                "misleading",
                "The head learned Gaussians on a background of zeros, and at this temperature the "
                "softmax gives that background so much weight that points shrink to the centre.",
            )
        return Advice(
            "usable",
            "The head learned Gaussians and not this mean, so a second peak or an uneven "
            "background pulls the point toward it.",
        )

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:
        if head_training.loss == "dsnt":
            return {"temperature": head_training.temperature}
        return {}
