"""FAN: hourglasses of hierarchical, parallel and multi-scale blocks."""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture

_FEATURES = 256
_STEM_CHANNELS = 64
_DEPTH = 4


class MultiScaleBlock(nn.Module):
    """Three 3 x 3 convolutions in a row whose results are put side by side; the input is added."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        half, quarter = outputs // 2, outputs // 4
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, half, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv2 = nn.Conv2d(half, quarter, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(quarter)
        self.conv3 = nn.Conv2d(quarter, quarter, 3, padding=1, bias=False)
        self.downsample = None
        if inputs != outputs:
            self.downsample = nn.Sequential(
                nn.BatchNorm2d(inputs),
                nn.ReLU(inplace=True),
                nn.Conv2d(inputs, outputs, 1, bias=False),
            )

    def forward(self, x: Tensor) -> Tensor:
        wide = self.conv1(functional.relu(self.bn1(x), inplace=True))
        middle = self.conv2(functional.relu(self.bn2(wide), inplace=True))
        narrow = self.conv3(functional.relu(self.bn3(middle), inplace=True))
        shortcut = x if self.downsample is None else self.downsample(x)
        return torch.cat([wide, middle, narrow], dim=1) + shortcut


class MultiScaleHourglass(nn.Module):
    """An hourglass of multi-scale blocks, with the published names of FAN."""

    def __init__(self) -> None:
        super().__init__()
        names = []
        for level in range(_DEPTH, 0, -1):
            names += [f"b1_{level}", f"b2_{level}"]
        names.append("b2_plus_1")
        names += [f"b3_{level}" for level in range(1, _DEPTH + 1)]
        for name in names:
            self.add_module(name, MultiScaleBlock(_FEATURES, _FEATURES))

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for level in range(_DEPTH, 0, -1):
            kept.append(self.get_submodule(f"b1_{level}")(x))
            x = self.get_submodule(f"b2_{level}")(functional.avg_pool2d(x, 2))
        x = self.get_submodule("b2_plus_1")(x)
        for level in range(1, _DEPTH + 1):
            x = self.get_submodule(f"b3_{level}")(x)
            x = kept.pop() + functional.interpolate(x, scale_factor=2.0)
        return x


class Fan(Architecture):
    """Images (B, C, H, W) to heatmaps (B, K, H/4, W/4) of each stack; sides are multiples of 64.

    Args:
        keypoints: K.
        channels: C.
        stacks: Hourglasses, each with its maps: 1 to 4 have been published.

    Source: Bulat, Tzimiropoulos: How far are we from solving the 2D & 3D Face Alignment problem?,
    ICCV 2017.
    """

    cell_mapping: ClassVar[CellMapping] = "multiply"
    stride = 4
    size_multiple = 4 * 2**_DEPTH

    def __init__(self, *, keypoints: int, channels: int = 3, stacks: int = 4) -> None:
        super().__init__(channels=channels)
        half = _FEATURES // 2
        self.conv1 = nn.Conv2d(channels, _STEM_CHANNELS, 7, 2, 3)
        self.bn1 = nn.BatchNorm2d(_STEM_CHANNELS)
        self.conv2 = MultiScaleBlock(_STEM_CHANNELS, half)
        self.conv3 = MultiScaleBlock(half, half)
        self.conv4 = MultiScaleBlock(half, _FEATURES)
        self.stacks = stacks
        for index in range(stacks):
            self.add_module(f"m{index}", MultiScaleHourglass())
            self.add_module(f"top_m_{index}", MultiScaleBlock(_FEATURES, _FEATURES))
            self.add_module(f"conv_last{index}", nn.Conv2d(_FEATURES, _FEATURES, 1))
            self.add_module(f"bn_end{index}", nn.BatchNorm2d(_FEATURES))
            self.add_module(f"l{index}", nn.Conv2d(_FEATURES, keypoints, 1))
            if index < stacks - 1:
                self.add_module(f"bl{index}", nn.Conv2d(_FEATURES, _FEATURES, 1))
                self.add_module(f"al{index}", nn.Conv2d(keypoints, _FEATURES, 1))

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        x = functional.relu(self.bn1(self.conv1(images)), inplace=True)
        x = functional.avg_pool2d(self.conv2(x), 2)
        x = self.conv4(self.conv3(x))
        stages: list[Tensor] = []
        for index in range(self.stacks):
            features = self._run(f"top_m_{index}", self._run(f"m{index}", x))
            features = self._run(f"bn_end{index}", self._run(f"conv_last{index}", features))
            features = functional.relu(features, inplace=True)
            stages.append(self._run(f"l{index}", features))
            if index < self.stacks - 1:
                x = x + self._run(f"bl{index}", features) + self._run(f"al{index}", stages[-1])
        return tuple(stages)

    def _run(self, name: str, x: Tensor) -> Tensor:
        result: Tensor = self.get_submodule(name)(x)
        return result
