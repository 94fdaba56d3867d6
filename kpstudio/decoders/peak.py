"""The largest cell of each map, and the values around it. N runs over all maps of a batch."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

# Reducing runs of this many cells, and then searching one run, reads the map once at full speed.
_RUN = 256

# In cells squared: nothing is known better, and a covariance can always be inverted.
SMALLEST_VARIANCE = 1e-6


class Peaks(NamedTuple):
    """The largest cell of each map; of equal ones, the first row by row.

    Args:
        columns: (N,) x of the cell.
        rows: (N,) y of the cell.
        values: (N,) value of the cell.
        is_finite: (N,) whether all of the map is finite.
    """

    columns: Int[Tensor, " N"]
    rows: Int[Tensor, " N"]
    values: Float[Tensor, " N"]
    is_finite: Bool[Tensor, " N"]

    def cells(self) -> Float[Tensor, "N 2"]:
        return torch.stack([self.columns, self.rows], dim=-1).to(self.values.dtype)


class Windows(NamedTuple):
    """A rectangle of each map, inside of the map, with the peak in it.

    Args:
        values: (N, P, Q) of its cells.
        left: (N,) x of its first column.
        top: (N,) y of its first row.
    """

    values: Float[Tensor, "N P Q"]
    left: Int[Tensor, " N"]
    top: Int[Tensor, " N"]

    def origin(self) -> Float[Tensor, "N 2"]:
        return torch.stack([self.left, self.top], dim=-1).to(self.values.dtype)


def find_peaks(maps: Float[Tensor, "N H W"]) -> Peaks:
    """The largest cell of each map."""
    flat = maps.flatten(1)
    run = min(_RUN, flat.shape[1])
    whole = flat.shape[1] // run
    run_values = flat[:, : whole * run].view(-1, whole, run).amax(dim=2)
    if whole * run < flat.shape[1]:
        rest = flat[:, whole * run :].amax(dim=1, keepdim=True)
        run_values = torch.cat([run_values, rest], dim=1)
    start = (run_values.argmax(dim=1) * run).clamp(max=flat.shape[1] - run)
    values = run_values.amax(dim=1)
    each = torch.arange(len(flat), device=flat.device)
    index = start + flat.unfold(1, run, 1)[each, start].argmax(dim=1)
    rows = torch.div(index, maps.shape[2], rounding_mode="floor")
    columns = index - rows * maps.shape[2]
    return Peaks(columns, rows, values.to(working_dtype(maps)), are_finite(flat, values))


def working_dtype(maps: Tensor) -> torch.dtype:
    """Half precision is for storing; positions are reckoned in float32 at least."""
    return torch.promote_types(maps.dtype, torch.float32)


def are_finite(flat: Float[Tensor, "N L"], values: Float[Tensor, " N"]) -> Bool[Tensor, " N"]:
    """Whether all cells of a map are finite, without a copy of it.

    Args:
        flat: All cells.
        values: The largest of each map.
    """
    # The largest cell shows NaN and infinity; only minus infinity can hide below it.
    if flat.dtype is torch.float32 and flat.device.type == "cpu":
        is_finite = torch.isfinite(flat.sum(dim=1))
        # Adding up is the fastest look at all cells, but huge ones may add up to infinity.
        if bool(is_finite.all()):
            return is_finite
    return torch.isfinite(values) & torch.isfinite(flat.amin(dim=1))


def cut_windows(maps: Float[Tensor, "N H W"], peaks: Peaks, radius: int) -> Windows:
    """Squares of side 2 radius + 1 about the peaks, moved (and shrunk) to lie in their maps."""
    height, width = maps.shape[1:]
    rows, columns = min(2 * radius + 1, height), min(2 * radius + 1, width)
    left = (peaks.columns - radius).clamp(0, width - columns)
    top = (peaks.rows - radius).clamp(0, height - rows)
    each = torch.arange(len(maps), device=maps.device)
    values = maps.unfold(1, rows, 1).unfold(2, columns, 1)[each, top, left]
    return Windows(values.to(working_dtype(maps)), left, top)
