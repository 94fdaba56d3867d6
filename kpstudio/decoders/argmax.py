"""Decoder: the largest cell."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.decoders.decoder import Decoded, Decoder, HeadTraining
from kpstudio.decoders.peak import answer, find_peaks


@dataclass(frozen=True)
class Argmax(Decoder):
    """The largest cell, without a position inside of the cell."""

    title: ClassVar[str] = "Argmax"
    source: ClassVar[str] = "The quantised position; mean error 0.38 cells on clean Gaussians."

    def __call__(self, heatmaps: Float[Tensor, "B K H W"]) -> Decoded:
        peaks = find_peaks(heatmaps)
        return answer(peaks.cells(), peaks)

    def advice(self, head_training: HeadTraining) -> Advice:
        if head_training.loss == "dsnt":
            return Advice(
                "misleading",
                "This head learned where the mean of the map lies, and its largest cell may lie "
                "elsewhere.",
            )
        return Advice("usable", "It finds the right cell, but nothing finer than a cell.")
