import pytest
import torch
from helpers import gaussian_maps, mean_normalised_error, reference_maps

from kpstudio.decoders.dsnt import Dsnt


@pytest.mark.parametrize("temperature", [1, 20])
@pytest.mark.parametrize("kind", ["clean", "noise", "multi", "border", "bnoise"])
def test_it_equals_the_softmax_of_dsntnn(shared, kind, temperature):
    for data in reference_maps(shared, kind):
        height, width = data["heatmaps"].shape[2:]
        published = data[f"dsnt_softmax_T{temperature}"]
        apart = Dsnt(temperature)(data["heatmaps"]).cells - published
        # dsntnn works in float32 from -1 to 1, and its rounding errors grow with the map.
        assert float((apart / torch.tensor([width, height])).abs().max()) < 3e-6


def test_a_low_temperature_shrinks_points_of_gaussians_to_the_centre():
    maps = gaussian_maps(torch.tensor([[[5.0, 5.0]]]), (29, 37))
    low = Dsnt(1.0)(maps).cells[0, 0]
    assert float((low - torch.tensor([18.0, 14.0])).abs().max()) < 1
    high = Dsnt(30.0)(maps).cells[0, 0]
    assert float((high - 5).abs().max()) < 0.05


def test_a_constant_added_to_the_map_changes_nothing():
    maps = gaussian_maps(torch.tensor([[[5.3, 7.1]]]), (13, 17)).double()
    assert torch.allclose(Dsnt()(maps).cells, Dsnt()(maps - 7.5).cells, atol=1e-12)


@pytest.mark.parametrize("value", [1e30, 3e38, -3e38])
def test_huge_values_do_not_overflow(value):
    decoded = Dsnt(is_probability=1)(torch.full((2, 3, 5, 7), value))
    assert torch.allclose(decoded.cells, torch.tensor([3.0, 2.0]), atol=1e-5)


def test_huge_values_leave_a_map_of_the_same_batch_as_it_is():
    maps = gaussian_maps(torch.tensor([[[5.3, 7.1], [3.0, 4.0]]]), (13, 17))
    alone = Dsnt()(maps).cells[0, 0]
    maps[0, 1] *= 3e38
    together = Dsnt()(maps).cells
    assert torch.allclose(together[0, 0], alone, atol=1e-5)
    assert together[0, 1].tolist() == [3.0, 4.0]


def test_its_covariance_is_the_second_moment_of_the_softmax():
    logits = torch.randn(2, 3, 7, 11, generator=torch.Generator().manual_seed(0)).double()
    decoded = Dsnt(1.0, is_probability=1)(logits)
    weights = logits.flatten(2).softmax(dim=2)
    y, x = torch.meshgrid(torch.arange(7).double(), torch.arange(11).double(), indexing="ij")
    position = torch.stack([x.flatten(), y.flatten()])
    apart = position - (weights @ position.T)[..., None]
    expected = (apart * weights[:, :, None]) @ apart.mT
    assert torch.allclose(decoded.covariance, expected, rtol=0, atol=1.1e-6)


def test_logits_below_0_are_a_probability_like_any_other():
    logits = torch.randn(2, 3, 7, 11, generator=torch.Generator().manual_seed(0))
    decoder = Dsnt(1.0, is_probability=1)
    above, below = decoder(logits), decoder(logits - 100)
    assert torch.allclose(above.covariance, below.covariance, rtol=1e-4)


def test_a_narrow_peak_far_from_the_middle_keeps_its_covariance():
    maps = torch.full((1, 1, 5, 997), -100.0)
    maps[0, 0, 2, 990:992] = torch.tensor([0.0, -8.0])
    decoded = Dsnt(1.0, is_probability=1)(maps)
    share = torch.tensor([0.0, -8.0]).double().softmax(dim=0)
    variance = float(share[0] * share[1])
    assert float(decoded.covariance[0, 0, 0, 0]) == pytest.approx(variance, rel=0.01)
    assert bool((torch.linalg.eigvalsh(decoded.covariance) > 0).all())


def test_its_covariance_is_calibrated_where_the_truth_is_drawn_from_the_probability():
    draws = torch.Generator().manual_seed(1)
    centre = torch.rand(5, 997, 2, generator=draws) * torch.tensor([29.0, 17.0])
    logits = 3 * gaussian_maps(centre, (17, 29), sigma=3.0, noise=0.3, seed=2)
    index = torch.multinomial(logits.flatten(0, 1).flatten(1).softmax(dim=1), 1, generator=draws)
    truth = torch.cat([index % 29, index // 29], dim=1).view(5, 997, 2)
    decoded = Dsnt(1.0, is_probability=1)(logits)
    assert mean_normalised_error(decoded.cells, decoded.covariance, truth) == pytest.approx(2, 0.1)


@pytest.mark.parametrize("has_bad", [False, True])
def test_it_is_differentiable(has_bad):
    maps = gaussian_maps(torch.tensor([[[3.3, 2.2], [0.2, 4.9]]]), (5, 7)).double()
    maps.requires_grad_()

    def cells(x):
        if has_bad:
            x = torch.cat([x, torch.full_like(x[:, :1], torch.nan)], dim=1)
        return Dsnt(5.0)(x).cells[:, :2]

    assert torch.autograd.gradcheck(cells, maps)


def test_the_score_of_a_probability_is_how_much_of_it_is_near_the_answer():
    decode = Dsnt(temperature=1.0, is_probability=1)
    one = torch.full((1, 1, 24, 32), -30.0)
    one[..., 9, 12] = 0.0
    two = one.clone()
    two[..., 9, 24] = 0.0
    uneven = two.clone()
    uneven[..., 9, 24] = torch.tensor(0.25 / 0.75).log()
    flat = torch.zeros(1, 1, 24, 32)
    assert decode(one).scores.item() == pytest.approx(1.0, abs=1e-5)
    # The mean of two bumps lies between them, where nothing is.
    assert decode(two).scores.item() == pytest.approx(0.0, abs=1e-5)
    assert decode(uneven).scores.item() == pytest.approx(0.75, abs=1e-4)
    assert decode(flat).scores.item() == pytest.approx(49 / (24 * 32), abs=1e-5)
    assert decode(one, covariance=False).scores.item() == pytest.approx(1.0, abs=1e-5)
