import numpy as np
import pytest
import torch

from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import make_decoder
from kpstudio.models.losses import size_loss, weighted_mse
from kpstudio.models.targets import (
    gaussian_targets,
    quantised_target_weights,
    quantised_targets,
    target_weights,
    visibility_weights,
)

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


def slow_gaussian(cell, map_size, sigma):
    width, height = map_size
    target = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            target[y, x] = np.exp(-((x - cell[0]) ** 2 + (y - cell[1]) ** 2) / (2 * sigma**2))
    return target


def slow_hrnet(cell, map_size, sigma):
    """Paste a square kernel at the rounded centre; its weight is 0 if none of it is on the map."""
    width, height = map_size
    centre_x, centre_y = int(np.floor(cell[0] + 0.5)), int(np.floor(cell[1] + 0.5))
    target, weight = np.zeros((height, width)), 0
    radius = int(3 * sigma)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            x, y = centre_x + dx, centre_y + dy
            if 0 <= x < width and 0 <= y < height:
                target[y, x] = np.exp(-(dx**2 + dy**2) / (2 * sigma**2))
                weight = 1
    return target, weight


def cells_everywhere(map_size, count, *, beyond=0.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    size = torch.tensor(map_size) - 1 + 2 * beyond
    return torch.rand(count, 5, 2, generator=generator, dtype=torch.float64) * size - beyond


@pytest.mark.parametrize("map_size", [SIZE, (7, 13), (1, 5)])
@pytest.mark.parametrize("sigma", [1.0, 1.5, 3.0])
def test_an_unbiased_target_equals_a_loop_over_cells(map_size, sigma):
    cells = cells_everywhere(map_size, 3, beyond=4)
    maps = gaussian_targets(cells, map_size=map_size, sigma=sigma)
    expected = [[slow_gaussian(each, map_size, sigma) for each in row] for row in cells.tolist()]
    assert np.abs(maps.numpy() - np.array(expected)).max() < 1e-15


@pytest.mark.parametrize("map_size", [SIZE, (7, 13), (1, 5)])
@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.0, 3.0])
def test_a_quantised_target_equals_a_loop_over_the_kernel(map_size, sigma):
    cells = cells_everywhere(map_size, 11, beyond=3 * sigma + 3)
    cells[0, 0] = torch.tensor([0.5, 2.5])
    maps = quantised_targets(cells, map_size=map_size, sigma=sigma)
    weights = quantised_target_weights(
        cells, torch.ones(11, 5, dtype=torch.float64), map_size=map_size, sigma=sigma
    )
    expected = [[slow_hrnet(each, map_size, sigma) for each in row] for row in cells.tolist()]
    assert np.abs(maps.numpy() - [[each[0] for each in row] for row in expected]).max() < 1e-15
    assert weights.tolist() == [[each[1] for each in row] for row in expected]
    assert 0 < weights.mean() < 1


def test_a_quantised_target_forgets_where_in_its_cell_a_keypoint_lies():
    cells = torch.tensor([[[7.5, 5.0], [8.49, 4.5], [8.0, 5.49]]])
    maps = quantised_targets(cells, map_size=SIZE, sigma=2.0)
    assert torch.equal(maps[0, 0], maps[0, 1])
    assert torch.equal(maps[0, 0], maps[0, 2])
    assert maps[0, 0, 5, 8] == 1
    # The kernel ends six cells from its centre, also in its corners.
    assert maps[0, 0, 11, 14] > 0
    assert maps[0, 0, :, 15:].abs().max() == 0
    assert maps[0, 0, 12:].abs().max() == 0


@pytest.mark.parametrize("bad", [(torch.nan, 5.0), (5.0, torch.nan), (torch.nan, torch.nan)])
def test_half_a_position_is_none(bad):
    cells = torch.tensor([[bad, (7.0, 5.0)]])
    for draw, weigh in (
        (gaussian_targets, target_weights),
        (quantised_targets, quantised_target_weights),
    ):
        maps = draw(cells, map_size=SIZE, sigma=2.0)
        assert maps[0, 0].abs().max() == 0
        assert maps[0, 1].max() == 1
        weights = weigh(cells, torch.full((1, 2), 0.5), map_size=SIZE, sigma=2.0)
        assert weights.tolist() == [[0, 0.5]]


@pytest.mark.parametrize("map_size", [(48, 64), SIZE, (17, 13)])
@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0])
def test_an_unbiased_target_is_fitted_to_a_hundredth_of_a_cell_borders_included(map_size, sigma):
    cells = cells_everywhere(map_size, 400, beyond=0.5).float()
    width, height = map_size
    corners = [[x, y] for x in (0, width - 1) for y in (0, height - 1)]
    cells[0, :4] = torch.tensor(corners)
    maps = gaussian_targets(cells, map_size=map_size, sigma=sigma)
    decoded = make_decoder(DecoderChoice("gaussian_fit", {"sigma": sigma}))(maps).cells
    assert float((decoded - cells).abs().max()) < 0.01


def test_occluded_and_important_keypoints_count_as_configured():
    visibility = torch.tensor([[0, 1, 2], [2, 1, 0]], dtype=torch.int8)
    importance = torch.tensor([1.0, 1.2, 1.5])
    weights = visibility_weights(visibility, occluded=0.5, keypoint_weights=importance)
    expected = torch.tensor([[0.0, 0.6, 1.5], [1.0, 0.6, 0.0]])
    assert torch.allclose(weights, expected)
    assert visibility_weights(visibility).tolist() == [[0, 1, 1], [1, 1, 0]]
    assert visibility_weights(visibility, occluded=0.0).tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_targets_have_the_type_of_the_positions(dtype):
    cells = torch.tensor([[[7.0, 5.0]]], dtype=dtype)
    for draw in (gaussian_targets, quantised_targets):
        maps = draw(cells, map_size=SIZE, sigma=2.0)
        assert maps.dtype is dtype
        assert maps[0, 0, 5, 7] == 1
        assert torch.isfinite(maps).all()
