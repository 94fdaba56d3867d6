"""What residual networks are made of, and the deconvolutions that enlarge its features again.

Names are those of the published ImageNet weights.
Source: He et al.: Deep Residual Learning, CVPR 2016; Xiao et al.: Simple Baselines, ECCV 2018.
"""

from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

DECONVOLUTION_WIDTH = 256
_DECONVOLUTIONS = 3
_STAGE_WIDTHS = (64, 128, 256, 512)


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions around which the input is added."""

    expansion: ClassVar[int] = 1

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _make_shortcut(inputs, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.bn1(self.conv1(x)), inplace=True)
        inner = self.bn2(self.conv2(inner))
        shortcut = x if self.downsample is None else self.downsample(x)
        return functional.relu(inner + shortcut, inplace=True)


class Bottleneck(nn.Module):
    """A 3 x 3 convolution between two of 1 x 1 that narrow and widen; the input is added."""

    expansion: ClassVar[int] = 4

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        outputs = width * self.expansion
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = _make_shortcut(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.bn1(self.conv1(x)), inplace=True)
        inner = functional.relu(self.bn2(self.conv2(inner)), inplace=True)
        inner = self.bn3(self.conv3(inner))
        shortcut = x if self.downsample is None else self.downsample(x)
        return functional.relu(inner + shortcut, inplace=True)


Block = type[BasicBlock] | type[Bottleneck]

_DEPTHS: dict[int, tuple[Block, tuple[int, int, int, int]]] = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}


def make_blocks(
    block: Block, inputs: int, width: int, *, count: int, stride: int = 1
) -> nn.Sequential:
    """Blocks in a row, of which the first changes the size and the number of channels."""
    outputs = width * block.expansion
    rest = [block(outputs, width) for _ in range(count - 1)]
    return nn.Sequential(block(inputs, width, stride), *rest)


def make_layers(depth: int) -> list[nn.Sequential]:
    """The four layers of a ResNet, from 64 channels on; all but the first halve the size.

    Raises:
        ValueError: There is no ResNet of this depth.
    """
    if depth not in _DEPTHS:
        raise ValueError(f"ResNets have {', '.join(map(str, _DEPTHS))} layers, not {depth}")
    block, counts = _DEPTHS[depth]
    layers = []
    inputs = _STAGE_WIDTHS[0]
    for index, (width, count) in enumerate(zip(_STAGE_WIDTHS, counts, strict=True)):
        stride = 1 if index == 0 else 2
        layers.append(make_blocks(block, inputs, width, count=count, stride=stride))
        inputs = width * block.expansion
    return layers


def make_deconvolutions(depth: int) -> nn.Sequential:
    """Three times twice the size, from the channels of a ResNet's last layer to 256."""
    inputs = _STAGE_WIDTHS[-1] * _DEPTHS[depth][0].expansion
    layers: list[nn.Module] = []
    for _ in range(_DECONVOLUTIONS):
        layers += [
            nn.ConvTranspose2d(inputs, DECONVOLUTION_WIDTH, 4, 2, 1, bias=False),
            nn.BatchNorm2d(DECONVOLUTION_WIDTH),
            nn.ReLU(inplace=True),
        ]
        inputs = DECONVOLUTION_WIDTH
    return nn.Sequential(*layers)


def _make_shortcut(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
