"""The mean of the heatmaps of an image and of its mirror image."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.geometry import CellMapping


def average_flipped(
    heatmaps: Float[Tensor, "B K H W"],
    mirrored: Float[Tensor, "B K H W"],
    *,
    flip_order: Sequence[int],
    cell_mapping: CellMapping,
) -> Float[Tensor, "B K H W"]:
    """The mean of both, each where it belongs.

    With the mapping `multiply` the mirror image of a cell is not a cell: at stride 4 it lies
    three quarters of a cell to the left. Moving by a whole cell is what the published figures
    were reached with, and leaves a quarter.

    Args:
        heatmaps: Of the images.
        mirrored: Of the images mirrored left to right, as the network gave them.
        flip_order: For each keypoint the one that it is in the mirror: left and right swapped.
        cell_mapping: Of the checkpoint.

    Source: Sun, Xiao, Liu, Wang: HRNet, CVPR 2019 (the move by one cell).
    """
    order = torch.as_tensor(list(flip_order), device=mirrored.device)
    back = mirrored.index_select(1, order).flip(3)
    if cell_mapping == "multiply" and back.shape[3] > 1:
        back = torch.cat([back[..., :1], back[..., :-1]], dim=3)
    return (heatmaps + back) / 2
