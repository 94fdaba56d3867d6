"""AWR's hourglass: dense offsets and closeness from a depth image."""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture

_FEATURES = 256
_DEPTH = 4


class ConvUnit(nn.Module):
    """A convolution that keeps the size, on its own or with a normalisation and a ReLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, *, is_activated: bool = False
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
        self.bn = nn.BatchNorm2d(outputs) if is_activated else None

    def forward(self, x: Tensor) -> Tensor:
        plain: Tensor = self.conv(x)
        return plain if self.bn is None else functional.relu(self.bn(plain), inplace=True)


class AwrResidual(nn.Module):
    """Convolutions of 1, 3 and 1, each after a normalisation and a ReLU; the input is added."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        inner = outputs // 2
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = ConvUnit(inputs, inner)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv2 = ConvUnit(inner, inner, 3)
        self.bn3 = nn.BatchNorm2d(inner)
        self.conv3 = ConvUnit(inner, outputs)
        self.skip_layer = ConvUnit(inputs, outputs)
        self._has_skip = inputs != outputs
        # Published weights hold this layer also where it is not used.
        self.skip_layer.requires_grad_(self._has_skip)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv1(functional.relu(self.bn1(x), inplace=True))
        inner = self.conv2(functional.relu(self.bn2(inner), inplace=True))
        inner = self.conv3(functional.relu(self.bn3(inner), inplace=True))
        shortcut: Tensor = self.skip_layer(x) if self._has_skip else x
        return shortcut + inner


class NestedHourglass(nn.Module):
    """An hourglass that holds the next smaller one.

    Args:
        depth: How often the size is halved.
    """

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.up1 = AwrResidual(_FEATURES, _FEATURES)
        self.low1 = AwrResidual(_FEATURES, _FEATURES)
        self.low2: nn.Module
        if depth > 1:
            self.low2 = NestedHourglass(depth - 1)
        else:
            self.low2 = AwrResidual(_FEATURES, _FEATURES)
        self.low3 = AwrResidual(_FEATURES, _FEATURES)

    def forward(self, x: Tensor) -> Tensor:
        low = self.low3(self.low2(self.low1(functional.max_pool2d(x, 2))))
        kept: Tensor = self.up1(x)
        return kept + functional.interpolate(low, scale_factor=2.0)


class _Merge(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.conv = ConvUnit(inputs, _FEATURES)

    def forward(self, x: Tensor) -> Tensor:
        merged: Tensor = self.conv(x)
        return merged


class AwrHourglass(Architecture):
    """Depth (B, C, H, W) to (B, 4K, H/2, W/2) of each stack; sides are multiples of 32.

    Of the 4K maps the first 3K are offsets (the u, v and d of each keypoint in turn), and the
    last K are closeness. Without votes the K maps of closeness are all.

    Args:
        keypoints: K.
        channels: C.
        stacks: Hourglasses, each with its maps.
        has_votes: With offsets, as published.

    Source: Huang et al.: AWR: Adaptive Weighting Regression for 3D Hand Pose, AAAI 2020.
    """

    cell_mapping: ClassVar[CellMapping] = "half_pixel"
    stride = 2
    size_multiple = 2 * 2**_DEPTH

    def __init__(
        self, *, keypoints: int, channels: int = 1, stacks: int = 1, has_votes: bool = True
    ) -> None:
        super().__init__(channels=channels)
        self.pre = nn.Sequential(
            ConvUnit(channels, 64, 5, is_activated=True),
            AwrResidual(64, 128),
            nn.MaxPool2d(2),
            AwrResidual(128, _FEATURES),
            AwrResidual(_FEATURES, _FEATURES),
        )
        self.hgs = nn.ModuleList(nn.Sequential(NestedHourglass(_DEPTH)) for _ in range(stacks))
        self.features = nn.ModuleList(
            nn.Sequential(
                AwrResidual(_FEATURES, _FEATURES),
                ConvUnit(_FEATURES, _FEATURES, is_activated=True),
            )
            for _ in range(stacks)
        )
        self.outs_1 = nn.ModuleList(
            nn.Conv2d(_FEATURES, 3 * keypoints, 1) for _ in range(stacks if has_votes else 0)
        )
        self.outs_2 = nn.ModuleList(nn.Conv2d(_FEATURES, keypoints, 1) for _ in range(stacks))
        maps = 4 * keypoints if has_votes else keypoints
        self.merge_features = nn.ModuleList(_Merge(_FEATURES) for _ in range(stacks - 1))
        self.merge_preds = nn.ModuleList(_Merge(maps) for _ in range(stacks - 1))

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        x = features = self.pre(images)
        stages: list[Tensor] = []
        for index, hourglass in enumerate(self.hgs):
            if index > 0:
                merged = self.merge_features[index - 1](features)
                x = x + merged + self.merge_preds[index - 1](stages[-1])
            features = self.features[index](hourglass(x))
            closeness = self.outs_2[index](features)
            if self.outs_1:
                stages.append(torch.cat([self.outs_1[index](features), closeness], dim=1))
            else:
                stages.append(closeness)
        return tuple(stages)
