"""The stacked hourglass network."""

from typing import ClassVar

from torch import nn

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.hourglass import (
    FEATURES,
    STEM_CHANNELS,
    Hourglass,
    HourglassStack,
    PreactivatedResidual,
)


class StackedHourglass(HourglassStack):
    """Images (B, C, H, W) to heatmaps (B, K, H/4, W/4) of each stack; sides are multiples of 64.

    Args:
        keypoints: K.
        channels: C.
        stacks: Hourglasses, each with its maps: 1, 2, 4 and 8 have been published.
        blocks: Residual blocks in each place.

    Source: Newell, Yang, Deng: Stacked Hourglass Networks for Human Pose Estimation, ECCV 2016.
    """

    cell_mapping: ClassVar[CellMapping] = "multiply"

    def __init__(
        self, *, keypoints: int, channels: int = 3, stacks: int = 2, blocks: int = 1
    ) -> None:
        half = FEATURES // 2
        super().__init__(
            keypoints=keypoints,
            channels=channels,
            stem=(
                _make_blocks(STEM_CHANNELS, half, blocks),
                _make_blocks(half, FEATURES, blocks),
                _make_blocks(FEATURES, FEATURES, blocks),
            ),
            hourglasses=[
                Hourglass(lambda _level, _place: _make_blocks(FEATURES, FEATURES, blocks))
                for _ in range(stacks)
            ],
            afterwards=[_make_blocks(FEATURES, FEATURES, blocks) for _ in range(stacks)],
        )


def _make_blocks(inputs: int, outputs: int, count: int) -> nn.Sequential:
    shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1)) if inputs != outputs else None
    rest = [PreactivatedResidual(outputs, outputs) for _ in range(count - 1)]
    return nn.Sequential(PreactivatedResidual(inputs, outputs, shortcut), *rest)
