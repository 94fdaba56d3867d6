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
from kpstudio.decoders.normalised_frame import mesh, to_cells
from kpstudio.decoders.other_peaks import find_other_peaks
from kpstudio.decoders.peak import SMALLEST_VARIANCE, are_finite, find_peaks, working_dtype

_SHARPNESS = 30.0
_NO_DEPTH = 0.99
_NEAR = 0.25  # of the largest closeness: cells that tell how much offsets err
_TOO_FEW = 1e-4  # of what to expect of many votes


@dataclass(frozen=True)
class Awr(Decoder):
    """The weighted mean of the positions that the pixels point to.

    Differentiable. For depth images: it gives a depth to each keypoint, too. Its covariance is
    that of a weighted mean of votes whose offsets err independently and all alike.
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
        heatmaps: Float[Tensor, "B C H W"],
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
        maps = heatmaps.to(working_dtype(heatmaps)).flatten(2)
        has_answer = _have_answer(maps.detach(), keypoints)
        if not bool(has_answer.all()):
            is_good = torch.cat([has_answer.repeat_interleave(3, dim=1), has_answer], dim=1)
            maps = maps.masked_fill(~is_good[:, :, None], 0.0)
        offsets = maps[:, : 3 * keypoints].reshape(batch, keypoints, 3, height * width)
        closeness = maps[:, 3 * keypoints :]
        position, has_depth = _positions(depth, heatmaps, maps.dtype)
        if depth is not None:
            closeness = closeness * has_depth
        distance = (1 - closeness) * self.kernel
        if depth is not None:
            distance = distance * has_depth
        top = closeness.detach().amax(dim=2)
        # The largest is taken off first: huge values times the sharpness would be infinite.
        weights = (_SHARPNESS * (closeness - top[:, :, None])).softmax(dim=2)
        moment = weights * distance
        # Axis by axis: a product of matrices would copy the offsets.
        moved = [(offsets[:, :, axis] * moment).sum(dim=2) for axis in range(3)]
        mean = weights @ position.mT + torch.stack(moved, dim=2)
        has_answer = has_answer & torch.isfinite(mean).all(dim=2)
        size = mean.new_tensor([width, height])
        cells = to_cells(mean[:, :, :2], map_size=(width, height))
        spread = mean.new_full((batch, keypoints, 2, 2), torch.nan)
        with torch.no_grad():
            if covariance:
                del moment
                spread = _spread(weights, distance, closeness, offsets, position, mean)
                anywhere = torch.eye(2, dtype=size.dtype, device=size.device) / 3
                spread = torch.where(torch.isfinite(spread), spread, anywhere)
                spread = spread * (size[:, None] * size) / 4
                spread = spread + torch.diag(size.new_full((2,), SMALLEST_VARIANCE))
            del weights, distance, offsets
            flat = closeness.reshape(-1, height, width).contiguous()
            others = find_other_peaks(flat, find_peaks(flat), other_peaks)
        no_answer = ~has_answer
        return Decoded(
            cells.masked_fill(no_answer[:, :, None], torch.nan),
            top.clamp(min=0).masked_fill(no_answer, 0.0),
            spread.masked_fill(no_answer[:, :, None, None], torch.nan),
            others.view(batch, keypoints, other_peaks, 3).masked_fill(
                no_answer[:, :, None, None], torch.nan
            ),
            mean[:, :, 2].masked_fill(no_answer | (depth is None), torch.nan),
        )

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


def _have_answer(maps: Float[Tensor, "B C L"], keypoints: int) -> Bool[Tensor, "B K"]:
    """Whether all channels of a keypoint are finite."""
    if not maps.numel():
        return maps.new_ones(len(maps), keypoints, dtype=torch.bool)
    are = are_finite(maps.flatten(0, 1), maps.amax(dim=2).flatten()).view(len(maps), -1)
    of_offsets = are[:, : 3 * keypoints].reshape(len(maps), keypoints, 3).all(dim=2)
    return of_offsets & are[:, 3 * keypoints :]


def _positions(
    depth: Tensor | None, maps: Float[Tensor, "B C H W"], dtype: torch.dtype
) -> tuple[Float[Tensor, "B 3 L"], Bool[Tensor, "B 1 L"]]:
    """Normalised x, y and depth of the cells, and whether they have a depth."""
    batch, _, height, width = maps.shape
    if depth is None:
        plane = torch.zeros(batch, 1, height, width, dtype=dtype, device=maps.device)
    else:
        plane = torch.nn.functional.interpolate(depth.to(maps.device, dtype), size=(height, width))
        plane = torch.where(torch.isfinite(plane), plane, 1.0)
    x, y = mesh(width, plane), mesh(height, plane)
    position = torch.stack(
        [x.expand_as(plane[:, 0]), y[:, None].expand_as(plane[:, 0]), plane[:, 0]], dim=1
    )
    return position.flatten(2), (plane < _NO_DEPTH).flatten(2)


def _spread(
    weights: Float[Tensor, "B K L"],
    distance: Float[Tensor, "B K L"],
    closeness: Float[Tensor, "B K L"],
    offsets: Float[Tensor, "B K 3 L"],
    position: Float[Tensor, "B 3 L"],
    mean: Float[Tensor, "B K 3"],
) -> Float[Tensor, "B K 2 2"]:
    """Covariance of the mean in normalised coordinates, where offsets err alike and alone.

    Few votes have weight, too few to tell how much they err. So the error of an offset is
    estimated from all nearby cells, in proportion to the distance that it is multiplied with.

    Returns:
        NaN where there are too few votes to tell.
    """
    top = closeness.amax(dim=2, keepdim=True)
    near = (closeness - _NEAR * top).clamp_(min=0)
    gain = (weights * distance).square_().sum(dim=2)
    own = (near * distance).mul_(distance)
    count, distances = near.sum(dim=2), own.sum(dim=2)
    # What to expect of the sum below, for offsets of variance 1.
    expected = distances - 2 * own.mul_(weights).sum(dim=2) + count * gain
    del own
    apart = offsets[:, :, :2] * distance[:, :, None]
    apart += position[:, None, :2]
    apart -= mean[:, :, :2, None]
    apart *= near.sqrt_()[:, :, None]
    ratio = torch.where(expected > _TOO_FEW * distances, gain / expected, torch.nan)
    return apart @ apart.mT * ratio[:, :, None, None]
