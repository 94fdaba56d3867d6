"""A fully connected head: coordinates straight from the features, for small data, rigid shapes."""

import math
from contextlib import AbstractContextManager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from kpstudio.decoders.normalised_frame import to_cells

_FIRST_DEVIATION = 1e-3
# Of the map, which is about how well untrained coordinates are known.
_FIRST_SPREAD = 0.25
# In cells: a spread of 0 would make the likelihood infinite.
_SMALLEST_SPREAD = 1e-3
_SOFTPLUS_IS_1 = math.log(math.e - 1)


class RegressionHead(nn.Module):
    """x and y of each keypoint in the cells of the features, and on request their doubts.

    Args:
        channels: Of the features.
        keypoints: K.
        grid: The features are averaged to grid x grid values: 1 forgets where they were.
        hidden: Width of the hidden layer.
        has_spread: Whether to predict standard deviations, too.
    """

    def __init__(
        self,
        channels: int,
        keypoints: int,
        *,
        grid: int = 4,
        hidden: int = 256,
        has_spread: bool = False,
    ) -> None:
        super().__init__()
        self._keypoints, self._grid = keypoints, grid
        self._values = 4 if has_spread else 2
        # Whatever the features' scale, so that the first steps are not lost on it.
        self.norm = nn.GroupNorm(1, channels, eps=1e-12)
        self.hidden = nn.Linear(channels * grid * grid, hidden)
        self.coordinates = nn.Linear(hidden, keypoints * self._values)
        # All points start in the middle of the map, and not somewhere outside of it.
        nn.init.normal_(self.coordinates.weight, std=_FIRST_DEVIATION)
        nn.init.zeros_(self.coordinates.bias)

    def forward(self, features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K D"]:
        """Cells x and y (D = 2), or x, y and the standard deviations of both (D = 4)."""
        # Numbers also where the network is traced: then its size is fixed.
        map_size = (int(features.shape[3]), int(features.shape[2]))
        features = self.norm(features)
        columns, rows = (_averages(size, self._grid, features) for size in map_size)
        pooled = (rows @ features @ columns.T).flatten(1)
        hidden = functional.relu(self.hidden(pooled)).float()
        with _single_precision(hidden.device.type):
            values = functional.linear(hidden, self.coordinates.weight, self.coordinates.bias)
        values = values.view(-1, self._keypoints, self._values)
        cells = to_cells(values[..., :2], map_size=map_size)
        if self._values == 2:
            return cells
        unit = _FIRST_SPREAD * values.new_tensor(map_size)
        # 1 for a raw value of 0, and never negative.
        factor = functional.softplus(values[..., 2:] + _SOFTPLUS_IS_1)
        return torch.cat([cells, factor * unit + _SMALLEST_SPREAD], dim=2)


def _single_precision(device: str) -> AbstractContextManager[object]:
    """Half precision knows coordinates to a quarter of a cell only."""
    if torch.is_autocast_enabled(device):
        return torch.autocast(device, enabled=False)
    # An exported program would have a region of its own for nothing.
    return nullcontext()


def _averages(size: int, bins: int, like: Tensor) -> Float[Tensor, "bins size"]:
    """A matrix that averages an axis to equal bins, also where cells lie in two of them.

    Unlike adaptive pooling it can be exported for any size.
    """
    edges = torch.arange(bins + 1, device=like.device, dtype=torch.float32) * (size / bins)
    cells = torch.arange(size, device=like.device, dtype=torch.float32)
    high = torch.minimum(edges[1:, None], cells + 1)
    low = torch.maximum(edges[:-1, None], cells)
    return ((high - low).clamp(min=0) * (bins / size)).to(like.dtype)
