"""Decoder: the centre of a Gaussian fitted to the cells about the largest one."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.core.parameters import parameter
from kpstudio.decoders import suitability
from kpstudio.decoders.decoder import HeadTraining
from kpstudio.decoders.gaussian import fit_gaussians
from kpstudio.decoders.heatmap_decoder import HeatmapDecoder, Located
from kpstudio.decoders.peak import Peaks


@dataclass(frozen=True)
class GaussianFit(HeatmapDecoder):
    """A Gaussian fitted by least squares: centre, height, width and background.

    As exact as DARK inside of the map, and still exact where the point lies on the border or
    beyond it. Its covariance is that of the fit.
    """

    title: ClassVar[str] = "Gaussian fit"
    source: ClassVar[str] = (
        "Gauss-Newton least squares; its error at noise 0.02 is the Cramer-Rao bound."
    )

    sigma: float = parameter(
        2.0,
        minimum=0.5,
        maximum=6.0,
        help="Sigma in cells that is expected; where a map shows another one, that one is fitted.",
    )

    def locate(
        self,
        maps: Float[Tensor, "N H W"],
        peaks: Peaks,
        *,
        covariance: bool,  # noqa: ARG002
    ) -> Located:
        with torch.no_grad():
            fit = fit_gaussians(maps.detach(), peaks, sigma=self.sigma)
        return Located(fit.cells, fit.covariance)

    def advice(self, head_training: HeadTraining) -> Advice:
        return suitability.of_gaussian(
            head_training,
            sigma=self.sigma,
            fits="The head learned Gaussians, and this fits one, also at the borders.",
        )

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:
        return {"sigma": head_training.sigma} if head_training.loss == "mse" else {}
