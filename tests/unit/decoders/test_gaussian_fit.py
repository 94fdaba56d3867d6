import pytest
import torch
from helpers import gaussian_maps, mean_normalised_error, reference_maps

from kpstudio.decoders.gaussian_fit import GaussianFit

SIZE = (29, 37)


def truths(place, *, count=499, batch=7):
    draws = torch.Generator().manual_seed(5)
    inside = torch.rand(batch, count, 2, generator=draws) * 5 + 12
    near = torch.rand(batch, count, 2, generator=draws) * 4
    far = torch.tensor([SIZE[1] - 1.0, SIZE[0] - 1.0]) - near
    x, y = inside.unbind(dim=2)
    return {
        "inside": inside,
        "left": torch.stack([near[..., 0], y], dim=2),
        "bottom": torch.stack([x, far[..., 1]], dim=2),
        "corner": torch.stack([far[..., 0], near[..., 1]], dim=2),
        "beyond": torch.stack([-near[..., 0] / 8, y], dim=2),
    }[place]


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("place", ["inside", "left", "bottom", "corner", "beyond"])
def test_clean_gaussians_are_found_exactly_whatever_sigma_is_expected(place, sigma):
    truth = truths(place, count=97, batch=2)
    maps = gaussian_maps(truth, SIZE, sigma=sigma)
    for expected in (1.0, 2.0, 3.0):
        error = float((GaussianFit(expected)(maps).cells - truth).norm(dim=-1).mean())
        # Three times the expected sigma is as far as the fit follows.
        assert error < (2e-4 if sigma == 3 * expected else 5e-5)


def test_with_noise_inside_it_comes_near_the_bound_of_cramer_and_rao():
    truth = truths("inside")
    cells = GaussianFit()(gaussian_maps(truth, SIZE, noise=0.02, seed=1)).cells
    assert float((cells - truth).norm(dim=-1).mean()) < 0.0206


@pytest.mark.parametrize("noise", [0.02, 0.05])
@pytest.mark.parametrize(("sigma", "expected"), [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (1.5, 2.0)])
@pytest.mark.parametrize("place", ["inside", "left", "bottom", "corner"])
def test_its_covariance_is_calibrated_inside_and_at_borders(place, sigma, expected, noise):
    truth = truths(place)
    decoded = GaussianFit(expected)(gaussian_maps(truth, SIZE, sigma=sigma, noise=noise, seed=2))
    normalised = mean_normalised_error(decoded.cells, decoded.covariance, truth)
    assert normalised == pytest.approx(2, rel=0.1)


def test_at_borders_it_is_closer_than_dark_of_the_authors(shared):
    for kind, part in (("border", 0.001), ("bnoise", 0.2)):
        for data in reference_maps(shared, kind):
            ours = (GaussianFit()(data["heatmaps"]).cells - data["truth"]).norm(dim=-1).mean()
            theirs = (data["dark_authors_blur11"] - data["truth"]).norm(dim=-1).mean()
            assert float(ours) < part * float(theirs)


def test_a_constant_background_changes_hardly_anything():
    truth = truths("inside", count=97, batch=2)
    maps = gaussian_maps(truth, SIZE)
    assert float((GaussianFit()(maps + 0.2).cells - truth).abs().max()) < 0.01


@pytest.mark.parametrize("scale", [1e-20, 1e-3, 1e3, 1e20])
def test_the_scale_of_a_map_changes_nothing(scale):
    maps = gaussian_maps(truths("left", count=97, batch=2), SIZE, noise=0.05)
    expected = GaussianFit()(maps)
    decoded = GaussianFit()(maps * scale)
    assert torch.allclose(decoded.cells, expected.cells, atol=1e-3)
    assert torch.allclose(decoded.covariance, expected.covariance, rtol=0.01, atol=1e-5)
