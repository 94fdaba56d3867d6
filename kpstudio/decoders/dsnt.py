"""Decoder: the expected position under a softmax of the map."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.core.parameters import parameter
from kpstudio.decoders import suitability
from kpstudio.decoders.decoder import HeadTraining
from kpstudio.decoders.heatmap_decoder import HeatmapDecoder, Located
from kpstudio.decoders.peak import Peaks, working_dtype

_SHRINKS_BELOW = 10.0
_CELLS_AT_ONCE = 1 << 17  # what stays in a processor's cache between the steps


@dataclass(frozen=True)
class Dsnt(HeatmapDecoder):
    """The mean position under the softmax of the whole map, times the temperature.

    Differentiable. For heads that were trained through this mean; for others see the advice.
    """

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
    is_probability: int = parameter(
        0,
        minimum=0,
        maximum=1,
        help=(
            "1: the softmax is the probability of each cell, as in a head that was trained so, "
            "and its second moment is the covariance. 0: the covariance is that of a Gaussian "
            "fitted at the peak."
        ),
    )

    def locate(self, maps: Float[Tensor, "N H W"], peaks: Peaks, *, covariance: bool) -> Located:
        width = maps.shape[2]
        has_moments = covariance and bool(self.is_probability)
        positions = torch.arange(maps[:1].numel(), device=maps.device)
        dtype = working_dtype(maps)
        # Positions from the middle of the map: sums of large numbers would lose digits.
        middle = torch.tensor([(width - 1) / 2, (maps.shape[1] - 1) / 2]).to(maps.device, dtype)
        x = (positions % width).to(dtype) - middle[0]
        y = torch.div(positions, width, rounding_mode="floor").to(dtype) - middle[1]
        basis = [x, y, x * x, y * y, x * y] if has_moments else [x, y]
        means = self._means(maps, peaks, basis)
        cells = means[:, :2] + middle
        if not has_moments:
            return Located(cells)
        xx = means[:, 2] - means[:, 0] ** 2
        yy = means[:, 3] - means[:, 1] ** 2
        xy = means[:, 4] - means[:, 0] * means[:, 1]
        return Located(cells, torch.stack([xx, xy, xy, yy], dim=1).view(-1, 2, 2))

    def _means(
        self, maps: Float[Tensor, "N H W"], peaks: Peaks, functions: list[Tensor]
    ) -> Float[Tensor, "N M"]:
        """Mean of each function of the cells under the softmax of each map."""
        flat = maps.flatten(1)
        # A map that is not finite has no answer; here it must only not disturb.
        bad = None if bool(peaks.is_finite.all()) else ~peaks.is_finite
        size = max(_CELLS_AT_ONCE // max(flat.shape[1], 1), 1)
        means = [flat.new_zeros(0, len(functions), dtype=functions[0].dtype)]
        for start in range(0, len(flat), size):
            part = flat[start : start + size].to(functions[0].dtype)
            if bad is not None:
                part = part.masked_fill(bad[start : start + size, None], 0.0)
            weights = (self.temperature * part).softmax(dim=1)
            # One product each is three times faster than a matrix of a few columns.
            means.append(torch.stack([weights @ each for each in functions], dim=1))
        return torch.cat(means)

    def advice(self, head_training: HeadTraining) -> Advice:
        wrong = suitability.of_wrong_output(head_training, self.takes)
        if wrong is not None:
            return wrong
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
            return {"temperature": head_training.temperature, "is_probability": 1}
        return {}
