"""Decoder: a quarter cell from the largest cell toward its larger neighbour."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.decoders.decoder import Decoded, Decoder, HeadTraining
from kpstudio.decoders.peak import answer, find_peaks, values_at


@dataclass(frozen=True)
class QuarterOffset(Decoder):
    """The largest cell, moved by a quarter cell toward the larger neighbour on each axis."""

    title: ClassVar[str] = "Quarter offset"
    source: ClassVar[str] = (
        "Newell, Yang, Deng: Stacked Hourglass Networks for Human Pose Estimation, ECCV 2016."
    )

    def __call__(self, heatmaps: Float[Tensor, "B K H W"]) -> Decoded:
        height, width = heatmaps.shape[2:]
        peaks = find_peaks(heatmaps)
        x, y = peaks.columns, peaks.rows
        columns = torch.stack([x - 1, x + 1, x, x], dim=-1)[..., None]
        rows = torch.stack([y, y, y - 1, y + 1], dim=-1)[..., None]
        left, right, up, down = values_at(heatmaps, columns, rows)[..., 0].unbind(-1)
        # A cell on the border lacks one neighbour: nothing says to which side it should move.
        dx = torch.sign(right - left) * ((x > 0) & (x < width - 1))
        dy = torch.sign(down - up) * ((y > 0) & (y < height - 1))
        return answer(peaks.cells() + 0.25 * torch.stack([dx, dy], dim=-1), peaks)

    def advice(self, head_training: HeadTraining) -> Advice:
        if head_training.loss == "dsnt":
            return Advice(
                "misleading",
                "This head learned where the mean of the map lies, and its largest cell may lie "
                "elsewhere.",
            )
        return Advice("usable", "It halves the error of the largest cell, at almost no cost.")
