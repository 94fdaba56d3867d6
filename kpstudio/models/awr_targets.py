"""Dense targets of AWR: from each pixel the way to each keypoint, and how close it is.

Normalised coordinates: -1 and 1 are the outer edges of the map in u and v, and the front and the
back of the volume in d.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from kpstudio.decoders.normalised_frame import mesh

_NO_DEPTH = 0.99
# Further than any kernel reaches, and its square is still exact enough to divide by.
_FAR = 1e3
# Under the root of the published distance, which is so never 0.
_SMALLEST_SQUARE = 1e-8
# Cells that stay in a processor's cache between the steps.
_CELLS_AT_ONCE = 1 << 17


def awr_targets(
    uvd: Float[Tensor, "B K 3"],
    depth: Float[Tensor, "B 1 h w"] | None,
    *,
    map_size: tuple[int, int],
    kernel: float = 0.4,
) -> Float[Tensor, "B 4*K H W"]:
    """For each of K keypoints its unit offset in u, v and d, then the closeness of each of them.

    Closeness is 1 at the keypoint and 0 from the distance `kernel` on, where offsets are 0, too.

    Args:
        uvd: Normalised positions. One that is not finite gives empty maps.
        depth: Of the image, normalised to -1 to 1; 0.99 and more, or not finite, is "no depth",
            and such pixels are empty. None is for images without depth: all is at depth 0, and
            the d of the positions is not looked at.
        map_size: (width, height) in cells.
        kernel: Distance at which closeness is 0, in normalised coordinates.

    Source: Huang et al.: AWR: Adaptive Weighting Regression for 3D Hand Pose Estimation, AAAI
    2020, section 3.2.
    """
    batch, keypoints, _ = uvd.shape
    width, height = map_size
    uvd = uvd.detach().to(torch.promote_types(uvd.dtype, torch.float32))
    plane = _plane(depth, uvd, map_size)
    if depth is None:
        uvd = torch.stack([uvd[..., 0], uvd[..., 1], torch.zeros_like(uvd[..., 2])], dim=2)
    uvd = torch.where(torch.isfinite(uvd).all(dim=2, keepdim=True), uvd, _FAR)
    maps = uvd.new_empty(batch, 4 * keypoints, height, width)
    offsets = maps[:, : 3 * keypoints].view(batch, keypoints, 3, height, width)
    closeness = maps[:, 3 * keypoints :]
    step = max(_CELLS_AT_ONCE // max(keypoints * height * width, 1), 1)
    for start in range(0, batch, step):
        some = slice(start, start + step)
        _draw(offsets[some], closeness[some], uvd[some], plane[some], kernel)
    return maps


def _plane(
    depth: Tensor | None, uvd: Float[Tensor, "B K 3"], map_size: tuple[int, int]
) -> Float[Tensor, "B 1 H W"]:
    """Depth of each cell, far away where there is none."""
    width, height = map_size
    if depth is None:
        return uvd.new_zeros(len(uvd), 1, height, width)
    plane = functional.interpolate(depth.to(uvd.device, uvd.dtype), size=(height, width))
    # Not finite on the far side of the volume: a position without depth lies on the other one.
    return torch.where(plane < _NO_DEPTH, plane, -_FAR).nan_to_num(-_FAR, neginf=-_FAR)


def _draw(
    offsets: Float[Tensor, "N K 3 H W"],
    closeness: Float[Tensor, "N K H W"],
    uvd: Float[Tensor, "N K 3"],
    plane: Float[Tensor, "N 1 H W"],
    kernel: float,
) -> None:
    """Writes the maps."""
    height, width = closeness.shape[2:]
    across = (uvd[..., 0:1] - mesh(width, uvd))[:, :, None, :]
    down = (uvd[..., 1:2] - mesh(height, uvd))[:, :, :, None]
    ahead = uvd[..., 2, None, None] - plane
    square = (across.square() + _SMALLEST_SQUARE) + down.square()
    square.addcmul_(ahead, ahead)
    inverse = square.rsqrt()
    distance = square.mul_(inverse)
    torch.add(distance.new_ones(()), distance, alpha=-1 / kernel, out=closeness).clamp_(min=0)
    functional.threshold(inverse, 1 / kernel, 0.0, inplace=True)
    torch.mul(across, inverse, out=offsets[:, :, 0])
    torch.mul(down, inverse, out=offsets[:, :, 1])
    torch.mul(ahead, inverse, out=offsets[:, :, 2])
