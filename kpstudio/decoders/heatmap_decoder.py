"""What all decoders of heatmaps share: the peak, the doubts, and maps that have no answer."""

from abc import abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.decoders.decoder import OTHER_PEAKS, Decoded, Decoder
from kpstudio.decoders.gaussian import expected_error, fit_gaussians
from kpstudio.decoders.other_peaks import find_other_peaks
from kpstudio.decoders.peak import Peaks, find_peaks

_USUAL_SIGMA = 2.0


class Located(NamedTuple):
    """Positions in N maps, and their covariance where the method knows it by itself.

    Args:
        cells: (N, 2).
        covariance: (N, 2, 2), or None.
        needs_peak: Whether the covariance is meant only for maps that rise above 0.
        scores: (N,) 0 to 1, where the height of the peak is none.
    """

    cells: Float[Tensor, "N 2"]
    covariance: Float[Tensor, "N 2 2"] | None = None
    needs_peak: bool = True
    scores: Float[Tensor, " N"] | None = None


class HeatmapDecoder(Decoder):
    """A decoder of heatmaps (B, K, H, W) of any size, in float16, bfloat16, float32 or float64.

    Unless a method says otherwise its covariance is the expected squared error of its answer
    under a Gaussian fitted at the peak: the covariance of the fit, plus the square of the
    distance from the fitted centre to the answer.
    """

    def __call__(
        self,
        heatmaps: Float[Tensor, "B K H W"],
        *,
        other_peaks: int = OTHER_PEAKS,
        covariance: bool = True,
    ) -> Decoded:
        """Positions in cells and their doubts; see `Decoder`."""
        sizes = tuple(heatmaps.shape[:2])
        maps = heatmaps.flatten(0, 1).contiguous()
        plain = maps.detach()
        with torch.no_grad():
            peaks = find_peaks(plain)
        cells, spread, needs_peak, scores = self.locate(maps, peaks, covariance=covariance)
        no_answer = ~peaks.is_finite
        scores = peaks.values.clamp(min=0) if scores is None else scores
        with torch.no_grad():
            if not covariance:
                spread = cells.new_full((len(maps), 2, 2), torch.nan)
            elif spread is None:
                fit = fit_gaussians(plain, peaks, sigma=self.expected_sigma)
                spread = expected_error(cells.detach(), fit)
            if needs_peak:
                spread = _where_there_is_a_peak(spread, peaks, heatmaps.shape[2:])
            others = find_other_peaks(plain, peaks, other_peaks)
        return Decoded(
            cells.masked_fill(no_answer[:, None], torch.nan).view(*sizes, 2),
            scores.masked_fill(no_answer, 0.0).view(*sizes),
            spread.masked_fill(no_answer[:, None, None], torch.nan).view(*sizes, 2, 2),
            others.view(*sizes, other_peaks, 3),
        )

    @property
    def expected_sigma(self) -> float:
        """Sigma in cells of the Gaussians that are to be expected, near enough for a fit."""
        return float(getattr(self, "sigma", _USUAL_SIGMA))

    @abstractmethod
    def locate(self, maps: Float[Tensor, "N H W"], peaks: Peaks, *, covariance: bool) -> Located:
        """Positions in N maps.

        Args:
            maps: Contiguous; some may hold values that are not finite.
            peaks: Their largest cells.
            covariance: Whether it is worth to reckon the covariance, too.
        """


def _where_there_is_a_peak(
    spread: Float[Tensor, "N 2 2"], peaks: Peaks, size: tuple[int, ...]
) -> Float[Tensor, "N 2 2"]:
    """Without a peak the point may be anywhere in the map: the covariance of that."""
    height, width = size
    anywhere = torch.diag(spread.new_tensor([width**2 / 12, height**2 / 12]))
    has_no_peak = (peaks.values <= 0) & ~spread[:, 0, 0].isnan()
    return torch.where(has_no_peak[:, None, None], anywhere, spread)
