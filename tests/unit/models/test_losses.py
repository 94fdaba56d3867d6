import numpy as np
import pytest
import torch

from kpstudio.models.losses import intermediate_supervision, ohkm, weighted_mse


def example(*, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    heatmaps, targets = torch.rand(2, 3, 5, 11, 7, generator=generator, dtype=dtype)
    weights = torch.rand(3, 5, generator=generator, dtype=dtype)
    weights[0, 1] = weights[2, 4] = 0
    return heatmaps, targets, weights


def slow_squares(heatmaps, targets, weights, emphasis):
    squares = np.zeros(weights.shape)
    for b, k in np.ndindex(*weights.shape):
        if weights[b, k]:
            for cell, target in zip(heatmaps[b, k].ravel(), targets[b, k].ravel(), strict=True):
                squares[b, k] += (cell - target) ** 2 * (1 + emphasis * target)
    return squares / heatmaps[0, 0].size * weights


@pytest.mark.parametrize("emphasis", [0.0, 8.0])
def test_mse_equals_a_loop(emphasis):
    tensors = example()
    expected = slow_squares(*(each.numpy() for each in tensors), emphasis).sum() / 3
    assert float(weighted_mse(*tensors, emphasis=emphasis)) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("emphasis", [0.0, 8.0])
@pytest.mark.parametrize("hardest", [1, 2, 5, 8])
def test_hard_keypoint_mining_equals_a_loop(hardest, emphasis):
    tensors = example()
    squares = slow_squares(*(each.numpy() for each in tensors), emphasis)
    expected = np.mean([sorted(each)[-hardest:] for each in squares.tolist()])
    loss = ohkm(*tensors, hardest=hardest, emphasis=emphasis)
    assert float(loss) == pytest.approx(expected, abs=1e-14)


def test_hard_keypoint_mining_teaches_only_the_hardest_of_each_sample():
    heatmaps = torch.tensor([[1.0, 3.0, 2.0], [3.0, 1.0, 2.0]])[:, :, None, None].requires_grad_()
    ohkm(heatmaps, torch.zeros(2, 3, 1, 1), torch.ones(2, 3), hardest=2).backward()
    assert heatmaps.grad is not None
    assert (heatmaps.grad[:, :, 0, 0] != 0).tolist() == [[False, True, True], [True, False, True]]


@pytest.mark.parametrize("loss", [weighted_mse, ohkm])
@pytest.mark.parametrize("emphasis", [0.0, 8.0])
def test_a_masked_keypoint_takes_no_part_even_if_its_target_is_not_a_number(loss, emphasis):
    heatmaps, targets, weights = example()
    heatmaps.requires_grad_()
    expected = loss(heatmaps, targets, weights, emphasis=emphasis)
    (plain,) = torch.autograd.grad(expected, heatmaps)
    targets[weights == 0] = torch.nan
    value = loss(heatmaps, targets, weights, emphasis=emphasis)
    (gradient,) = torch.autograd.grad(value, heatmaps)
    assert torch.equal(value, expected)
    assert torch.equal(gradient, plain)
    assert gradient[weights == 0].abs().max() == 0
    assert gradient[weights > 0].abs().amin(dim=(1, 2)).min() > 0


@pytest.mark.parametrize("loss", [weighted_mse, ohkm])
@pytest.mark.parametrize("emphasis", [0.0, 8.0])
def test_heatmap_losses_have_the_right_gradient(loss, emphasis):
    heatmaps, targets, weights = example()
    heatmaps, targets = heatmaps[..., :3, :2].clone().requires_grad_(), targets[..., :3, :2]
    assert torch.autograd.gradcheck(
        lambda maps: loss(maps, targets, weights, emphasis=emphasis), heatmaps
    )


@pytest.mark.parametrize("loss", [weighted_mse, ohkm])
def test_a_batch_without_any_keypoint_has_no_loss(loss):
    heatmaps, targets, weights = example()
    assert loss(heatmaps, targets * torch.nan, 0 * weights) == 0


def test_every_stage_is_supervised():
    stages = tuple(torch.full((2, 3, 1, 1), value, requires_grad=True) for value in (1.0, 2.0, 3.0))
    targets, weights = torch.zeros(2, 3, 1, 1), torch.ones(2, 3)

    def loss(maps):
        return weighted_mse(maps, targets, weights)

    total = intermediate_supervision(stages, loss)
    assert total == 3 * (1 + 4 + 9)
    total.backward()
    assert all(float(each.grad.abs().min()) > 0 for each in stages)
    assert intermediate_supervision(stages, loss, weights=[0.0, 0.5, 1.0]) == 3 * (2 + 9)
    assert intermediate_supervision(stages[:1], loss) == 3
    with pytest.raises(ValueError, match="zip"):
        intermediate_supervision(stages, loss, weights=[1.0])
