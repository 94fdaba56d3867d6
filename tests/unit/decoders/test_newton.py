import pytest
import torch
from helpers import gaussian_maps

from kpstudio.decoders.newton import blurred_log, newton_step
from kpstudio.decoders.peak import find_peaks


@pytest.mark.parametrize("spacing", [1, 2])
@pytest.mark.parametrize("size", [(23, 2), (23, 1), (2, 23), (1, 23)])
def test_an_axis_too_short_to_tell_a_direction_stays_and_the_other_is_refined(size, spacing):
    long = 1 if size[1] > size[0] else 0
    truth = torch.zeros(1, 1, 2)
    truth[..., 1 - long] = 9.3
    maps = gaussian_maps(truth, size)[0]
    peaks = find_peaks(maps)
    log = blurred_log(maps, peaks, sigma=2.0, spacing=spacing, floor=1e-3)
    cells = newton_step(log, torch.zeros(1), peaks)
    assert torch.allclose(cells, truth[0], atol=2e-3)


def test_near_a_border_the_blur_stays_symmetric():
    maps = gaussian_maps(torch.tensor([[[2.0, 11.0]]]), (23, 29))[0]
    log = blurred_log(maps, find_peaks(maps), sigma=2.0, spacing=1, floor=1e-10)
    assert torch.allclose(log.values, log.values.flip(2), atol=1e-5)
    assert torch.allclose(log.values, log.values.flip(1), atol=1e-5)


def test_where_there_is_no_maximum_the_answer_is_the_peak():
    maps = torch.full((2, 7, 11), 0.5)
    peaks = find_peaks(maps)
    log = blurred_log(maps, peaks, sigma=2.0, spacing=1, floor=1e-3)
    assert torch.equal(newton_step(log, torch.zeros(2), peaks), peaks.cells())
