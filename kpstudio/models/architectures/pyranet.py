"""PyraNet: stacked hourglasses of pyramid residual modules."""

from functools import partial
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.hourglass import (
    FEATURES,
    STEM_CHANNELS,
    Hourglass,
    HourglassStack,
    Place,
    PreactivatedResidual,
)

# At the two smallest sizes there is nothing left to make a pyramid of.
_SMALLEST_SKIP_LEVEL = 1
_SMALLEST_LEVEL = 2


class Pyramid(nn.Module):
    """The same features at several smaller sizes, each convolved, enlarged and summed.

    Sizes are 2^(-c/C) for c = 1 to C. The paper pools with random windows; here they are at
    regular distances, so that an image always has the same maps.

    Args:
        channels: Of the features, before and after.
        scales: C.

    Source: Yang et al.: Learning Feature Pyramids, ICCV 2017, eq. 4 and section 3.2.
    """

    def __init__(self, channels: int, scales: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1) for _ in range(scales)
        )

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[2:]
        # The maximum of each 2 x 2 window; padding before is cut off again.
        windows = functional.max_pool2d(x, 2, 1, 1)[:, :, 1:, 1:]
        levels: list[Tensor] = []
        for index, conv in enumerate(self.convs):
            ratio = 2.0 ** (-(index + 1) / len(self.convs))
            small = conv(functional.interpolate(windows, scale_factor=ratio))
            levels.append(
                functional.interpolate(small, size=size, mode="bilinear", align_corners=True)
            )
        return sum(levels[1:], start=levels[0])


class PyramidResidual(nn.Module):
    """A residual block with a pyramid beside its 3 x 3 convolution ("PRM-B").

    Args:
        inputs: Channels of the input.
        outputs: Channels of the result.
        base_width: The pyramid has outputs / base_width channels.
        scales: Of the pyramid.
        is_preactivated: The input is normalised first.
        has_shortcut: The input is convolved before it is added, also where its channels fit.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        base_width: int,
        scales: int,
        is_preactivated: bool = True,
        has_shortcut: bool = False,
    ) -> None:
        super().__init__()
        inner, narrow = outputs // 2, max(1, outputs // base_width)
        self.bn1 = nn.BatchNorm2d(inputs) if is_preactivated else None
        self.conv1 = nn.Conv2d(inputs, inner, 1)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, padding=1)
        self.pyramid_bn1 = nn.BatchNorm2d(inputs) if is_preactivated else None
        self.pyramid_conv1 = nn.Conv2d(inputs, narrow, 1)
        self.pyramid_bn2 = nn.BatchNorm2d(narrow)
        self.pyramid = Pyramid(narrow, scales)
        self.pyramid_bn3 = nn.BatchNorm2d(narrow)
        self.pyramid_conv2 = nn.Conv2d(narrow, inner, 1)
        self.bn3 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, outputs, 1)
        self.downsample = _make_shortcut(inputs, outputs, is_forced=has_shortcut)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv1(_activate(self.bn1, x))
        inner = self.conv2(_activate(self.bn2, inner))
        pyramid = self.pyramid_conv1(_activate(self.pyramid_bn1, x))
        pyramid = self.pyramid(_activate(self.pyramid_bn2, pyramid))
        inner = inner + self.pyramid_conv2(_activate(self.pyramid_bn3, pyramid))
        inner = self.conv3(_activate(self.bn3, inner))
        shortcut: Tensor = x if self.downsample is None else self.downsample(x)
        return shortcut + inner


class PyraNet(HourglassStack):
    """Images (B, C, H, W) to heatmaps (B, K, H/4, W/4) of each stack; sides are multiples of 64.

    Args:
        keypoints: K.
        channels: C.
        stacks: Hourglasses, each with its maps.
        base_width: A pyramid has 1 / base_width of its block's channels.
        scales: Of each pyramid.

    Source: Yang et al.: Learning Feature Pyramids for Human Pose Estimation, ICCV 2017
    (arXiv 1708.01101).
    """

    cell_mapping: ClassVar[CellMapping] = "multiply"

    def __init__(
        self,
        *,
        keypoints: int,
        channels: int = 3,
        stacks: int = 2,
        base_width: int = 9,
        scales: int = 4,
    ) -> None:
        make = partial(PyramidResidual, base_width=base_width, scales=scales)
        half = FEATURES // 2

        def make_block(level: int, place: Place) -> nn.Module:
            is_up = place == "up"
            if level >= (_SMALLEST_SKIP_LEVEL if place == "skip" else _SMALLEST_LEVEL):
                return make(FEATURES, FEATURES, has_shortcut=is_up)
            shortcut = _make_shortcut(FEATURES, FEATURES, is_forced=is_up)
            return PreactivatedResidual(FEATURES, FEATURES, shortcut)

        super().__init__(
            keypoints=keypoints,
            channels=channels,
            stem=(
                make(STEM_CHANNELS, half, is_preactivated=False),
                make(half, half),
                make(half, FEATURES),
            ),
            hourglasses=[Hourglass(make_block) for _ in range(stacks)],
            afterwards=[
                nn.Sequential(nn.BatchNorm2d(FEATURES), nn.ReLU(inplace=True))
                for _ in range(stacks)
            ],
        )


def _activate(norm: nn.Module | None, x: Tensor) -> Tensor:
    return x if norm is None else functional.relu(norm(x), inplace=True)


def _make_shortcut(inputs: int, outputs: int, *, is_forced: bool) -> nn.Sequential | None:
    if inputs == outputs and not is_forced:
        return None
    return nn.Sequential(
        nn.BatchNorm2d(inputs), nn.ReLU(inplace=True), nn.Conv2d(inputs, outputs, 1)
    )
