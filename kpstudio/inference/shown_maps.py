"""Heatmaps for a person to look at, also of heads that decode something else."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.decoders import HeadTraining


def shown_maps(
    answers: Tensor, training: HeadTraining, *, map_size: tuple[int, int]
) -> Float[Tensor, "B K H W"]:
    """What a head believes, as heatmaps of height 1 for a person to look at.

    Args:
        answers: What the head gives.
        training: Of the head.
        map_size: (width, height) in cells.
    """
    if training.loss == "dsnt":
        flat = (training.temperature * answers).flatten(2)
        # A belief as sure as what it has learned from has the height 1.
        height = 2 * math.pi * training.sigma**2
        return (height * flat.softmax(dim=2)).clamp(max=1).view_as(answers)
    if training.loss == "awr":
        return answers[:, 3 * (answers.shape[1] // 4) :]
    if training.loss == "regression":
        return _of_coordinates(answers, map_size=map_size, sigma=training.sigma)
    return answers


def _of_coordinates(
    values: Float[Tensor, "B K D"], *, map_size: tuple[int, int], sigma: float
) -> Float[Tensor, "B K H W"]:
    """Gaussians at coordinates, as wide as the head says, or else of a usual width."""
    axes = []
    for axis, size in enumerate(map_size):
        positions = torch.arange(size, device=values.device, dtype=values.dtype)
        apart = positions - values[:, :, axis, None]
        deviation = values[:, :, 2 + axis, None] if values.shape[2] == 4 else sigma
        axes.append((-0.5 * (apart / deviation).square()).exp())
    return axes[1][..., :, None] * axes[0][..., None, :]
