import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kpstudio.decoders.peak import cut_windows, find_peaks

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


@given(
    height=st.integers(1, 41),
    width=st.integers(1, 41),
    levels=st.integers(1, 9),
    seed=st.integers(0, 999),
)
def test_the_peak_is_the_first_of_the_largest_cells(height, width, levels, seed):
    draws = torch.Generator().manual_seed(seed)
    maps = torch.randint(0, levels, (3, height, width), generator=draws).float()
    peaks = find_peaks(maps)
    index = [each.flatten().tolist().index(float(each.max())) for each in maps]
    assert (peaks.rows * width + peaks.columns).tolist() == index
    assert peaks.values.tolist() == maps.amax(dim=(1, 2)).tolist()
    assert peaks.is_finite.all()


@pytest.mark.parametrize("place", [0, 100, 255, 256, 700, 702])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_a_cell_that_is_not_finite_is_noticed_wherever_it_is(bad, dtype, place):
    maps = torch.rand(3, 37, 19).to(dtype)
    maps[1].view(-1)[place] = bad
    assert find_peaks(maps).is_finite.tolist() == [True, False, True]


def test_huge_cells_are_finite_though_their_sum_is_not():
    maps = torch.full((2, 5, 7), 3e38)
    maps[1] *= -1
    assert find_peaks(maps).is_finite.all()


def test_windows_are_moved_and_shrunk_to_lie_in_the_map():
    maps = torch.arange(2 * 5 * 7).view(2, 5, 7).float()
    maps[0, 0, 6] = 1000
    windows = cut_windows(maps, find_peaks(maps), 2)
    assert windows.left.tolist() == [2, 2]
    assert windows.top.tolist() == [0, 0]
    assert torch.equal(windows.values, maps[:, 0:5, 2:7])
