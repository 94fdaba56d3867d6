"""What turns a backbone's features into heatmaps: a light top-down path to stride 4."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

_FIRST_DEVIATION = 1e-3


class TopDownPath(nn.Module):
    """Adds coarse features, enlarged, to finer ones, down to the finest stride.

    Args:
        feature_channels: Of the features, finest first; each is half the size of the one before.
        channels: Of the result.
    """

    def __init__(self, feature_channels: Sequence[int], channels: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(each, channels, 1) for each in feature_channels)
        self.merges = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1) for _ in feature_channels[1:]
        )

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """The merged features at the finest stride.

        Args:
            features: (B, C, H, W) each, finest first.
        """
        x: Tensor = self.laterals[-1](features[-1])
        finer = list(zip(self.laterals[:-1], features[:-1], self.merges, strict=True))
        for lateral, feature, merge in reversed(finer):
            size = feature.shape[2:]
            x = functional.interpolate(x, size=size, mode="bilinear") + lateral(feature)
            x = functional.relu(merge(x), inplace=True)
        return x


class LastMaps(nn.Module):
    """The maps of a pass from the merged features."""

    def __init__(self, channels: int, maps: int) -> None:
        super().__init__()
        self.merge = nn.Conv2d(channels, channels, 3, padding=1)
        self.maps = nn.Conv2d(channels, maps, 1)
        # Targets are almost everywhere zero: start there, and not at noise.
        nn.init.normal_(self.maps.weight, std=_FIRST_DEVIATION)
        nn.init.zeros_(self.maps.bias)  # type: ignore[arg-type]

    def forward(self, features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B M H W"]:
        return torch.as_tensor(self.maps(functional.relu(self.merge(features), inplace=True)))
