"""Decoder: the expected position under a softmax of the map."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.core.parameters import parameter
from kpstudio.decoders import suitability
from kpstudio.decoders.decoder import HeadTraining
from kpstudio.decoders.heatmap_decoder import HeatmapDecoder, Located
from kpstudio.decoders.peak import SMALLEST_VARIANCE, Peaks, cut_windows

_SHRINKS_BELOW = 10.0
_NEAR_CELLS = 3
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
            "its second moment is the covariance, and the score is how likely the keypoint is "
            "within three cells of the answer. 0: the covariance is that of a Gaussian fitted at "
            "the peak, and the score its height."
        ),
    )

    def locate(self, maps: Float[Tensor, "N H W"], peaks: Peaks, *, covariance: bool) -> Located:
        height, width = maps.shape[1:]
        x, y = _from_middle(width, peaks.values), _from_middle(height, peaks.values)
        if self.is_probability:
            summarise = partial(_marginals, x=x)
            *marginals, highest = self._sums(maps, peaks, summarise)
            mean, spread = _moments(marginals, x, y)
            cells = mean + torch.stack([-x[0], -y[0]])
            return Located(
                cells,
                spread if covariance else None,
                needs_peak=False,
                scores=self._mass_near(cells, maps, peaks, highest),
            )
        # One product each is three times faster than a matrix of two columns.
        positions = [x.repeat(height), y.repeat_interleave(width)]
        sums = self._sums(maps, peaks, lambda weights: [weights @ each for each in positions])
        return Located(torch.stack(sums, dim=1) + torch.stack([-x[0], -y[0]]))

    def _mass_near(
        self,
        cells: Float[Tensor, "N 2"],
        maps: Float[Tensor, "N H W"],
        peaks: Peaks,
        highest: Float[Tensor, " N"],
    ) -> Float[Tensor, " N"]:
        """Probability within a few cells of the answers; `highest` is that of the peak's cell."""
        nearest = cells.detach().round().long()
        about = peaks._replace(columns=nearest[:, 0], rows=nearest[:, 1])
        windows = cut_windows(maps.detach(), about, _NEAR_CELLS).values
        below = windows - peaks.values[:, None, None]
        return highest.detach() * (self.temperature * below).exp().sum(dim=(1, 2))

    def _sums(
        self,
        maps: Float[Tensor, "N H W"],
        peaks: Peaks,
        summarise: Callable[[Float[Tensor, "M L"]], list[Tensor]],
    ) -> list[Tensor]:
        """Sums, of some maps at once, of the probabilities of their cells."""
        flat, values = maps.flatten(1), peaks.values[:, None]
        # A map that is not finite has no answer, and must only not disturb. Huge values times
        # the temperature would be infinite.
        is_bad = ~peaks.is_finite[:, None]
        is_plain = bool((~is_bad & torch.isfinite(self.temperature * values)).all())
        size = max(_CELLS_AT_ONCE // max(flat.shape[1], 1), 1)
        parts = []
        for start in range(0, max(len(flat), 1), size):
            part = flat[start : start + size].to(values.dtype)
            if not is_plain:
                part = part - values[start : start + size]
                part = part.masked_fill(is_bad[start : start + size], 0.0)
            parts.append(summarise((self.temperature * part).softmax(dim=1)))
        return [torch.cat(each) for each in zip(*parts, strict=True)]

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


def _from_middle(size: int, like: Tensor) -> Float[Tensor, " size"]:
    """Positions from the middle of an axis: sums of large numbers would lose digits."""
    return torch.arange(size, device=like.device, dtype=like.dtype) - (size - 1) / 2


def _marginals(weights: Float[Tensor, "N L"], x: Float[Tensor, " W"]) -> list[Tensor]:
    """Sums over rows and over columns, those over columns of x, and the largest."""
    by_row = weights.view(len(weights), weights.shape[1] // len(x), len(x))
    return [by_row.sum(dim=1), by_row.sum(dim=2), by_row @ x, weights.amax(dim=1)]


def _moments(
    marginals: list[Tensor], x: Float[Tensor, " W"], y: Float[Tensor, " H"]
) -> tuple[Float[Tensor, "N 2"], Float[Tensor, "N 2 2"]]:
    """Mean and covariance of the positions."""
    of_columns, of_rows, x_of_rows = marginals
    mean = torch.stack([of_columns @ x, of_rows @ y], dim=1)
    # About the mean: squares of the positions themselves would hide a narrow peak.
    from_mean_x, from_mean_y = x - mean[:, :1], y - mean[:, 1:]
    xx = (of_columns * from_mean_x.square()).sum(dim=1) + SMALLEST_VARIANCE
    yy = (of_rows * from_mean_y.square()).sum(dim=1) + SMALLEST_VARIANCE
    xy = ((x_of_rows - of_rows * mean[:, :1]) * from_mean_y).sum(dim=1)
    return mean, torch.stack([xx, xy, xy, yy], dim=1).view(-1, 2, 2)
