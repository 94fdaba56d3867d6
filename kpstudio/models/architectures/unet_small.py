"""A small U-Net: for few labels, small images and processors without a GPU."""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture


class UNetSmall(Architecture):
    """Images (B, C, H, W) to one stage of heatmaps (B, K, H/stride, W/stride).

    Sides are multiples of 2^depth.

    Args:
        keypoints: K.
        channels: C.
        width: Channels at full size; twice as many at each smaller one, up to eight times.
        depth: How often the size is halved.
        stride: Input pixels per cell: a power of two, less than 2^depth.

    Source: Ronneberger, Fischer, Brox: U-Net, MICCAI 2015; normalised, and with padding.
    """

    cell_mapping: ClassVar[CellMapping] = "half_pixel"

    def __init__(
        self, *, keypoints: int, channels: int = 3, width: int = 16, depth: int = 4, stride: int = 2
    ) -> None:
        super().__init__(channels=channels)
        strides = [2**level for level in range(depth)]
        if stride not in strides:
            raise ValueError(f"the stride of a U-Net of depth {depth} is one of {strides}")
        self.stride = stride
        self.size_multiple = 2**depth
        widths = [width * 2 ** min(level, 3) for level in range(depth + 1)]
        self.encoder = nn.ModuleList()
        for level, outputs in enumerate(widths):
            inputs = channels if level == 0 else widths[level - 1]
            self.encoder.append(_make_convs(inputs, outputs))
        self.decoder = nn.ModuleList(
            _make_convs(widths[level + 1] + widths[level], widths[level])
            for level in range(depth - 1, strides.index(stride) - 1, -1)
        )
        self.maps = nn.Conv2d(widths[strides.index(stride)], keypoints, 1)

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        features: list[Tensor] = []
        for level, convs in enumerate(self.encoder):
            smaller = images if level == 0 else functional.max_pool2d(features[-1], 2)
            features.append(convs(smaller))
        x = features.pop()
        for convs in self.decoder:
            larger = functional.interpolate(x, scale_factor=2.0, mode="bilinear")
            x = convs(torch.cat([features.pop(), larger], dim=1))
        return (self.maps(x),)


def _make_convs(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for each in (inputs, outputs):
        layers += [
            nn.Conv2d(each, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)
