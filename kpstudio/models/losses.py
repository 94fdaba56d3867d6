"""What the network learns from: losses on heatmaps, and on each of several stages."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor


def weighted_mse(
    heatmaps: Float[Tensor, "B K H W"],
    targets: Float[Tensor, "B K H W"],
    weights: Float[Tensor, "B K"],
    *,
    emphasis: float = 0.0,
) -> Float[Tensor, ""]:
    """Mean over cells, times weight, summed over keypoints, divided by the batch.

    Args:
        heatmaps: Of the network.
        targets: Gaussians.
        weights: 0 for a keypoint that says nothing.
        emphasis: How much more a cell at a keypoint counts than one on empty ground, of which
            there is so much that a network otherwise first learns that there is nothing at all.
            0 is the loss of the source.

    Source: Sun, Xiao, Liu, Wang: HRNet, CVPR 2019.
    """
    return _squares(heatmaps, targets, weights, emphasis).sum() / len(heatmaps)


def ohkm(
    heatmaps: Float[Tensor, "B K H W"],
    targets: Float[Tensor, "B K H W"],
    weights: Float[Tensor, "B K"],
    *,
    hardest: int = 8,
    emphasis: float = 0.0,
) -> Float[Tensor, ""]:
    """Online hard keypoint mining: the mean error of the worst keypoints of each sample.

    Args:
        heatmaps: Of the network.
        targets: Gaussians.
        weights: 0 for a keypoint that says nothing.
        hardest: How many keypoints of a sample count; more than there are means all.
        emphasis: See `weighted_mse`.

    Source: Chen et al.: Cascaded Pyramid Network for Multi-Person Pose Estimation, CVPR 2018,
    section 3.2.2.
    """
    squares = _squares(heatmaps, targets, weights, emphasis)
    return squares.topk(min(hardest, squares.shape[1]), dim=1).values.mean()


def intermediate_supervision(
    stages: Sequence[Tensor],
    loss: Callable[[Tensor], Tensor],
    *,
    weights: Sequence[float] | None = None,
) -> Float[Tensor, ""]:
    """The sum of a loss over what each stage of a network gives.

    Args:
        stages: As the architectures give them, the best last.
        loss: Of one stage's output.
        weights: Of the stages; 1 each if None.

    Raises:
        ValueError: There are not as many weights as stages.

    Source: Newell, Yang, Deng: Stacked Hourglass Networks for Human Pose Estimation, ECCV 2016,
    section 3.2.
    """
    factors = [1.0] * len(stages) if weights is None else weights
    losses = [factor * loss(stage) for factor, stage in zip(factors, stages, strict=True)]
    return torch.stack(losses).sum()


def size_loss(
    sizes: Float[Tensor, "B H W"],
    targets: Float[Tensor, "B H W"],
    weights: Float[Tensor, "B H W"],
) -> Float[Tensor, ""]:
    """Absolute error of log sizes where the weights say that there is a subject."""
    return ((sizes - targets).abs() * weights).sum() / weights.sum().clamp(min=1.0)


def _squares(
    heatmaps: Float[Tensor, "B K H W"],
    targets: Float[Tensor, "B K H W"],
    weights: Float[Tensor, "B K"],
    emphasis: float,
) -> Float[Tensor, "B K"]:
    """Mean over cells of the squared error, times weight."""
    is_masked = (weights == 0)[:, :, None, None]
    # A weight of 0 would let NaN through: nothing masked may take part.
    squares = (heatmaps - targets).masked_fill_(is_masked, 0.0).square()
    if emphasis:
        squares = squares * (1 + emphasis * targets).masked_fill_(is_masked, 1.0)
    return squares.mean(dim=(2, 3)) * weights
