"""The loss of heads whose pixels vote for the keypoints."""

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.decoders.awr import Awr
from kpstudio.decoders.normalised_frame import normalise_cells
from kpstudio.models.awr_targets import awr_targets
from kpstudio.models.coordinate_losses import masked_difference, smooth_absolute, weighted_mean


def awr_loss(
    votes: Float[Tensor, "B C H W"],
    uvd: Float[Tensor, "B K 3"],
    weights: Float[Tensor, "B K"],
    *,
    depth: Float[Tensor, "B 1 h w"] | None,
    kernel: float = 0.4,
    dense_weight: float = 1.0,
    coordinate_weight: float = 1.0,
    beta: float = 0.01,
) -> Float[Tensor, ""]:
    """Smooth L1 on the dense maps, plus smooth L1 on the position that the pixels vote for.

    Both are means over keypoints, summed over their channels and axes. The dense one is the mean
    over cells, so that its weight does not depend on the map's size.

    Args:
        votes: Of the network: offsets of K keypoints (3 K channels), then closeness (K channels).
        uvd: Normalised positions, in u and v -1 to 1 between the outer edges of the map.
        weights: 0 for a keypoint that says nothing.
        depth: Of the image, normalised; see `awr_targets`. None leaves d out of the positions.
        kernel: Distance at which closeness is 0, in normalised coordinates.
        dense_weight: Of the dense maps.
        coordinate_weight: Of the positions.
        beta: Error from which on it counts linearly.

    Source: Huang et al.: AWR: Adaptive Weighting Regression for 3D Hand Pose Estimation, AAAI
    2020, section 3.3.
    """
    keypoints, map_size = uvd.shape[1], (votes.shape[3], votes.shape[2])
    votes = votes.to(torch.promote_types(votes.dtype, torch.float32))
    is_masked = weights == 0
    of_channels = torch.cat([is_masked.repeat_interleave(3, dim=1), is_masked], dim=1)
    votes = votes.masked_fill(of_channels[:, :, None, None], 0.0)
    dense = votes - awr_targets(uvd, depth, map_size=map_size, kernel=kernel)
    of_maps = smooth_absolute(dense, beta).mean(dim=(2, 3))
    of_offsets = of_maps[:, : 3 * keypoints].reshape(-1, keypoints, 3).sum(dim=2)
    dense_loss = weighted_mean(of_offsets + of_maps[:, 3 * keypoints :], weights)
    decoded = Awr(kernel=kernel)(votes, depth=depth, other_peaks=0, covariance=False)
    voted = normalise_cells(decoded.cells, map_size=map_size)
    if depth is not None and decoded.depths is not None:
        voted = torch.cat([voted, decoded.depths[:, :, None]], dim=2)
    apart = masked_difference(voted, uvd[..., : voted.shape[2]].to(voted.dtype), weights)
    voted_loss = weighted_mean(smooth_absolute(apart, beta).sum(dim=2), weights)
    return dense_weight * dense_loss + coordinate_weight * voted_loss
