import torch
from helpers import cells_from_border, gaussian_maps, reference_maps

from kpstudio.decoders.local_soft_argmax import LocalSoftArgmax


def test_with_radius_2_it_equals_sleaps_away_from_borders(shared):
    for kind in ("clean", "noise", "multi", "border", "bnoise"):
        for data in reference_maps(shared, kind):
            inside = cells_from_border(data) >= 2
            apart = LocalSoftArgmax(radius=2)(data["heatmaps"]).cells - data["sleap_integral5"]
            assert float(apart[inside].abs().max()) < 1e-5


def test_at_borders_its_symmetric_window_is_closer_to_the_truth(shared):
    # SLEAP's window is filled with zeros beyond the border, which pull the answer inward.
    for data in reference_maps(shared, "border"):
        cells = LocalSoftArgmax(radius=2)(data["heatmaps"]).cells
        near = cells_from_border(data) < 2
        ours = (cells - data["truth"]).norm(dim=-1)[near].mean()
        theirs = (data["sleap_integral5"] - data["truth"]).norm(dim=-1)[near].mean()
        assert float(ours) < float(theirs)


def test_a_window_of_radius_2_cuts_a_gaussian_of_sigma_2_and_one_of_radius_5_hardly():
    truth = torch.rand(3, 499, 2, generator=torch.Generator().manual_seed(1)) * 7 + 13
    maps = gaussian_maps(truth, (31, 37))

    def error(radius):
        cells = LocalSoftArgmax(radius=radius)(maps).cells
        return float((cells - truth).norm(dim=-1).mean())

    assert 0.2 < error(2) < 0.23
    assert error(5) < 0.02
    assert error(9) < 0.001


def test_it_is_differentiable():
    maps = gaussian_maps(torch.tensor([[[3.3, 2.2], [0.2, 4.9]]]), (5, 7)).double() + 0.1
    maps.requires_grad_()
    decoder = LocalSoftArgmax(radius=2)
    assert torch.autograd.gradcheck(lambda x: decoder(x, covariance=False).cells, maps)
