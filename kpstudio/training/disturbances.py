"""What happens to the pixels of a training sample, in batches on the device."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from kpstudio.core.augmentation import Augmentation

_KERNEL = 9
_BLUR_SIGMA = (0.6, 2.0)
_MOTION_LENGTH = (2.0, 8.0)
_JPEG_QUALITY = (15.0, 60.0)
_CUTOUT_SIDE = (0.1, 0.4)
_BLOCK = 8
# Encoders take values about 128, and ours are about 127.5.
_LEVEL = 0.5 / 127.5
# Annex K of ITU-T T.81, the table that encoders scale by their quality.
_LUMINANCE_STEPS = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


class Disturbances(NamedTuple):
    """What happens to each image of a batch.

    Args:
        blur: (B,) sigma in pixels; 0 for none.
        motion: (B, 2) length in pixels and direction in radians; a length of 0 for none.
        gain: (B, 3) factor on each colour.
        bias: (B, 3) added to each colour.
        noise: (B,) factor on a field of noise.
        quality: (B,) of a JPEG compression, 1 to 100; 0 for none.
        hidden: (B, 4) middle x, y and width, height of what is hidden, as parts of the image; a
            width of 0 for nothing.
        grey: (B,) value of what hides it.
    """

    blur: Float[Tensor, " B"]
    motion: Float[Tensor, "B 2"]
    gain: Float[Tensor, "B 3"]
    bias: Float[Tensor, "B 3"]
    noise: Float[Tensor, " B"]
    quality: Float[Tensor, " B"]
    hidden: Float[Tensor, "B 4"]
    grey: Float[Tensor, " B"]

    def part(self, rows: slice) -> "Disturbances":
        """Those of some images of the batch."""
        return Disturbances(*(values[rows] for values in self))


def draw_disturbances(
    augmentation: Augmentation, count: int, *, generator: torch.Generator
) -> Disturbances:
    """What happens to a batch, by the chances and sizes of an augmentation.

    Args:
        augmentation: Chances and sizes.
        count: B.
        generator: The only source of randomness.
    """

    def uniform(low: float, high: float, *more: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *more, generator=generator)

    def happens(chance: float) -> Tensor:
        # Drawn also for a chance of 0, so that the other effects stay the same.
        return (uniform(0, 1) < chance).float()

    blur = happens(augmentation.blur) * uniform(*_BLUR_SIGMA)
    length = happens(augmentation.motion_blur) * uniform(*_MOTION_LENGTH)
    motion = torch.stack([length, uniform(0, math.pi)], dim=1)
    contrast, tint = augmentation.contrast, augmentation.tint
    gain = 1 + uniform(-contrast, contrast, 1) + uniform(-tint, tint, 3)
    brightness = augmentation.brightness
    bias = uniform(-brightness, brightness, 1) + uniform(-tint, tint, 3)
    noise = uniform(-augmentation.noise, augmentation.noise)
    quality = happens(augmentation.jpeg) * uniform(*_JPEG_QUALITY)
    sides = happens(augmentation.cutout)[:, None] * uniform(*_CUTOUT_SIDE, 2)
    hidden = torch.cat([uniform(0, 1, 2), sides], dim=1)
    return Disturbances(blur, motion, gain, bias, noise, quality, hidden, uniform(-1, 1))


def disturb(
    images: Float[Tensor, "B 3 H W"],
    disturbances: Disturbances,
    noise: Float[Tensor, "3 H W"],
) -> Float[Tensor, "B 3 H W"]:
    """Blur, colours, noise, compression, and something that hides a part, in this order.

    Args:
        images: Values of -1 to 1.
        disturbances: On any device.
        noise: One field for all images, whose share each has: random numbers are dear on a CPU.
    """
    moved = Disturbances(*(values.to(images) for values in disturbances))
    images = _where(disturbances.blur > 0, images, _blur, moved.blur)
    images = _where(disturbances.motion[:, 0] > 0, images, _motion_blur, moved.motion)
    images = images * moved.gain[:, :, None, None] + moved.bias[:, :, None, None]
    images = images + moved.noise[:, None, None, None] * noise
    images = _where(disturbances.quality > 0, images, _compress, moved.quality)
    hiding = torch.cat([moved.hidden, moved.grey[:, None]], dim=1)
    return _where(disturbances.hidden[:, 2] > 0, images, _hide, hiding)


def _where(
    is_changed: Bool[Tensor, " B"],
    images: Float[Tensor, "B 3 H W"],
    change: Callable[[Tensor, Tensor], Tensor],
    parameters: Tensor,
) -> Float[Tensor, "B 3 H W"]:
    rows = is_changed.nonzero()[:, 0].to(images.device)
    if not len(rows):
        return images
    return images.index_copy(0, rows, change(images[rows], parameters[rows]))


def _blur(images: Float[Tensor, "B 3 H W"], sigma: Float[Tensor, " B"]) -> Float[Tensor, "B 3 H W"]:
    away = torch.arange(_KERNEL, device=images.device) - _KERNEL // 2
    axis = (-(away**2) / (2 * sigma[:, None] ** 2)).exp()
    return _convolve(images, axis[:, :, None] * axis[:, None, :])


def _motion_blur(
    images: Float[Tensor, "B 3 H W"], motion: Float[Tensor, "B 2"]
) -> Float[Tensor, "B 3 H W"]:
    length, angle = motion[:, :1, None], motion[:, 1:, None]
    away = torch.arange(_KERNEL, device=images.device) - _KERNEL // 2
    x, y = away[None, None, :], away[None, :, None]
    along = x * angle.cos() + y * angle.sin()
    across = y * angle.cos() - x * angle.sin()
    # A line one pixel wide, with soft ends and sides.
    within = (length / 2 + 0.5 - along.abs()).clamp(0, 1)
    return _convolve(images, within * (1 - across.abs()).clamp(0, 1))


def _convolve(
    images: Float[Tensor, "B 3 H W"], kernels: Float[Tensor, "B n n"]
) -> Float[Tensor, "B 3 H W"]:
    """Each image with its own kernel, made to add up to 1; its border is repeated outwards."""
    kernels = kernels / kernels.sum(dim=(1, 2), keepdim=True)
    count, channels, height, width = images.shape
    reach = kernels.shape[1] // 2
    padded = functional.pad(images, (reach,) * 4, mode="replicate")
    flat = padded.reshape(1, count * channels, *padded.shape[2:])
    weights = kernels.repeat_interleave(channels, dim=0)[:, None]
    return functional.conv2d(flat, weights, groups=count * channels).view(
        count, channels, height, width
    )


def _compress(
    images: Float[Tensor, "B 3 H W"], quality: Float[Tensor, " B"]
) -> Float[Tensor, "B 3 H W"]:
    """The rounding of an 8 x 8 cosine transform, channel by channel.

    Source: ITU-T T.81, annex A.3.3 and K.1.
    """
    percent = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    steps = torch.tensor(_LUMINANCE_STEPS, dtype=images.dtype, device=images.device) / 127.5
    steps = (steps * percent[:, None, None] / 100)[:, None, None, None]
    count, channels, height, width = images.shape
    beyond = (0, -width % _BLOCK, 0, -height % _BLOCK)
    padded = functional.pad(images - _LEVEL, beyond, mode="replicate")
    rows, columns = (side // _BLOCK for side in padded.shape[2:])
    blocks = padded.reshape(count, channels, rows, _BLOCK, columns, _BLOCK).transpose(3, 4)
    cosines = _cosine_transform().to(images)
    frequencies = cosines @ blocks @ cosines.T
    rounded = (frequencies / steps).round() * steps
    back = (cosines.T @ rounded @ cosines).transpose(3, 4)
    return back.reshape(padded.shape)[:, :, :height, :width] + _LEVEL


def _cosine_transform() -> Float[Tensor, "8 8"]:
    """Orthonormal: its transpose is its inverse."""
    n = torch.arange(_BLOCK)
    matrix = torch.cos(math.pi / _BLOCK * (n[None, :] + 0.5) * n[:, None])
    matrix[0] *= math.sqrt(0.5)
    return matrix * math.sqrt(2 / _BLOCK)


def _hide(
    images: Float[Tensor, "B 3 H W"], hiding: Float[Tensor, "B 5"]
) -> Float[Tensor, "B 3 H W"]:
    """A rectangle of one grey value each."""
    x, y, width, height, grey = hiding.T[:, :, None]

    def within(side: int, middle: Tensor, length: Tensor) -> Tensor:
        away = (torch.arange(side, device=images.device) + 0.5) / side - middle
        return away.abs() < length / 2

    rows = within(images.shape[2], y, height)[:, None, :, None]
    columns = within(images.shape[3], x, width)[:, None, None, :]
    return torch.where(rows & columns, grey[:, :, None, None], images)
