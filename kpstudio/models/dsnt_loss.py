"""The loss of heads whose answer is the expected position under a softmax of their map."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.decoders.normalised_frame import mesh, normalise_cells
from kpstudio.models.coordinate_losses import masked_difference, weighted_mean

Divergence = Literal["jensen_shannon", "kullback_leibler"]


def dsnt_loss(
    heatmaps: Float[Tensor, "B K H W"],
    targets: Float[Tensor, "B K 2"],
    weights: Float[Tensor, "B K"],
    *,
    temperature: float = 1.0,
    regularisation: float = 1.0,
    divergence: Divergence = "jensen_shannon",
    sigma: float = 1.0,
) -> Float[Tensor, ""]:
    """Distance of the expected position, plus how far the map is from a Gaussian at the target.

    Without the second term two symmetric bumps would be a perfect answer. Both are means over
    keypoints; the distance is in normalised coordinates, where the map spans -1 to 1.

    Args:
        heatmaps: Of the network, before the softmax.
        targets: x and y in heatmap cells, centres at integers.
        weights: 0 for a keypoint that says nothing.
        temperature: Factor before the softmax; the decoder needs the same.
        regularisation: Lambda of the source; 0 switches the second term off.
        divergence: "jensen_shannon" or "kullback_leibler", of the map from the Gaussian. The
            second has no bound, and may drive a map to one wrong cell, where it has no gradient.
        sigma: Of the Gaussian, in cells.

    Source: Nibali, He, Morgan, Prendergast: Numerical Coordinate Regression with Convolutional
    Neural Networks, 2018, equations 4 to 9.
    """
    height, width = heatmaps.shape[2:]
    is_masked = weights == 0
    maps = heatmaps.to(torch.promote_types(heatmaps.dtype, torch.float32))
    maps = maps.masked_fill(is_masked[:, :, None, None], 0.0)
    log_map = (temperature * maps).flatten(2).log_softmax(dim=2).view_as(maps)
    probability = log_map.exp()
    x = probability.sum(dim=2) @ mesh(width, maps)
    y = probability.sum(dim=3) @ mesh(height, maps)
    goals = normalise_cells(targets.to(maps.dtype), map_size=(width, height))
    difference = masked_difference(torch.stack([x, y], dim=2), goals, weights)
    losses = torch.linalg.vector_norm(difference, dim=2)
    if regularisation:
        centres = targets.to(maps.dtype).masked_fill(is_masked[:, :, None], 0.0)
        log_goal = _log_gaussian(centres, (width, height), sigma)
        between = _jensen_shannon if divergence == "jensen_shannon" else _kullback_leibler
        losses = losses + regularisation * between(log_map, probability, log_goal)
    return weighted_mean(losses, weights)


def _log_gaussian(
    centres: Float[Tensor, "B K 2"], map_size: tuple[int, int], sigma: float
) -> Float[Tensor, "B K H W"]:
    """Log of a Gaussian whose cells add up to 1: the sum of that of its axes."""
    of_axes = []
    for axis, size in enumerate(map_size):
        positions = torch.arange(size, device=centres.device, dtype=centres.dtype)
        apart = positions - centres[..., axis : axis + 1]
        of_axes.append((-apart.square() / (2 * sigma**2)).log_softmax(dim=2))
    return of_axes[1][..., :, None] + of_axes[0][..., None, :]


def _kullback_leibler(log_map: Tensor, probability: Tensor, log_goal: Tensor) -> Tensor:
    """(B, K) divergence of the map from the goal, in nats."""
    return (probability * (log_map - log_goal)).sum(dim=(2, 3))


def _jensen_shannon(log_map: Tensor, probability: Tensor, log_goal: Tensor) -> Tensor:
    """(B, K) mean divergence of the map and of the goal from their mean, in nats."""
    log_mean = torch.logaddexp(log_map, log_goal) - math.log(2)
    of_map = (probability * (log_map - log_mean)).sum(dim=(2, 3))
    of_goal = (log_goal.exp() * (log_goal - log_mean)).sum(dim=(2, 3))
    return 0.5 * (of_map + of_goal)
