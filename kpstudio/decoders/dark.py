"""Decoder: distribution-aware, one Newton step on the log of the blurred map."""

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


@dataclass(frozen=True)
class Dark(HeatmapDecoder):
    """Blur with the training Gaussian, log, one Newton step from the largest cell.

    The best for heads that learned Gaussians, where the point is some cells inside of the map.
    """

    title: ClassVar[str] = "DARK"
    source: ClassVar[str] = (
        "Zhang, Zhu, Dai, Ye, Zhu: Distribution-Aware Coordinate Representation for Human Pose "
        "Estimation, CVPR 2020."
    )

    _spacing: ClassVar[int] = 2
    _floor: ClassVar[float] = 1e-10

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
        log = blurred_log(maps, peaks, sigma=self.sigma, spacing=self._spacing, floor=self._floor)
        return Located(newton_step(log, self._mixed_derivative(log.values), peaks))

    def _mixed_derivative(self, log: Float[Tensor, "N 5 5"]) -> Float[Tensor, " N"]:
        return 0.25 * (log[:, 3, 3] - log[:, 3, 1] - log[:, 1, 3] + log[:, 1, 1])

    def advice(self, head_training: HeadTraining) -> Advice:
        return suitability.of_gaussian(
            head_training,
            sigma=self.sigma,
            fits="The head learned Gaussians, and this finds the centre of one.",
        )

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:
        return {"sigma": head_training.sigma} if head_training.loss == "mse" else {}
