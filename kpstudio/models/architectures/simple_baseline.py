"""SimpleBaseline: a ResNet and three deconvolutions."""

from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture
from kpstudio.models.architectures.resnet import (
    DECONVOLUTION_WIDTH,
    make_deconvolutions,
    make_layers,
)

_FIRST_DEVIATION = 1e-3


class SimpleBaseline(Architecture):
    """Images (B, C, H, W) to one stage of heatmaps (B, K, H/4, W/4); sides are multiples of 32.

    Args:
        keypoints: K.
        channels: C.
        depth: Of the ResNet: 18, 34, 50, 101 or 152.

    Source: Xiao, Wu, Wei: Simple Baselines for Human Pose Estimation and Tracking, ECCV 2018.
    """

    cell_mapping: ClassVar[CellMapping] = "multiply"
    stride = 4
    size_multiple = 32

    def __init__(self, *, keypoints: int, channels: int = 3, depth: int = 50) -> None:
        super().__init__(channels=channels)
        self.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1, self.layer2, self.layer3, self.layer4 = make_layers(depth)
        self.deconv_layers = make_deconvolutions(depth)
        self.final_layer = nn.Conv2d(DECONVOLUTION_WIDTH, keypoints, 1)
        nn.init.normal_(self.final_layer.weight, std=_FIRST_DEVIATION)

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        x = functional.relu(self.bn1(self.conv1(images)), inplace=True)
        x = functional.max_pool2d(x, 3, 2, 1)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4, self.deconv_layers):
            x = layer(x)
        return (self.final_layer(x),)
