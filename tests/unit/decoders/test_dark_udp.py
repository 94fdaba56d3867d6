import pytest
import torch
from helpers import cells_from_border, gaussian_maps, reference_maps

from kpstudio.decoders.argmax import Argmax
from kpstudio.decoders.dark_udp import DarkUdp

WINDOW = 6  # cells from the peak that the published code looks at; zeros stand in beyond a border


@pytest.mark.parametrize("kind", ["clean", "noise", "multi", "border", "bnoise"])
def test_it_equals_mmposes_where_their_window_lies_in_the_map(shared, kind):
    for data in reference_maps(shared, kind):
        cells = DarkUdp()(data["heatmaps"]).cells
        inside = cells_from_border(data) >= WINDOW
        assert inside.all() or kind.startswith("b")
        apart = (cells - data["dark_udp_mmpose_blur11"])[inside]
        assert apart.numel() == 0 or float(apart.abs().max()) < 1e-4


@pytest.mark.parametrize(("kind", "part"), [("border", 0.02), ("bnoise", 0.35)])
def test_at_borders_it_is_closer_to_the_truth_than_mmpose(shared, kind, part):
    # They blur with zeros from beyond the border, which pull the peak inward.
    for data in reference_maps(shared, kind):
        ours = (DarkUdp()(data["heatmaps"]).cells - data["truth"]).norm(dim=-1)
        theirs = (data["dark_udp_mmpose_blur11"] - data["truth"]).norm(dim=-1)
        assert float(ours.mean()) < part * float(theirs.mean())


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_it_finds_the_centre_of_clean_gaussians(sigma):
    truth = torch.rand(3, 211, 2, generator=torch.Generator().manual_seed(1)) * 7 + 13
    cells = DarkUdp(sigma)(gaussian_maps(truth, (37, 41), sigma=sigma)).cells
    assert float((cells - truth).norm(dim=-1).max()) < 1e-3


def test_with_noise_it_reaches_the_bound_of_cramer_and_rao():
    truth = torch.rand(7, 499, 2, generator=torch.Generator().manual_seed(2)) * 7 + 13
    cells = DarkUdp()(gaussian_maps(truth, (31, 37), noise=0.02, seed=3)).cells
    assert float((cells - truth).norm(dim=-1).mean()) < 0.0206


def test_it_finds_clean_peaks_on_the_border_and_just_beyond_it():
    truth = torch.tensor([[[0.0, 11.3], [-0.4, 0.3], [36.3, 28.2], [15.2, 0.2]]])
    cells = DarkUdp()(gaussian_maps(truth, (29, 37))).cells
    assert float((cells - truth).abs().max()) < 0.005


def test_noise_alone_leads_at_most_two_cells_away_from_the_largest():
    maps = torch.rand(5, 7, 31, 23, generator=torch.Generator().manual_seed(3))
    assert float((DarkUdp()(maps).cells - Argmax()(maps).cells).abs().max()) <= 2
