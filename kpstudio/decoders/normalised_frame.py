"""Normalised positions in a map: -1 and 1 are its outer edges, as DSNT and AWR have them."""

import torch
from jaxtyping import Float
from torch import Tensor


def mesh(size: int, like: Tensor) -> Float[Tensor, " size"]:
    """Normalised positions of the cells of an axis, of the type and on the device of `like`."""
    return 2 * (torch.arange(size, device=like.device, dtype=like.dtype) + 0.5) / size - 1


def normalise_cells(
    cells: Float[Tensor, "... 2"], *, map_size: tuple[int, int]
) -> Float[Tensor, "... 2"]:
    """Normalised x and y of positions in cells.

    Args:
        cells: x and y, cell centres at integers.
        map_size: (width, height) in cells.
    """
    return 2 * (cells + 0.5) / cells.new_tensor(map_size) - 1


def to_cells(
    normalised: Float[Tensor, "... 2"], *, map_size: tuple[int, int]
) -> Float[Tensor, "... 2"]:
    """The inverse of `normalise_cells`."""
    return (normalised + 1) / 2 * normalised.new_tensor(map_size) - 0.5
