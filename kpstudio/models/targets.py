"""Gaussian targets at their real, sub-cell centres, drawn on the device."""

import torch
from jaxtyping import Float
from torch import Tensor


def gaussian_targets(
    cells: Float[Tensor, "B K 2"], *, map_size: tuple[int, int], sigma: float
) -> Float[Tensor, "B K H W"]:
    """A Gaussian of height 1 at each position.

    Args:
        cells: x and y in heatmap cells, centres at integers. A NaN gives an empty map.
        map_size: (width, height) in cells.
        sigma: In cells.
    """
    width, height = map_size
    xs = torch.arange(width, device=cells.device, dtype=cells.dtype)
    ys = torch.arange(height, device=cells.device, dtype=cells.dtype)
    # A Gaussian is the product of its two axes.
    x = torch.exp(-((xs - cells[..., 0:1]) ** 2) / (2 * sigma**2))
    y = torch.exp(-((ys - cells[..., 1:2]) ** 2) / (2 * sigma**2))
    return torch.nan_to_num(y[..., :, None] * x[..., None, :], nan=0.0)


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
