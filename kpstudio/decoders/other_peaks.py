"""Other local maxima of heatmaps: where else the point might be."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from kpstudio.decoders.peak import Peaks, working_dtype

NEAREST = 3  # cells between two peaks, at least, along x or y
LOWEST = 0.1  # of the largest peak's height
_CELLS_AT_ONCE = 1 << 18  # bounds the memory where each cell of a noisy map may be a maximum


def find_other_peaks(
    maps: Float[Tensor, "N H W"], peaks: Peaks, count: int
) -> Float[Tensor, "N P 3"]:
    """The highest local maxima besides the peak.

    A cell is a local maximum if no other in the square of 5 x 5 about it is higher, nor as high
    and before it row by row. Those below a tenth of the peak are noise and not told.

    Args:
        maps: Contiguous.
        peaks: Their largest cells.
        count: P.

    Returns:
        x, y and height, the highest first (of equal ones the first row by row); NaN where there
        are no more, or where the map is not finite.
    """
    found = maps.new_full((len(maps), count, 3), torch.nan, dtype=working_dtype(maps))
    if count == 0 or not maps.numel():
        return found
    precision = torch.finfo(maps.dtype)
    lowest = (LOWEST * peaks.values).clamp(min=precision.tiny * precision.eps).to(maps.dtype)
    # Nothing reaches NaN, where infinity would reach infinity.
    lowest = lowest.masked_fill(~peaks.is_finite, torch.nan)
    # Rows first: most of them hold nothing that is high enough.
    row_values = maps.amax(dim=2)
    lowest = torch.maximum(lowest, _surely_told(row_values, count))
    of_map, row = (row_values >= lowest[:, None]).nonzero(as_tuple=True)
    rows_at_once = max(_CELLS_AT_ONCE // maps.shape[2], 1)
    parts = [
        _in_rows(maps, lowest, *part)
        for part in zip(
            torch.split(of_map, rows_at_once), torch.split(row, rows_at_once), strict=True
        )
    ]
    of_map, y, x = (torch.cat(each) for each in zip(*parts, strict=True))
    is_other = ((x - peaks.columns[of_map]).abs() >= NEAREST) | (
        (y - peaks.rows[of_map]).abs() >= NEAREST
    )
    of_map, y, x = of_map[is_other], y[is_other], x[is_other]
    heights = maps[of_map, y, x].to(found.dtype)
    # Two stable sorts order by map and, in each map, by height.
    order = heights.argsort(descending=True, stable=True)
    order = order[of_map[order].argsort(stable=True)]
    of_map, y, x, heights = of_map[order], y[order], x[order], heights[order]
    first = torch.searchsorted(of_map, torch.arange(len(maps), device=maps.device))
    rank = torch.arange(len(of_map), device=maps.device) - first[of_map]
    is_told = rank < count
    told = torch.stack([x.to(found.dtype), y.to(found.dtype), heights], dim=1)
    found[of_map[is_told], rank[is_told]] = told[is_told]
    return found


def _surely_told(row_values: Float[Tensor, "N H"], count: int) -> Float[Tensor, " N"]:
    """A height that so many other peaks reach in any case; minus infinity if none is known.

    A row whose largest cell is not exceeded in the two rows before and after it has a local
    maximum there.
    """
    is_maximum = torch.ones_like(row_values, dtype=torch.bool)
    for step in range(1, min(NEAREST, row_values.shape[1])):
        is_rising = row_values[:, step:] > row_values[:, :-step]
        is_maximum[:, step:] &= is_rising
        is_maximum[:, :-step] &= ~is_rising
    rank = count + 1  # the peak itself is one of them
    if row_values.shape[1] < rank:
        return torch.full_like(row_values[:, 0], -torch.inf)
    heights = row_values.masked_fill(~is_maximum, -torch.inf)
    return heights.topk(rank, dim=1).values[:, -1]


def _in_rows(
    maps: Float[Tensor, "N H W"],
    lowest: Float[Tensor, " N"],
    of_map: Int[Tensor, " M"],
    row: Int[Tensor, " M"],
) -> tuple[Tensor, Tensor, Tensor]:
    """Map, y and x of the local maxima in some rows."""
    height, width = maps.shape[1:]
    flat = maps.view(-1)
    index, x = _along_rows(maps[of_map, row], lowest[of_map]).nonzero(as_tuple=True)
    of_map, y = of_map[index], row[index]
    # The cells above and below first: most candidates fail there, and so cost little.
    for steps in (_BESIDE, _AROUND):
        dy, dx, is_before = (each.to(maps.device) for each in steps)
        start = of_map * (height * width)
        here = flat[start + y * width + x]
        other_y, other_x = y[:, None] + dy, x[:, None] + dx
        is_inside = (other_y == other_y.clamp(0, height - 1)) & (
            other_x == other_x.clamp(0, width - 1)
        )
        place = (start[:, None] + other_y * width + other_x).where(is_inside, start[:, None])
        there = flat[place]
        is_lower = torch.where(is_before, there < here[:, None], there <= here[:, None])
        keep = (is_lower | ~is_inside).all(dim=1).nonzero()[:, 0]
        of_map, y, x = of_map[keep], y[keep], x[keep]
    return of_map, y, x


def _steps(offsets: list[tuple[int, int]]) -> tuple[Tensor, Tensor, Tensor]:
    """dy, dx, and whether the cell there comes before this one, row by row."""
    dy, dx = torch.tensor(offsets).T
    return dy, dx, (dy < 0) | ((dy == 0) & (dx < 0))


_BESIDE = _steps([(-1, 0), (1, 0)])
_AROUND = _steps(
    [
        (dy, dx)
        for dy in range(1 - NEAREST, NEAREST)
        for dx in range(1 - NEAREST, NEAREST)
        if (dy, dx) not in ((-1, 0), (1, 0), (0, -1), (0, 0), (0, 1))
    ]
)


def _along_rows(rows: Float[Tensor, "M W"], lowest: Float[Tensor, " M"]) -> Bool[Tensor, "M W"]:
    """Whether a cell is high enough, and higher than the cells to its left and right."""
    is_maximum = rows >= lowest[:, None]
    if rows.shape[1] > 1:
        is_rising = rows[:, 1:] > rows[:, :-1]
        is_maximum[:, 1:] &= is_rising
        is_maximum[:, :-1] &= ~is_rising
    return is_maximum
