"""One Newton step on the log of a blurred map, from its peak to the centre of a Gaussian."""

import math
from functools import cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.decoders.peak import Peaks, cut_windows

_LARGEST_STEP = 2.0


class BlurredLog(NamedTuple):
    """Log of the blurred map at and about a middle cell.

    Args:
        values: (N, 5, 5) at -spacing, -1, 0, 1 and spacing cells from the middle, on each axis.
        middle: (N, 2) cell, the peak wherever it has neighbours on all sides.
        spacing: (N, 2) cells on each axis.
    """

    values: Float[Tensor, "N 5 5"]
    middle: Float[Tensor, "N 2"]
    spacing: Float[Tensor, "N 2"]


def blurred_log(
    maps: Float[Tensor, "N H W"], peaks: Peaks, *, sigma: float, spacing: int, floor: float
) -> BlurredLog:
    """Log of the map, blurred about its peak only.

    Near a border the kernel shrinks, so that it stays symmetric: a Gaussian remains a Gaussian
    with the same centre, where zeros from beyond the border would pull it inward.

    Args:
        maps: Contiguous.
        peaks: Their largest cells.
        sigma: Of the kernel in cells; its radius is 2.5 sigma, 5 cells for sigma 2.
        spacing: Cells between the samples of the second derivative.
        floor: Smallest value before the log, as a part of the largest.
    """
    radius = math.ceil(2.5 * sigma)
    windows = cut_windows(maps, peaks, radius + spacing)
    scale = peaks.values.clamp(min=torch.finfo(peaks.values.dtype).tiny)[:, None, None]
    dtype, device = windows.values.dtype, maps.device
    across, down = (
        _samples(size, sigma, spacing, dtype, device) for size in (maps.shape[2], maps.shape[1])
    )
    kernel_x = across.kernels.index_select(0, peaks.columns)
    kernel_y = down.kernels.index_select(0, peaks.rows)
    blurred = kernel_y @ (windows.values / scale) @ kernel_x.mT
    top = blurred.amax(dim=(1, 2), keepdim=True).clamp(min=torch.finfo(dtype).tiny)
    return BlurredLog(
        (blurred / top).clamp(min=floor).log(),
        torch.stack([across.middle[peaks.columns], down.middle[peaks.rows]], dim=1),
        torch.stack([across.spacing[peaks.columns], down.spacing[peaks.rows]], dim=1),
    )


class _Samples(NamedTuple):
    """Where and how one axis of size S is sampled, by the peak's position on it.

    Args:
        middle: (S,) cell.
        spacing: (S,) cells.
        kernels: (S, 5, Q) weights of the cells of the window for each sample.
    """

    middle: Float[Tensor, " S"]
    spacing: Float[Tensor, " S"]
    kernels: Float[Tensor, "S 5 Q"]


@cache
def _samples(
    size: int, sigma: float, spacing: int, dtype: torch.dtype, device: torch.device
) -> _Samples:
    # Cached tensors must be usable everywhere, also where gradients are recorded.
    with torch.inference_mode(mode=False):
        radius = math.ceil(2.5 * sigma)
        peak = torch.arange(size, device=device)
        has_room = torch.minimum(peak, size - 1 - peak) >= spacing
        # A peak on the border is reached from the cell beside it, by the three outermost cells.
        beside = peak.clamp(1, size - 2) if size > 2 else peak
        middle = torch.where(has_room, peak, beside)
        step = torch.where(has_room, spacing, 1)
        reach = (torch.minimum(middle, size - 1 - middle) - step).clamp(0, radius)
        columns = min(2 * (radius + spacing) + 1, size)
        left = (peak - radius - spacing).clamp(0, size - columns)
        one = torch.ones_like(step)
        steps = torch.stack([-step, -one, 0 * one, one, step], dim=1)
        positions = torch.arange(columns, device=device) + left[:, None]
        apart = positions[:, None, :] - (middle[:, None] + steps)[:, :, None]
        kernels = torch.exp(apart.to(dtype).square() / (-2 * sigma**2))
        kernels = kernels * (apart.abs() <= reach[:, None, None])
        kernels = kernels / kernels.sum(dim=2, keepdim=True).clamp(min=1e-30)
        if size < 3:
            # Too short to tell a direction: a Gaussian about the peak leaves it where it is.
            decay = torch.exp(steps.to(dtype).square() / (-2 * sigma**2))
            kernels = kernels[:, 2:3] * decay[:, :, None]
        return _Samples(middle.to(dtype), step.to(dtype), kernels)


def newton_step(log: BlurredLog, dxy: Float[Tensor, " N"], peaks: Peaks) -> Float[Tensor, "N 2"]:
    """The maximum of the second-order expansion about the middle, in cells.

    Args:
        log: About each peak.
        dxy: Mixed second derivative there.
        peaks: Where there is no maximum to be found, the answer is the peak.

    Source: Zhang 2020, equations 7 to 9.
    """
    values = log.values
    middle = 2 * values[:, 2, 2]
    spacing = log.spacing**2
    dx = 0.5 * (values[:, 2, 3] - values[:, 2, 1])
    dy = 0.5 * (values[:, 3, 2] - values[:, 1, 2])
    dxx = (values[:, 2, 4] - middle + values[:, 2, 0]) / spacing[:, 0]
    dyy = (values[:, 4, 2] - middle + values[:, 0, 2]) / spacing[:, 1]
    determinant = dxx * dyy - dxy**2
    # Only a maximum may pull: elsewhere the step would lead away from it.
    is_maximum = (dxx < 0) & (dyy < 0) & (determinant > 1e-12)
    safe = torch.where(is_maximum, determinant, torch.ones_like(determinant))
    step = torch.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], dim=1) / safe[:, None]
    peak = peaks.cells()
    moved = (log.middle + step - peak).clamp(-_LARGEST_STEP, _LARGEST_STEP)
    return peak + torch.where(is_maximum[:, None], moved, torch.zeros_like(moved))
