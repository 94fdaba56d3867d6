"""Decoder: distribution-aware, one Newton step on the log of the blurred map."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.core.parameters import parameter
from kpstudio.decoders.decoder import Decoded, Decoder, HeadTraining
from kpstudio.decoders.peak import Peaks, answer, find_peaks, values_at

_FLOOR = 1e-10
_REACH = 2  # cells from the peak that the second derivative looks at
_LARGEST_STEP = 2.0


@dataclass(frozen=True)
class Dark(Decoder):
    """Blur with the training Gaussian, log, one Newton step from the largest cell."""

    title: ClassVar[str] = "DARK"
    source: ClassVar[str] = (
        "Zhang, Zhu, Dai, Ye, Zhu: Distribution-Aware Coordinate Representation for Human Pose "
        "Estimation, CVPR 2020."
    )

    sigma: float = parameter(
        2.0,
        minimum=0.5,
        maximum=6.0,
        help="Sigma in cells of the Gaussians that the head was trained with.",
    )

    def __call__(self, heatmaps: Float[Tensor, "B K H W"]) -> Decoded:
        height, width = heatmaps.shape[2:]
        peaks = find_peaks(heatmaps)
        inside = _newton_step(self._blurred_log(heatmaps, peaks), spacing=_REACH)
        is_inside = (
            (peaks.columns >= _REACH)
            & (peaks.columns < width - _REACH)
            & (peaks.rows >= _REACH)
            & (peaks.rows < height - _REACH)
        )
        near_border = _border_step(heatmaps, peaks)
        step = torch.where(is_inside[:, :, None], inside, near_border)
        return answer(peaks.cells() + step, peaks)

    def advice(self, head_training: HeadTraining) -> Advice:
        if head_training.loss == "dsnt":
            return Advice(
                "misleading",
                "This head learned where the mean of the map lies; its peak need not be Gaussian.",
            )
        if not 0.6 <= self.sigma / head_training.sigma <= 1.7:
            return Advice(
                "usable",
                f"The head learned Gaussians of sigma {head_training.sigma:g} cells, so the blur "
                f"should have that sigma instead of {self.sigma:g}.",
            )
        return Advice("fits", "The head learned Gaussians, and this finds the centre of one.")

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:
        return {"sigma": head_training.sigma} if head_training.loss == "mse" else {}

    def _blurred_log(
        self, heatmaps: Float[Tensor, "B K H W"], peaks: Peaks
    ) -> Float[Tensor, "B K 5 5"]:
        """Log of the blurred map around each peak; only the patch that it needs is blurred."""
        # 2.5 sigma: the 11 cells of the paper at sigma 2.
        radius = math.ceil(2.5 * self.sigma)
        patch = _patch(heatmaps, peaks, radius + _REACH)
        offsets = torch.arange(-radius, radius + 1, device=heatmaps.device, dtype=heatmaps.dtype)
        kernel = torch.exp(-(offsets**2) / (2 * self.sigma**2))
        kernel = kernel / kernel.sum()
        size = 2 * _REACH + 1
        # A banded matrix on both sides is the separable convolution of the whole batch.
        band = torch.stack(
            [torch.nn.functional.pad(kernel, (shift, size - 1 - shift)) for shift in range(size)]
        )
        blurred = band @ patch @ band.T
        top = blurred.amax(dim=(2, 3), keepdim=True).clamp(min=_FLOOR)
        restored = blurred * (peaks.values[:, :, None, None] / top)
        return restored.clamp(min=_FLOOR).log()


def _patch(
    heatmaps: Float[Tensor, "B K H W"], peaks: Peaks, radius: int
) -> Float[Tensor, "B K P P"]:
    """The square of each map around its peak, 0 outside of the map."""
    offsets = torch.arange(-radius, radius + 1, device=heatmaps.device)
    size = len(offsets)
    columns = (peaks.columns[:, :, None, None] + offsets).expand(-1, -1, size, size)
    rows = (peaks.rows[:, :, None, None] + offsets[:, None]).expand(-1, -1, size, size)
    return values_at(heatmaps, columns, rows)


def _newton_step(log: Float[Tensor, "B K S S"], *, spacing: int) -> Float[Tensor, "B K 2"]:
    """From the middle of a patch to the maximum of its second-order expansion, in cells.

    Args:
        log: Log of the map around the peak.
        spacing: Cells between the samples of the second derivative, 2 in the paper.

    Source: Zhang 2020, equations 7 to 9.
    """
    m = log.shape[2] // 2
    dx = 0.5 * (log[..., m, m + 1] - log[..., m, m - 1])
    dy = 0.5 * (log[..., m + 1, m] - log[..., m - 1, m])
    middle = 2 * log[..., m, m]
    dxx = (log[..., m, m + spacing] - middle + log[..., m, m - spacing]) / spacing**2
    dyy = (log[..., m + spacing, m] - middle + log[..., m - spacing, m]) / spacing**2
    dxy = 0.25 * (
        log[..., m + 1, m + 1]
        - log[..., m + 1, m - 1]
        - log[..., m - 1, m + 1]
        + log[..., m - 1, m - 1]
    )
    determinant = dxx * dyy - dxy**2
    # Only a maximum may pull: elsewhere the step would lead away from it.
    is_maximum = (dxx < 0) & (dyy < 0) & (determinant > 1e-12)
    safe = torch.where(is_maximum, determinant, torch.ones_like(determinant))
    step = torch.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], dim=-1) / safe[..., None]
    step = torch.where(is_maximum[..., None], step, torch.zeros_like(step))
    return step.clamp(-_LARGEST_STEP, _LARGEST_STEP)


def _border_step(heatmaps: Float[Tensor, "B K H W"], peaks: Peaks) -> Float[Tensor, "B K 2"]:
    """The step for peaks at the border, where a blur would mix in what lies outside.

    The parabola goes through the three cells of the unblurred log map on each axis that are
    nearest to the peak and in the map, so a peak on or just beyond the border is found, too.
    """
    height, width = heatmaps.shape[2:]
    if height < 3 or width < 3:
        return torch.zeros_like(peaks.cells())
    x, y = peaks.columns.clamp(1, width - 2), peaks.rows.clamp(1, height - 2)
    near = peaks._replace(columns=x, rows=y)
    log = _patch(heatmaps, near, 1).clamp(min=_FLOOR).log()
    step = _newton_step(log, spacing=1) + (near.cells() - peaks.cells())
    return step.clamp(-1.0, 1.0)
