"""Gaussian targets, drawn on the device, and how much each keypoint counts."""

import math

import torch
from jaxtyping import Float, Integer
from torch import Tensor
from torch.nn import functional

from kpstudio.core.annotation import OCCLUDED, VISIBLE

# The product of two such Gaussians is just not so small that it would be slow to reckon with.
_SMALLEST_EXPONENT = -43.0
# Radius of HRNet's kernel, in sigmas.
_KERNEL_RADIUS = 3.0


def gaussian_targets(
    cells: Float[Tensor, "B K 2"], *, map_size: tuple[int, int], sigma: float
) -> Float[Tensor, "B K H W"]:
    """A Gaussian of height 1 at each position: the unbiased target.

    Args:
        cells: x and y in heatmap cells, centres at integers. A NaN gives an empty map.
        map_size: (width, height) in cells.
        sigma: In cells.

    Source: Zhang, Zhu, Dai, Ye, Zhu: Distribution-Aware Coordinate Representation for Human Pose
    Estimation, CVPR 2020, section 3.3.
    """
    return _product(_axes(cells, map_size, sigma), map_size)


def quantised_targets(
    cells: Float[Tensor, "B K 2"], *, map_size: tuple[int, int], sigma: float
) -> Float[Tensor, "B K H W"]:
    """HRNet's target: the Gaussian is centred on the nearest cell and ends three sigmas from it.

    Args:
        cells: x and y in heatmap cells, centres at integers. A NaN gives an empty map.
        map_size: (width, height) in cells.
        sigma: In cells.

    Source: Sun, Xiao, Liu, Wang: HRNet, CVPR 2019; the square kernel is that of its code.
    """
    axes = _axes(_nearest(cells), map_size, sigma)
    beyond = math.floor(_KERNEL_RADIUS * sigma) + 0.5
    functional.threshold(axes, math.exp(-(beyond**2) / (2 * sigma**2)), 0.0, inplace=True)
    return _product(axes, map_size)


def target_weights(
    cells: Float[Tensor, "B K 2"],
    weights: Float[Tensor, "B K"],
    *,
    map_size: tuple[int, int],
    sigma: float,
) -> Float[Tensor, "B K"]:
    """The weights, with 0 where the Gaussian misses the map or there is no position."""
    size = torch.tensor(map_size, device=cells.device, dtype=cells.dtype)
    is_reached = ((cells > -3 * sigma) & (cells < size - 1 + 3 * sigma)).all(dim=-1)
    return torch.where(is_reached, weights, torch.zeros_like(weights))


def quantised_target_weights(
    cells: Float[Tensor, "B K 2"],
    weights: Float[Tensor, "B K"],
    *,
    map_size: tuple[int, int],
    sigma: float,
) -> Float[Tensor, "B K"]:
    """The weights, with 0 where HRNet's kernel misses the map or there is no position."""
    size = torch.tensor(map_size, device=cells.device, dtype=cells.dtype)
    centre, radius = _nearest(cells), math.floor(_KERNEL_RADIUS * sigma)
    is_reached = ((centre + radius >= 0) & (centre - radius <= size - 1)).all(dim=-1)
    return torch.where(is_reached, weights, torch.zeros_like(weights))


def visibility_weights(
    visibility: Integer[Tensor, "B K"],
    *,
    occluded: float = 1.0,
    keypoint_weights: Float[Tensor, " K"] | None = None,
) -> Float[Tensor, "B K"]:
    """How much each keypoint of a sample counts: nothing where it is not labelled.

    Args:
        visibility: 0 not labelled, 1 occluded, 2 visible.
        occluded: Weight of an occluded keypoint.
        keypoint_weights: Of the skeleton's keypoints, on the same device, as COCO has 1.5 for a
            wrist; 1 each if None.
    """
    weights = (visibility == VISIBLE).float().masked_fill(visibility == OCCLUDED, occluded)
    return weights if keypoint_weights is None else weights * keypoint_weights


def _nearest(cells: Float[Tensor, "B K 2"]) -> Float[Tensor, "B K 2"]:
    # Not `round`, which sends halves to even cells.
    return (cells + 0.5).floor()


def _axes(
    cells: Float[Tensor, "B K 2"], map_size: tuple[int, int], sigma: float
) -> Float[Tensor, "B K 2 S"]:
    """A Gaussian is the product of its two axes: both of them, as long as the longer side."""
    positions = torch.arange(max(map_size), device=cells.device, dtype=cells.dtype)
    apart = positions - cells.detach()[..., None]
    exponent = apart.mul_(apart).mul_(-1 / (2 * sigma**2)).clamp_(min=_SMALLEST_EXPONENT)
    return exponent.exp_().nan_to_num_(nan=0.0)


def _product(axes: Float[Tensor, "B K 2 S"], map_size: tuple[int, int]) -> Float[Tensor, "B K H W"]:
    width, height = map_size
    return axes[:, :, 1, :height, None] * axes[:, :, 0, None, :width]
