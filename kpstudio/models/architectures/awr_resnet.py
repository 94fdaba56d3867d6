"""AWR's ResNet with deconvolutions: dense offsets and closeness from a depth image."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture
from kpstudio.models.architectures.resnet import (
    DECONVOLUTION_WIDTH,
    make_deconvolutions,
    make_layers,
)


class AwrResNet(Architecture):
    """Depth (B, C, H, W) to one stage (B, 4K, H/2, W/2); sides are multiples of 16.

    Of the 4K maps the first 3K are offsets (the u, v and d of each keypoint in turn), and the
    last K are closeness. Without votes the K maps of closeness are all.

    Args:
        keypoints: K.
        channels: C.
        depth: Of the ResNet: 18, 34, 50, 101 or 152.
        has_votes: With offsets, as published.

    Source: Huang et al.: AWR: Adaptive Weighting Regression for 3D Hand Pose, AAAI 2020.
    """

    cell_mapping: ClassVar[CellMapping] = "half_pixel"
    stride = 2
    size_multiple = 16

    def __init__(
        self, *, keypoints: int, channels: int = 1, depth: int = 18, has_votes: bool = True
    ) -> None:
        super().__init__(channels=channels)
        self.pre = nn.Sequential(
            nn.Conv2d(channels, 64, 5, 1, 2, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        )
        self.layer1, self.layer2, self.layer3, self.layer4 = make_layers(depth)
        self.deconv_layers = make_deconvolutions(depth)
        self.final1 = nn.Conv2d(DECONVOLUTION_WIDTH, 3 * keypoints, 1) if has_votes else None
        self.final2 = nn.Conv2d(DECONVOLUTION_WIDTH, keypoints, 1)

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        x = self.pre(images)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4, self.deconv_layers):
            x = layer(x)
        closeness = self.final2(x)
        if self.final1 is None:
            return (closeness,)
        return (torch.cat([self.final1(x), closeness], dim=1),)
