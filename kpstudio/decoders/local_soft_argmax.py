"""Decoder: the mean position in a window around the largest cell."""

import math
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
from kpstudio.decoders.peak import Peaks, cut_windows

_SIGMAS = 2.5


@dataclass(frozen=True)
class LocalSoftArgmax(HeatmapDecoder):
    """The mean position of the cells about the largest one, weighted with their values.

    Differentiable. The window should reach two to three sigmas: a smaller one (SLEAP's has
    radius 2) cuts the Gaussian and pulls the answer to the middle of the cell. Near a border the
    window shrinks and so stays symmetric.
    """

    title: ClassVar[str] = "Local soft-argmax"
    source: ClassVar[str] = (
        "Pereira et al.: SLEAP, Nature Methods 2022 (integral regression); Sun, Xiao, Wei, Liang, "
        "Wei: Integral Human Pose Regression, ECCV 2018."
    )

    radius: int = parameter(
        5, minimum=1, maximum=20, help="Of the window, in cells; two to three sigmas are best."
    )

    @property
    def expected_sigma(self) -> float:
        return max(self.radius / _SIGMAS, 1.0)

    def locate(
        self,
        maps: Float[Tensor, "N H W"],
        peaks: Peaks,
        *,
        covariance: bool,  # noqa: ARG002
    ) -> Located:
        height, width = maps.shape[1:]
        windows = cut_windows(maps, peaks, self.radius)
        scale = peaks.values.clamp(min=torch.finfo(peaks.values.dtype).tiny)
        values = windows.values.clamp(min=0) / scale[:, None, None]
        x = _from_peak(windows.values.shape[2], windows.left, peaks.columns)
        y = _from_peak(windows.values.shape[1], windows.top, peaks.rows)
        of_x = _symmetric(x, peaks.columns, width, self.radius).to(values.dtype)
        of_y = _symmetric(y, peaks.rows, height, self.radius).to(values.dtype)
        inside = values * of_y[:, :, None] * of_x[:, None, :]
        mass = inside.sum(dim=(1, 2)).clamp(min=1e-10)
        dx = (inside.sum(dim=1) * x).sum(dim=1) / mass
        dy = (inside.sum(dim=2) * y).sum(dim=1) / mass
        return Located(peaks.cells() + torch.stack([dx, dy], dim=1))

    def advice(self, head_training: HeadTraining) -> Advice:
        reach = self.radius / head_training.sigma
        if reach < 2:
            advice = Advice(
                "usable",
                f"The head learned Gaussians of sigma {head_training.sigma:g} cells, and a window "
                f"of radius {self.radius} cuts them, which pulls points to the middle of a cell.",
            )
        else:
            advice = Advice(
                "usable", "It finds the mean of a Gaussian, but takes in more noise than DARK."
            )
        return suitability.of_peak(head_training, otherwise=advice)

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:
        if head_training.loss != "mse":
            return {}
        return {"radius": min(max(math.ceil(_SIGMAS * head_training.sigma), 1), 20)}


def _from_peak(size: int, start: Tensor, peak: Tensor) -> Tensor:
    """(N, size) cells from the peak to each position of a window."""
    return torch.arange(size, device=start.device) + (start - peak)[:, None]


def _symmetric(apart: Tensor, peak: Tensor, size: int, radius: int) -> Tensor:
    """(N, size) whether both sides of the peak have this position."""
    reach = torch.minimum(peak, size - 1 - peak).clamp(max=radius)
    return apart.abs() <= reach[:, None]
