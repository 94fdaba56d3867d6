"""Decoder: every pixel votes for the keypoint with an offset, the nearer ones with more weight."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from kpstudio.core.messages import Advice
from kpstudio.core.parameters import parameter
from kpstudio.decoders import suitability
from kpstudio.decoders.decoder import OTHER_PEAKS, Decoded, Decoder, HeadTraining
from kpstudio.decoders.other_peaks import find_other_peaks
from kpstudio.decoders.peak import find_peaks, working_dtype

_SHARPNESS = 30.0
_NO_DEPTH = 0.99


@dataclass(frozen=True)
class Awr(Decoder):
    """The weighted mean of the positions that the pixels point to.

    Differentiable. For depth images: it gives a depth to each keypoint, too. Its covariance is
    that of a weighted mean of votes that err independently.
    """

    title: ClassVar[str] = "AWR"
    source: ClassVar[str] = (
        "Huang, Ren, Wang, Qi, Sun, Wang: AWR: Adaptive Weighting Regression for 3D Hand Pose "
        "Estimation, AAAI 2020."
    )
    takes = "votes"

    kernel: float = parameter(
        0.4,
        minimum=0.05,
        maximum=2.0,
        help="Distance at which closeness is 0, in normalised coordinates (-1 to 1 is the map).",
    )

    def __call__(
        self,
        heatmaps: Float[Tensor, "B 4*K H W"],
        *,
        depth: Float[Tensor, "B 1 h w"] | None = None,
        other_peaks: int = OTHER_PEAKS,
        covariance: bool = True,
    ) -> Decoded:
        """Positions in cells, and depths, of votes.

        Args:
            heatmaps: For each of K keypoints its unit offset in x, y and depth (3 K channels), then
                the closeness of each of them (K channels).
            depth: Of the image, normalised to -1 to 1; 0.99 and more is "no depth", and such pixels
                have closeness 0. None lets every pixel vote, and leaves the depths NaN.
            other_peaks: P, of the closeness.
            covariance: Whether to reckon it.
        """
        batch, channels, height, width = heatmaps.shape
        keypoints = channels // 4
        maps = heatmaps.to(working_dtype(heatmaps))
        offsets = maps[:, : 3 * keypoints].reshape(batch, keypoints, 3, height, width)
        closeness = maps[:, 3 * keypoints :]
        plane = _depth_of_cells(depth, maps)
        if depth is not None:
            closeness = closeness * (plane < _NO_DEPTH)
            offsets = offsets * (plane < _NO_DEPTH)[:, :, None]
        is_finite = torch.isfinite(maps).flatten(2).all(dim=2)
        has_answer = is_finite[:, : 3 * keypoints].view(batch, keypoints, 3).all(dim=2)
        has_answer = has_answer & is_finite[:, 3 * keypoints :]
        weights, votes = self._votes(offsets, closeness, plane, has_answer)
        mean = (weights[:, :, None] * votes).sum(dim=3)
        size = mean.new_tensor([width, height])
        cells = (mean[:, :, :2] + 1) / 2 * size - 0.5
        flat = closeness.detach().flatten(0, 1).contiguous()
        peaks = find_peaks(flat) if flat.numel() else None
        others = find_other_peaks(flat, peaks, other_peaks) if peaks else flat.new_empty(0)
        return Decoded(
            cells.masked_fill(~has_answer[:, :, None], torch.nan),
            closeness.detach().amax(dim=(2, 3)).clamp(min=0).masked_fill(~has_answer, 0.0),
            _covariance(weights, votes, mean, size, has_answer if covariance else None),
            others.reshape(batch, keypoints, other_peaks, 3),
            mean[:, :, 2].masked_fill(~has_answer | (depth is None), torch.nan),
        )

    def _votes(
        self,
        offsets: Float[Tensor, "B K 3 H W"],
        closeness: Float[Tensor, "B K H W"],
        plane: Float[Tensor, "B 1 H W"],
        has_answer: Bool[Tensor, "B K"],
    ) -> tuple[Float[Tensor, "B K L"], Float[Tensor, "B K 3 L"]]:
        """Weight of each cell, and the normalised position that it points to."""
        height, width = closeness.shape[2:]
        closeness = closeness.masked_fill(~has_answer[:, :, None, None], 0.0)
        offsets = offsets.masked_fill(~has_answer[:, :, None, None, None], 0.0)
        x = _mesh(width, closeness).expand_as(plane[:, 0])
        y = _mesh(height, closeness)[:, None].expand_as(plane[:, 0])
        position = torch.stack([x, y, plane[:, 0]], dim=1)
        distance = (1 - closeness) * self.kernel
        votes = position[:, None] + offsets * distance[:, :, None]
        return (_SHARPNESS * closeness).flatten(2).softmax(dim=2), votes.flatten(3)

    def advice(self, head_training: HeadTraining) -> Advice:
        wrong = suitability.of_wrong_output(head_training, self.takes)
        if wrong is not None:
            return wrong
        if 0.8 <= self.kernel / head_training.kernel <= 1.25:
            return Advice("fits", "The head learned these votes.")
        return Advice(
            "misleading",
            f"The head learned votes with kernel {head_training.kernel:g}; with {self.kernel:g} "
            "every vote goes too far or not far enough.",
        )

    @classmethod
    def parameters_for(cls, head_training: HeadTraining) -> dict[str, float]:
        return {"kernel": head_training.kernel} if head_training.loss == "awr" else {}


def _mesh(size: int, like: Tensor) -> Float[Tensor, " size"]:
    """Centres of the cells where -1 and 1 are the outer edges of the map."""
    return 2 * (torch.arange(size, device=like.device, dtype=like.dtype) + 0.5) / size - 1


def _depth_of_cells(depth: Tensor | None, maps: Tensor) -> Float[Tensor, "B 1 H W"]:
    height, width = maps.shape[2:]
    if depth is None:
        return maps.new_zeros(len(maps), 1, height, width)
    return torch.nn.functional.interpolate(depth.to(maps), size=(height, width))


def _covariance(
    weights: Float[Tensor, "B K L"],
    votes: Float[Tensor, "B K 3 L"],
    mean: Float[Tensor, "B K 3"],
    size: Float[Tensor, " 2"],
    has_answer: Bool[Tensor, "B K"] | None,
) -> Float[Tensor, "B K 2 2"]:
    if has_answer is None:
        return mean.new_full((*mean.shape[:2], 2, 2), torch.nan)
    with torch.no_grad():
        apart = (votes[:, :, :2] - mean[:, :, :2, None]) * (size[:, None] / 2)
        weighted = apart * weights[:, :, None]
        covariance = weighted @ weighted.mT
        # One vote alone says nothing of its own error.
        share = (1 - weights.square().sum(dim=2)).clamp(min=1e-6)
        covariance = covariance / share[:, :, None, None]
        return covariance.masked_fill(~has_answer[:, :, None, None], torch.nan)
