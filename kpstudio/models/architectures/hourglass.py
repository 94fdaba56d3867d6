"""Hourglasses in a row with supervision between them, whatever residual blocks they are of.

Names are those of the published PyTorch weights for MPII.
Source: Newell, Yang, Deng: Stacked Hourglass Networks, ECCV 2016.
"""

from collections.abc import Callable, Sequence
from typing import Literal, cast

from torch import Tensor, nn
from torch.nn import functional

from kpstudio.models.architectures.architecture import Architecture

FEATURES = 256
STEM_CHANNELS = 64
DEPTH = 4

Place = Literal["skip", "down", "up", "centre"]


class PreactivatedResidual(nn.Module):
    """Convolutions of 1, 3 and 1, each after a normalisation and a ReLU; the input is added.

    Args:
        inputs: Channels of the input.
        outputs: Channels of the result.
        shortcut: What the input passes before it is added.
    """

    def __init__(self, inputs: int, outputs: int, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        inner = outputs // 2
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, inner, 1)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, padding=1)
        self.bn3 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, outputs, 1)
        self.downsample = shortcut

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv1(functional.relu(self.bn1(x), inplace=True))
        inner = self.conv2(functional.relu(self.bn2(inner), inplace=True))
        inner = self.conv3(functional.relu(self.bn3(inner), inplace=True))
        shortcut: Tensor = x if self.downsample is None else self.downsample(x)
        return shortcut + inner


class Hourglass(nn.Module):
    """Halves the size several times, then doubles it again, and adds what it had at each size.

    Args:
        make_block: A block for a level (0 is the smallest) and its place there.
    """

    def __init__(self, make_block: Callable[[int, Place], nn.Module]) -> None:
        super().__init__()
        self.hg = nn.ModuleList()
        for level in range(DEPTH):
            places: tuple[Place, ...] = ("skip", "down", "up")
            if level == 0:
                places = (*places, "centre")
            self.hg.append(nn.ModuleList(make_block(level, place) for place in places))

    def forward(self, x: Tensor) -> Tensor:
        levels = [cast(nn.ModuleList, each) for each in self.hg]
        kept = []
        for blocks in reversed(levels):
            kept.append(blocks[0](x))
            x = blocks[1](functional.max_pool2d(x, 2))
        x = levels[0][3](x)
        for blocks in levels:
            x = kept.pop() + functional.interpolate(blocks[2](x), scale_factor=2.0)
        return x


class HourglassStack(Architecture):
    """Hourglasses at a quarter of the size; each but the first sees the maps of the one before.

    Args:
        keypoints: K.
        channels: Of the input.
        stem: Three modules: from 64 channels at half the size, and two more after a pooling, to
            256 channels.
        hourglasses: One for each stage.
        afterwards: What follows each hourglass.
    """

    stride = 4
    size_multiple = 4 * 2**DEPTH

    def __init__(
        self,
        *,
        keypoints: int,
        channels: int,
        stem: tuple[nn.Module, nn.Module, nn.Module],
        hourglasses: Sequence[Hourglass],
        afterwards: Sequence[nn.Module],
    ) -> None:
        super().__init__(channels=channels)
        stacks = len(hourglasses)
        self.conv1 = nn.Conv2d(channels, STEM_CHANNELS, 7, 2, 3)
        self.bn1 = nn.BatchNorm2d(STEM_CHANNELS)
        self.layer1, self.layer2, self.layer3 = stem
        self.hg = nn.ModuleList(hourglasses)
        self.res = nn.ModuleList(afterwards)
        self.fc = nn.ModuleList(_make_linear() for _ in range(stacks))
        self.score = nn.ModuleList(nn.Conv2d(FEATURES, keypoints, 1) for _ in range(stacks))
        self.fc_ = nn.ModuleList(nn.Conv2d(FEATURES, FEATURES, 1) for _ in range(stacks - 1))
        self.score_ = nn.ModuleList(nn.Conv2d(keypoints, FEATURES, 1) for _ in range(stacks - 1))

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        x = self.layer1(functional.relu(self.bn1(self.conv1(images)), inplace=True))
        x = features = self.layer3(self.layer2(functional.max_pool2d(x, 2)))
        stages: list[Tensor] = []
        for index, hourglass in enumerate(self.hg):
            if index > 0:
                x = x + self.fc_[index - 1](features) + self.score_[index - 1](stages[-1])
            features = self.fc[index](self.res[index](hourglass(x)))
            stages.append(self.score[index](features))
        return tuple(stages)


def _make_linear() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(FEATURES, FEATURES, 1), nn.BatchNorm2d(FEATURES), nn.ReLU(inplace=True)
    )
