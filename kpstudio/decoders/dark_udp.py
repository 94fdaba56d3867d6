"""Decoder: the Newton step of DARK with differences of one cell, as in unbiased data processing."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.core.parameters import parameter
from kpstudio.decoders import suitability
from kpstudio.decoders.decoder import HeadTraining
from kpstudio.decoders.heatmap_decoder import HeatmapDecoder, Located
from kpstudio.decoders.newton import blurred_log, newton_step
from kpstudio.decoders.peak import Peaks

_FLOOR = 1e-3


@dataclass(frozen=True)
class DarkUdp(HeatmapDecoder):
    """DARK with all differences taken over one cell, on a log that is cut at a thousandth.

    For checkpoints of unbiased data processing (UDP). It needs fewer cells about the peak than
    DARK, and is as exact.
    """

    title: ClassVar[str] = "DARK-UDP"
    source: ClassVar[str] = (
        "Huang, Zhu, Guo, Huang: The Devil Is in the Details: Delving into Unbiased Data "
        "Processing for Human Pose Estimation, CVPR 2020."
    )

    sigma: float = parameter(
        2.0,
        minimum=0.5,
        maximum=6.0,
        help="Sigma in cells of the Gaussians that the head was trained with.",
    )

    def locate(
        self,
        maps: Float[Tensor, "N H W"],
        peaks: Peaks,
        *,
        covariance: bool,  # noqa: ARG002
    ) -> Located:
        log = blurred_log(maps, peaks, sigma=self.sigma, spacing=1, floor=_FLOOR)
        values = log.values
        diagonal = values[:, 3, 3] + values[:, 1, 1] + 2 * values[:, 2, 2]
        beside = values[:, 2, 3] + values[:, 3, 2] + values[:, 2, 1] + values[:, 1, 2]
        return Located(newton_step(log, 0.5 * (diagonal - beside), peaks))

    def advice(self, head_training: HeadTraining) -> Advice:
        return suitability.of_gaussian(
            head_training,
            sigma=self.sigma,
            fits="The head learned Gaussians, and this finds the centre of one.",
        )

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:
        return {"sigma": head_training.sigma} if head_training.loss == "mse" else {}
