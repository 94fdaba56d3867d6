import math

import pytest
import torch

from kpstudio.decoders.other_peaks import LOWEST, find_other_peaks
from kpstudio.decoders.peak import find_peaks

SIZES = [(1, 1), (1, 7), (5, 2), (97, 3), (3, 97), (13, 17), (37, 29)]


def plain_search(values, count):
    """What the docstring says, cell by cell."""
    height, width = values.shape
    cells = [(y, x) for y in range(height) for x in range(width)]
    nothing = [[math.nan] * 3] * count
    if not torch.isfinite(values).all():
        return nothing
    rows = values.tolist()
    peak = max(cells, key=lambda cell: rows[cell[0]][cell[1]])
    # The threshold is as precise as the map.
    reckoned_in = torch.promote_types(values.dtype, torch.float32)
    lowest = float((LOWEST * values.amax().to(reckoned_in)).to(values.dtype))
    found = []
    for y, x in cells:
        here = rows[y][x]
        if (y, x) == peak or here <= 0 or here < lowest:
            continue
        around = [
            (v, u)
            for v in range(max(y - 2, 0), min(y + 3, height))
            for u in range(max(x - 2, 0), min(x + 3, width))
            if (v, u) != (y, x)
        ]
        if all(rows[v][u] < here if (v, u) < (y, x) else rows[v][u] <= here for v, u in around):
            found.append((-here, y, x))
    told = [[x, y, -height_] for height_, y, x in sorted(found)[:count]]
    return told + nothing[len(told) :]


def check(maps, count):
    found = find_other_peaks(maps, find_peaks(maps), count)
    expected = [plain_search(each, count) for each in maps]
    expected = torch.tensor(expected, dtype=found.dtype).view(len(maps), count, 3)
    assert torch.equal(found.isnan(), expected.isnan())
    assert torch.equal(found.nan_to_num(), expected.nan_to_num())


def random_maps(size, kind, *, count=5):
    draws = torch.Generator().manual_seed(size[0] * 101 + size[1])
    maps = torch.rand(count, *size, generator=draws)
    if kind == "noisy":
        return maps - 0.5
    if kind == "tied":
        return (maps * 5).floor()
    if kind == "flat":
        return torch.stack([torch.full(size, value) for value in (0.0, 1.0, -1.0, 0.25, 1e-30)])
    if kind == "sparse":
        return maps * (maps > 0.9)
    if kind == "negative":
        return -maps - (maps > 0.5).float()
    return maps


@pytest.mark.parametrize("kind", ["random", "noisy", "tied", "flat", "sparse", "negative"])
@pytest.mark.parametrize("size", SIZES)
def test_it_finds_what_a_plain_search_finds(size, kind):
    for count in (0, 1, 5, 40):
        check(random_maps(size, kind), count)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("kind", ["random", "noisy", "tied", "sparse", "negative"])
def test_it_finds_the_same_in_other_precisions(kind, dtype):
    check(random_maps((13, 17), kind).to(dtype), 5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_zeros_among_negative_cells_are_no_peaks(dtype):
    maps = torch.full((1, 7, 11), -1.0, dtype=dtype)
    maps[0, 1, 2] = maps[0, 5, 9] = 0
    assert find_other_peaks(maps, find_peaks(maps), 5).isnan().all()


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_a_map_that_is_not_finite_has_none_and_leaves_the_others_alone(bad):
    maps = random_maps((13, 17), "random", count=3)
    expected = find_other_peaks(maps, find_peaks(maps), 5)
    maps[1, 2, 3] = maps[1, 9, 11] = bad
    found = find_other_peaks(maps, find_peaks(maps), 5)
    assert found[1].isnan().all()
    assert torch.equal(found[::2], expected[::2])


def test_a_search_in_several_pieces_finds_the_same(monkeypatch):
    monkeypatch.setattr("kpstudio.decoders.other_peaks._CELLS_AT_ONCE", 100)
    check(random_maps((37, 29), "noisy"), 40)


def test_no_maps_have_no_peaks():
    maps = torch.zeros(0, 5, 7)
    assert find_other_peaks(maps, find_peaks(maps), 5).shape == (0, 5, 3)
