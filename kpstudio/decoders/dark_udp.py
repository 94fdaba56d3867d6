"""Decoder: the Newton step of DARK with differences of one cell, as in unbiased data processing."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from kpstudio.decoders.dark import Dark


@dataclass(frozen=True)
class DarkUdp(Dark):
    """DARK with all differences taken over one cell, on a log that is cut at a thousandth.

    For checkpoints of unbiased data processing (UDP). It needs fewer cells about the peak than
    DARK, and is as exact.
    """

    title: ClassVar[str] = "DARK-UDP"
    source: ClassVar[str] = (
        "Huang, Zhu, Guo, Huang: The Devil Is in the Details: Delving into Unbiased Data "
        "Processing for Human Pose Estimation, CVPR 2020."
    )

    _spacing: ClassVar[int] = 1
    _floor: ClassVar[float] = 1e-3

    def _mixed_derivative(self, log: Float[Tensor, "N 5 5"]) -> Float[Tensor, " N"]:
        diagonal = log[:, 3, 3] + log[:, 1, 1] + 2 * log[:, 2, 2]
        beside = log[:, 2, 3] + log[:, 3, 2] + log[:, 2, 1] + log[:, 1, 2]
        return 0.5 * (diagonal - beside)
