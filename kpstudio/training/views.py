"""Random views of training samples: where they look, and what is seen there."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor
from torch.nn import functional

from kpstudio.core.augmentation import Augmentation
from kpstudio.models.preprocessing import normalise


def random_views(
    augmentation: Augmentation,
    centres: Float[Tensor, "B 2"],
    scales: Float[Tensor, " B"],
    to_size: tuple[int, int],
    *,
    can_flip: bool,
    generator: torch.Generator,
) -> tuple[Float[Tensor, "B 2 3"], Bool[Tensor, " B"]]:
    """Maps from the pixels of pieces to those of inputs, and which of them mirror.

    Args:
        augmentation: How far views may differ.
        centres: What comes to the middle of the input, but for the shift; pixels of the pieces.
        scales: Input pixels per pixel of the pieces, before the random factor.
        to_size: (width, height) of the inputs.
        can_flip: Whether a mirror image of the subject may be shown.
        generator: The only source of randomness.
    """
    count = len(centres)

    def uniform(low: float, high: float) -> Float[Tensor, " B"]:
        return low + (high - low) * torch.rand(count, generator=generator, dtype=torch.float64)

    reach = math.radians(augmentation.rotation)
    angle = uniform(-reach, reach)
    factor = (
        scales
        * uniform(math.log(augmentation.smallest_scale), math.log(augmentation.largest_scale)).exp()
    )
    is_flipped = (uniform(0, 1) < augmentation.flip) & can_flip
    cos, sin = factor * angle.cos(), factor * angle.sin()
    mirror = 1.0 - 2.0 * is_flipped
    linear = torch.stack([mirror * cos, -mirror * sin, sin, cos], dim=1).view(-1, 2, 2)
    shift = torch.stack([uniform(-1, 1), uniform(-1, 1)], dim=1) * augmentation.shift * min(to_size)
    middle = (torch.tensor(to_size, dtype=torch.float64) - 1) / 2
    offset = middle + shift - (linear @ centres[:, :, None])[:, :, 0]
    return torch.cat([linear, offset[:, :, None]], dim=2), is_flipped


def move_points(
    xy: Float[Tensor, "B N 2"], views: Float[Tensor, "B 2 3"]
) -> Float[Tensor, "B N 2"]:
    """Pixels of the pieces to those of the inputs; NaN stays NaN."""
    return xy @ views[:, :, :2].transpose(1, 2) + views[:, None, :, 2]


def warp(
    pieces: Sequence[UInt8[Tensor, "3 _ _"]],
    views: Float[Tensor, "B 2 3"],
    to_size: tuple[int, int],
) -> Float[Tensor, "B 3 h w"]:
    """Normalised inputs as the maps place the pieces in them; grey around.

    Args:
        pieces: Of any sizes, on the device of the answer.
        views: From their pixels to those of the inputs.
        to_size: (width, height) of the inputs.
    """
    square = torch.tensor([[0.0, 0.0, 1.0]], dtype=views.dtype).expand(len(views), 1, 3)
    to_piece = torch.linalg.inv(torch.cat([views, square], dim=1))[:, :2]
    # torch's grid is -1 and 1 at the outer edges of a piece, with align_corners=False.
    sizes = torch.tensor([[each.shape[2], each.shape[1]] for each in pieces], dtype=views.dtype)
    to_grid = to_piece * (2 / sizes)[:, :, None]
    to_grid[:, :, 2] += 1 / sizes - 1
    device = pieces[0].device
    of_x, of_y, offset = to_grid.float().to(device)[:, None, None].unbind(dim=4)
    width, height = to_size
    columns = torch.arange(width, device=device)[None, None, :, None]
    rows = torch.arange(height, device=device)[None, :, None, None]
    grids = columns * of_x + (rows * of_y + offset)
    warped = [
        functional.grid_sample(
            normalise(piece[None]), grid[None], padding_mode="zeros", align_corners=False
        )
        for piece, grid in zip(pieces, grids, strict=True)
    ]
    return torch.cat(warped)
