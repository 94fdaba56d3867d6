"""What the network learns from."""

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
    per_map = ((heatmaps - targets).square() * (1 + emphasis * targets)).mean(dim=(2, 3))
    return (per_map * weights).sum() / len(heatmaps)


def size_loss(
    sizes: Float[Tensor, "B H W"],
    targets: Float[Tensor, "B H W"],
    weights: Float[Tensor, "B H W"],
) -> Float[Tensor, ""]:
    """Absolute error of log sizes where the weights say that there is a subject."""
    return ((sizes - targets).abs() * weights).sum() / weights.sum().clamp(min=1.0)
