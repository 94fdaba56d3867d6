"""Random views of training samples, made in batches on the device."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor
from torch.nn import functional

from kpstudio.models.preprocessing import normalise


@dataclass(frozen=True)
class Augmentation:
    """How far views may differ from what was labelled.

    Args:
        rotation: Radians, in both directions.
        smallest: Factor on the scale.
        largest: Factor on the scale.
        shift: Part of the input's side, in both directions.
        can_flip: Mirror half of the views: right only where left and right are known.
        contrast: Of pixel values around grey, as a part.
        brightness: In units of normalised pixel values.
        tint: The same for each colour by itself.
        noise: Largest deviation of noise, in units of normalised pixel values.
    """

    rotation: float = math.pi
    smallest: float = 0.75
    largest: float = 1.35
    shift: float = 0.08
    can_flip: bool = False
    contrast: float = 0.3
    brightness: float = 0.25
    tint: float = 0.06
    noise: float = 0.06

    def random_views(
        self,
        count: int,
        *,
        from_size: tuple[int, int],
        to_size: tuple[int, int],
        scale: float,
        generator: torch.Generator,
    ) -> tuple[Float[Tensor, "B 2 3"], Bool[Tensor, " B"]]:
        """Maps from the pixels of samples to those of inputs, and which of them mirror.

        Args:
            count: B.
            from_size: (width, height) of the samples.
            to_size: (width, height) of the inputs.
            scale: Input pixels per sample pixel, before the random factor.
            generator: The only source of randomness.
        """

        def uniform(low: float, high: float) -> Tensor:
            return low + (high - low) * torch.rand(count, generator=generator, dtype=torch.float64)

        angle = uniform(-self.rotation, self.rotation)
        factor = scale * uniform(math.log(self.smallest), math.log(self.largest)).exp()
        is_flipped = (uniform(0, 1) < 0.5) & self.can_flip
        cos, sin = factor * angle.cos(), factor * angle.sin()
        mirror = 1.0 - 2.0 * is_flipped
        linear = torch.stack([mirror * cos, -mirror * sin, sin, cos], dim=1).view(-1, 2, 2)
        side = min(to_size)
        shift = torch.stack([uniform(-1, 1), uniform(-1, 1)], dim=1) * self.shift * side
        middle_from = (torch.tensor(from_size, dtype=torch.float64) - 1) / 2
        middle_to = (torch.tensor(to_size, dtype=torch.float64) - 1) / 2
        offset = middle_to + shift - linear @ middle_from
        return torch.cat([linear, offset[:, :, None]], dim=2).float(), is_flipped

    def change_colours(
        self, inputs: Float[Tensor, "B 3 H W"], *, generator: torch.Generator
    ) -> Float[Tensor, "B 3 H W"]:
        """Contrast, brightness, tint and noise."""
        count, device = len(inputs), inputs.device

        def uniform(channels: int, reach: float) -> Tensor:
            values = 2 * torch.rand(count, channels, 1, 1, generator=generator) - 1
            return (reach * values).to(device)

        gain = 1 + uniform(1, self.contrast) + uniform(3, self.tint)
        bias = uniform(1, self.brightness) + uniform(3, self.tint)
        deviation = uniform(1, self.noise).abs()
        # One field of noise, shifted by the batch: random numbers are dear on a CPU.
        noise = torch.randn(inputs.shape[1:], generator=generator).to(device)
        signs = torch.randint(0, 2, (count, 1, 1, 1), generator=generator).to(device) * 2 - 1
        return inputs * gain + bias + deviation * signs * noise


def warp(
    images: UInt8[Tensor, "B 3 H W"],
    views: Float[Tensor, "B 2 3"],
    to_size: tuple[int, int],
) -> Float[Tensor, "B 3 h w"]:
    """Normalised inputs of (width, height) as the maps place the images in them; grey around."""
    height, width = images.shape[2:]
    square = torch.tensor([[0.0, 0.0, 1.0]], device=views.device).expand(len(views), 1, 3)
    to_image = torch.linalg.inv(torch.cat([views, square], dim=1))[:, :2]
    to_width, to_height = to_size
    # torch's grid is -1 and 1 at the outer edges, with align_corners=False, for both frames.
    from_grid = torch.tensor(
        [
            [to_width / 2, 0.0, (to_width - 1) / 2],
            [0.0, to_height / 2, (to_height - 1) / 2],
            [0.0, 0.0, 1.0],
        ],
        device=views.device,
    )
    theta = to_image @ from_grid
    size = torch.tensor([width, height], device=views.device, dtype=theta.dtype)
    theta = theta * (2 / size)[:, None]
    theta[:, :, 2] += 1 / size - 1
    grid = functional.affine_grid(theta, [len(images), 3, to_height, to_width], align_corners=False)
    return functional.grid_sample(
        normalise(images), grid, padding_mode="zeros", align_corners=False
    )


def move_points(
    xy: Float[Tensor, "B N 2"], views: Float[Tensor, "B 2 3"]
) -> Float[Tensor, "B N 2"]:
    """Sample pixels to input pixels; NaN stays NaN."""
    return xy @ views[:, :, :2].transpose(1, 2) + views[:, None, :, 2]
