import numpy as np
import pytest
import torch

from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import make_decoder
from kpstudio.models.losses import size_loss, weighted_mse
from kpstudio.models.targets import gaussian_targets, target_weights

SIZE = (31, 23)


@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0])
def test_a_target_is_decoded_to_where_it_was_drawn(sigma):
    generator = torch.Generator().manual_seed(11)
    inside = torch.tensor([SIZE[0] - 17, SIZE[1] - 17])
    cells = 8 + torch.rand(7, 5, 2, generator=generator) * inside
    maps = gaussian_targets(cells, map_size=SIZE, sigma=sigma)
    decoded = make_decoder(DecoderChoice("dark", {"sigma": sigma}))(maps).cells
    assert (decoded - cells).abs().max() < 0.02


def test_a_target_is_1_at_its_centre_and_falls_with_sigma():
    maps = gaussian_targets(torch.tensor([[[7.0, 5.0]]]), map_size=SIZE, sigma=2.0)
    assert maps.shape == (1, 1, SIZE[1], SIZE[0])
    assert maps[0, 0, 5, 7] == 1
    assert maps[0, 0, 5, 9] == pytest.approx(np.exp(-0.5))


def test_a_keypoint_without_a_position_has_an_empty_target_and_no_weight():
    cells = torch.tensor([[[torch.nan, torch.nan], [7.0, 5.0]]])
    assert gaussian_targets(cells, map_size=SIZE, sigma=2.0)[0, 0].abs().max() == 0
    weights = target_weights(cells, torch.ones(1, 2), map_size=SIZE, sigma=2.0)
    assert weights.tolist() == [[0, 1]]


def test_a_target_that_misses_the_map_has_no_weight():
    cells = torch.tensor([[[-5.9, 5.0], [-6.1, 5.0], [36.1, 5.0], [7.0, 28.5]]])
    weights = target_weights(cells, torch.ones(1, 4), map_size=SIZE, sigma=2.0)
    assert weights.tolist() == [[1, 0, 0, 0]]


def test_a_masked_keypoint_gives_neither_loss_nor_gradient():
    heatmaps = torch.randn(3, 2, 7, 5, generator=torch.Generator().manual_seed(2))
    heatmaps.requires_grad_()
    weights = torch.tensor([[1.0, 0.0]]).expand(3, 2)
    weighted_mse(heatmaps, torch.zeros(3, 2, 7, 5), weights).backward()
    assert heatmaps.grad is not None
    assert heatmaps.grad[:, 1].abs().max() == 0
    assert heatmaps.grad[:, 0].abs().min() > 0


def test_the_loss_is_the_mean_over_cells_summed_over_keypoints_per_sample():
    heatmaps = torch.full((2, 3, 7, 5), 2.0)
    weights = torch.tensor([[1.0, 1.0, 0.5], [1.0, 0.0, 0.0]])
    assert weighted_mse(heatmaps, torch.zeros(2, 3, 7, 5), weights) == pytest.approx(4 * 3.5 / 2)


def test_sizes_are_learned_only_where_there_is_a_subject():
    sizes = torch.tensor([[[1.0, 5.0]]])
    weights = torch.tensor([[[1.0, 0.0]]])
    assert size_loss(sizes, torch.zeros(1, 1, 2), weights) == 1.0


def test_cells_at_a_keypoint_may_count_more():
    targets = torch.tensor([[[[1.0, 0.0]]]])
    weights = torch.ones(1, 1)
    plain = weighted_mse(torch.full((1, 1, 1, 2), 0.5), targets, weights)
    emphasised = weighted_mse(torch.full((1, 1, 1, 2), 0.5), targets, weights, emphasis=8.0)
    assert (plain, emphasised) == (pytest.approx(0.25), pytest.approx(0.25 * 5))
