"""Losses on coordinates, each the weighted mean over the keypoints of a batch.

A keypoint of weight 0 takes no part, whatever its target is, not even NaN.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional


def coordinate_l2(
    coordinates: Float[Tensor, "B K D"],
    targets: Float[Tensor, "B K D"],
    weights: Float[Tensor, "B K"],
) -> Float[Tensor, ""]:
    """Euclidean distance.

    Args:
        coordinates: Of the network, in any unit.
        targets: In the same unit.
        weights: 0 for a keypoint that says nothing.
    """
    difference = masked_difference(coordinates, targets, weights)
    return weighted_mean(torch.linalg.vector_norm(difference, dim=2), weights)


def smooth_l1(
    coordinates: Float[Tensor, "B K D"],
    targets: Float[Tensor, "B K D"],
    weights: Float[Tensor, "B K"],
    *,
    beta: float = 1.0,
) -> Float[Tensor, ""]:
    """Absolute error, rounded off below `beta`, summed over the axes.

    Args:
        coordinates: Of the network, in any unit.
        targets: In the same unit.
        weights: 0 for a keypoint that says nothing.
        beta: Error in that unit from which on it counts linearly.

    Source: Girshick: Fast R-CNN, ICCV 2015, equation 3.
    """
    difference = masked_difference(coordinates, targets, weights)
    return weighted_mean(smooth_absolute(difference, beta).sum(dim=2), weights)


def wing(
    coordinates: Float[Tensor, "B K D"],
    targets: Float[Tensor, "B K D"],
    weights: Float[Tensor, "B K"],
    *,
    width: float = 10.0,
    curvature: float = 2.0,
) -> Float[Tensor, ""]:
    """The logarithm of small errors, so that they count more than in L1; L1 of large ones.

    Args:
        coordinates: Of the network.
        targets: In the same unit.
        weights: 0 for a keypoint that says nothing.
        width: w of the source, the error from which on the loss is linear, in the unit of the
            coordinates; the source has 10 pixels in faces of 256.
        curvature: Epsilon of the source, in the same unit.

    Source: Feng, Kittler, Awais, Huber, Wu: Wing Loss for Robust Facial Landmark Localisation with
    Convolutional Neural Networks, CVPR 2018, equation 5.
    """
    error = masked_difference(coordinates, targets, weights).abs()
    step = width - width * math.log1p(width / curvature)
    small = width * torch.log1p(error / curvature)
    return weighted_mean(torch.where(error < width, small, error - step).sum(dim=2), weights)


def coordinate_likelihood(
    coordinates: Float[Tensor, "B K 4"],
    targets: Float[Tensor, "B K 2"],
    weights: Float[Tensor, "B K"],
) -> Float[Tensor, ""]:
    """Negative log likelihood of the targets, up to a constant: what teaches a head its doubts.

    Args:
        coordinates: x, y and the standard deviations of both, as a regression head gives them.
        targets: x and y in the same unit.
        weights: 0 for a keypoint that says nothing.

    Source: Kendall, Gal: What Uncertainties Do We Need in Bayesian Deep Learning for Computer
    Vision?, NeurIPS 2017, equation 5.
    """
    difference = masked_difference(coordinates[..., :2], targets, weights)
    deviations = coordinates[..., 2:].masked_fill((weights == 0)[..., None], 1.0)
    losses = 0.5 * (difference / deviations).square() + deviations.log()
    return weighted_mean(losses.sum(dim=2), weights)


def masked_difference(
    coordinates: Float[Tensor, "B K D"],
    targets: Float[Tensor, "B K D"],
    weights: Float[Tensor, "B K"],
) -> Float[Tensor, "B K D"]:
    """Coordinates less targets, and 0, without a gradient, where the weight is 0."""
    return (coordinates - targets).masked_fill((weights == 0)[..., None], 0.0)


def weighted_mean(losses: Float[Tensor, "B K"], weights: Float[Tensor, "B K"]) -> Float[Tensor, ""]:
    """Mean over keypoints, each as often as its weight says; 0 if none has any."""
    total = weights.sum().clamp(min=torch.finfo(weights.dtype).tiny)
    return (losses * weights).sum() / total


def smooth_absolute(errors: Float[Tensor, "*N"], beta: float) -> Float[Tensor, "*N"]:
    """Absolute values, rounded off below `beta`."""
    return functional.smooth_l1_loss(errors, torch.zeros_like(errors), reduction="none", beta=beta)
