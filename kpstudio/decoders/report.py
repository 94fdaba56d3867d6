"""How far decoders are from the truth on drawn Gaussians: a table that anyone can reproduce."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders.catalogue import decoders_for, make_decoder
from kpstudio.decoders.decoder import HeadTraining

SIGMAS = (1.0, 2.0, 3.0)
_WIDTH, _HEIGHT = 48, 64
_INSIDE = 9.0  # cells from the border, out of reach of every window
_RIVAL_HEIGHT, _RIVAL_DISTANCE = 0.7, 5.0  # the latter in sigmas


class Condition(NamedTuple):
    """How the maps of one column are made.

    Args:
        name: Of the column.
        noise: Standard deviation of what is added to each cell; the peak's height is 1.
        is_at_border: The truth is up to half a cell beyond one edge and up to two cells inside.
        has_rival: There is a second peak, 0.7 high and five sigmas away.
    """

    name: str
    noise: float = 0.0
    is_at_border: bool = False
    has_rival: bool = False


CONDITIONS = (
    Condition("clean"),
    Condition("noise 0.02", noise=0.02),
    Condition("noise 0.05", noise=0.05),
    Condition("noise 0.1", noise=0.1),
    Condition("border", is_at_border=True),
    Condition("border, noise 0.02", noise=0.02, is_at_border=True),
    Condition("double peak", noise=0.02, has_rival=True),
)


class ReportRow(msgspec.Struct, frozen=True):
    """One decoder on one kind of map.

    Args:
        decoder: Name.
        sigma: Of the Gaussians, in cells; the decoder's parameters follow it.
        condition: Name.
        mean: Error in cells.
        largest: Error in cells.
        normalised_squared: Mean of error squared over its expectation; 2 is calibrated.
    """

    decoder: str
    sigma: float
    condition: str
    mean: float
    largest: float
    normalised_squared: float


def report(
    *, names: Sequence[str] | None = None, maps: int = 2000, seed: int = 0
) -> Iterator[ReportRow]:
    """Errors of decoders on drawn heatmaps of 48 x 64 cells.

    Args:
        names: Decoders of heatmaps; all of them by default.
        maps: Per sigma and condition.
        seed: Of positions and noise.
    """
    for sigma in SIGMAS:
        head = HeadTraining(sigma=sigma)
        decoders = {
            name: make_decoder(DecoderChoice(name), head) for name in names or decoders_for(head)
        }
        for condition in CONDITIONS:
            heatmaps, truth = draw(condition, sigma=sigma, maps=maps, seed=seed)
            for name, decoder in decoders.items():
                decoded = decoder(heatmaps[None], other_peaks=0)
                errors = decoded.cells[0] - truth
                distance = errors.norm(dim=1)
                solved = torch.linalg.solve(decoded.covariance[0], errors[:, :, None])[:, :, 0]
                squared = (errors * solved).sum(dim=1).mean()
                yield ReportRow(
                    name,
                    sigma,
                    condition.name,
                    float(distance.mean()),
                    float(distance.max()),
                    float(squared),
                )


def draw(
    condition: Condition, *, sigma: float, maps: int, seed: int
) -> tuple[Float[Tensor, "N H W"], Float[Tensor, "N 2"]]:
    """Heatmaps of 48 x 64 cells, and where their Gaussians are.

    Args:
        condition: What kind.
        sigma: In cells.
        maps: N.
        seed: Of positions and noise.
    """
    generator = torch.Generator().manual_seed(seed)
    size = torch.tensor([_WIDTH - 1.0, _HEIGHT - 1.0])
    truth = _INSIDE + torch.rand(maps, 2, generator=generator) * (size - 2 * _INSIDE)
    if condition.is_at_border:
        depth = torch.rand(maps, generator=generator) * 2.5 - 0.5
        side = torch.randint(0, 4, (maps,), generator=generator)
        axis, is_far = side % 2, side >= 2
        each = torch.arange(maps)
        truth[each, axis] = torch.where(is_far, size[axis] - depth, depth)
    heatmaps = _gaussians(truth, sigma)
    if condition.has_rival:
        angle = torch.rand(maps, generator=generator) * 2 * torch.pi
        away = torch.stack([angle.cos(), angle.sin()], dim=1) * _RIVAL_DISTANCE * sigma
        rival = _RIVAL_HEIGHT * _gaussians(truth + away, sigma)
        heatmaps = torch.maximum(heatmaps, rival)
    noise = torch.randn(heatmaps.shape, generator=generator)
    return heatmaps + condition.noise * noise, truth


def _gaussians(centres: Float[Tensor, "N 2"], sigma: float) -> Float[Tensor, "N H W"]:
    x = torch.arange(_WIDTH) - centres[:, :1]
    y = torch.arange(_HEIGHT) - centres[:, 1:]
    across, down = (torch.exp(-0.5 * (each / sigma) ** 2) for each in (x, y))
    return down[:, :, None] * across[:, None, :]
