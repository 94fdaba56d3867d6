"""HRNet: branches of all sizes side by side, which exchange what they have."""

from collections.abc import Sequence
from typing import ClassVar, cast

from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture
from kpstudio.models.architectures.resnet import BasicBlock, Bottleneck, make_blocks

_STEM_CHANNELS = 64
_BLOCKS = 4
_FIRST_DEVIATION = 1e-3


class ExchangeModule(nn.Module):
    """Four blocks on each branch, then each result is the sum of all branches at its size.

    Args:
        widths: Channels of the branches, largest size first.
        results: How many of the branches have a result.
    """

    def __init__(self, widths: Sequence[int], results: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            make_blocks(BasicBlock, width, width, count=_BLOCKS) for width in widths
        )
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(_make_exchange(widths, source, target) for source in range(len(widths)))
            for target in range(results)
        )

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        features = [branch(each) for branch, each in zip(self.branches, features, strict=True)]
        results = []
        for each in self.fuse_layers:
            exchanges = cast(nn.ModuleList, each)
            first, *rest = [
                exchange(each) for exchange, each in zip(exchanges, features, strict=True)
            ]
            results.append(functional.relu(sum(rest, start=first)))
        return results


class HrNet(Architecture):
    """Images (B, C, H, W) to one stage of heatmaps (B, K, H/4, W/4); sides are multiples of 32.

    Args:
        keypoints: K.
        channels: C.
        width: Channels of the largest branch: 18, 32 and 48 have been published.

    Source: Sun et al.: Deep High-Resolution Representation Learning, CVPR 2019.
    """

    cell_mapping: ClassVar[CellMapping] = "multiply"
    stride = 4
    size_multiple = 32

    def __init__(self, *, keypoints: int, channels: int = 3, width: int = 32) -> None:
        super().__init__(channels=channels)
        widths = [width * 2**index for index in range(4)]
        stem = _STEM_CHANNELS
        self.conv1 = nn.Conv2d(channels, stem, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.conv2 = nn.Conv2d(stem, stem, 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(stem)
        self.layer1 = make_blocks(Bottleneck, stem, stem, count=4)
        wide = stem * Bottleneck.expansion
        self.transition1 = nn.ModuleList(
            [_make_conv(wide, widths[0]), nn.Sequential(_make_conv(wide, widths[1], stride=2))]
        )
        self.stage2 = _make_stage(widths[:2], modules=1)
        self.transition2 = _make_transition(widths[:3])
        self.stage3 = _make_stage(widths[:3], modules=4)
        self.transition3 = _make_transition(widths)
        self.stage4 = _make_stage(widths, modules=3, results=1)
        self.final_layer = nn.Conv2d(width, keypoints, 1)
        nn.init.normal_(self.final_layer.weight, std=_FIRST_DEVIATION)

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        x = functional.relu(self.bn1(self.conv1(images)), inplace=True)
        x = functional.relu(self.bn2(self.conv2(x)), inplace=True)
        x = self.layer1(x)
        features = self.stage2([transition(x) for transition in self.transition1])
        for transition, stage in ((self.transition2, self.stage3), (self.transition3, self.stage4)):
            features = stage([*features, transition[-1](features[-1])])
        return (self.final_layer(features[0]),)


def _make_conv(inputs: int, outputs: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _make_transition(widths: Sequence[int]) -> nn.ModuleList:
    """A new smallest branch from the last one; the others stay, but count in its name."""
    new = nn.Sequential(_make_conv(widths[-2], widths[-1], stride=2))
    return nn.ModuleList([*(nn.Identity() for _ in widths[:-1]), new])


def _make_stage(
    widths: Sequence[int], *, modules: int, results: int | None = None
) -> nn.Sequential:
    """Exchange modules in a row, of which the last may have fewer results."""
    counts = [len(widths)] * (modules - 1) + [results or len(widths)]
    return nn.Sequential(*(ExchangeModule(widths, count) for count in counts))


def _make_exchange(widths: Sequence[int], source: int, target: int) -> nn.Module:
    """From the size and the channels of one branch to those of another."""
    if source == target:
        return nn.Identity()
    if source > target:
        return nn.Sequential(
            nn.Conv2d(widths[source], widths[target], 1, bias=False),
            nn.BatchNorm2d(widths[target]),
            nn.Upsample(scale_factor=2.0 ** (source - target)),
        )
    steps = [
        _make_conv(widths[source], widths[source], stride=2) for _ in range(target - source - 1)
    ]
    # The ReLU of the last step follows the sum.
    last = _make_conv(widths[source], widths[target], stride=2)[:2]
    return nn.Sequential(*steps, last)
