import pytest
import torch

from kpstudio.decoders.awr import Awr
from kpstudio.models.awr_loss import awr_loss
from kpstudio.models.awr_targets import awr_targets

HEIGHT, WIDTH, KERNEL = 11, 7, 1.0


def example(*, seed=0):
    generator = torch.Generator().manual_seed(seed)
    uvd = torch.rand(2, 3, 3, generator=generator, dtype=torch.float64) - 0.5
    depth = torch.rand(2, 1, HEIGHT, WIDTH, generator=generator, dtype=torch.float64) - 0.5
    depth[:, :, 0] = 1.0
    votes = awr_targets(uvd, depth, map_size=(WIDTH, HEIGHT), kernel=KERNEL)
    votes += 0.1 * torch.randn(votes.shape, generator=generator, dtype=torch.float64)
    weights = torch.tensor([[1.0, 0.0, 0.5], [0.2, 1.0, 0.0]], dtype=torch.float64)
    return votes, uvd, weights, depth


def smooth(error):
    error = error.abs()
    return torch.where(error < 0.01, 50 * error**2, error - 0.005)


def test_it_is_the_loss_of_the_maps_and_of_the_decoded_positions():
    votes, uvd, weights, depth = example()
    targets = awr_targets(uvd, depth, map_size=(WIDTH, HEIGHT), kernel=KERNEL)
    decoded = Awr(KERNEL)(votes, depth=depth)
    dense = voted = 0.0
    for b in range(2):
        for k in range(3):
            channels = [3 * k, 3 * k + 1, 3 * k + 2, 9 + k]
            of_maps = smooth(votes[b, channels] - targets[b, channels]).mean(dim=(1, 2)).sum()
            x, y = decoded.cells[b, k]
            u, v = 2 * (x + 0.5) / WIDTH - 1, 2 * (y + 0.5) / HEIGHT - 1
            position = torch.stack([u, v, decoded.depths[b, k]])
            dense += weights[b, k] * of_maps / weights.sum()
            voted += weights[b, k] * smooth(position - uvd[b, k]).sum() / weights.sum()
    for dense_weight, coordinate_weight in ((1.0, 1.0), (0.0, 3.0), (2.0, 0.0)):
        loss = awr_loss(
            votes,
            uvd,
            weights,
            depth=depth,
            kernel=KERNEL,
            dense_weight=dense_weight,
            coordinate_weight=coordinate_weight,
        )
        expected = dense_weight * dense + coordinate_weight * voted
        assert float(loss) == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize("has_depth", [True, False])
def test_its_own_target_is_almost_perfect(has_depth):
    _, uvd, weights, depth = example()
    plane = torch.zeros_like(depth) if has_depth else None
    uvd[..., 2] = 0.0 if has_depth else torch.nan
    votes = awr_targets(uvd, plane, map_size=(WIDTH, HEIGHT), kernel=KERNEL)
    assert awr_loss(votes, uvd, weights, depth=plane, kernel=KERNEL) < 1e-6


@pytest.mark.parametrize("has_depth", [True, False])
def test_it_has_the_right_gradient(has_depth):
    votes, uvd, weights, depth = example()
    plane = depth if has_depth else None
    assert torch.autograd.gradcheck(
        lambda x: awr_loss(x, uvd, weights, depth=plane, kernel=KERNEL),
        votes.requires_grad_(),
        fast_mode=True,
    )


def test_a_masked_keypoint_takes_no_part_even_if_nothing_of_it_is_a_number():
    votes, uvd, weights, depth = example()
    votes.requires_grad_()
    expected = awr_loss(votes, uvd, weights, depth=depth, kernel=KERNEL)
    (plain,) = torch.autograd.grad(expected, votes)
    uvd[weights == 0] = torch.nan
    masked = torch.cat([(weights == 0).repeat_interleave(3, dim=1), weights == 0], dim=1)
    with torch.no_grad():
        votes[masked] = torch.nan
    value = awr_loss(votes, uvd, weights, depth=depth, kernel=KERNEL)
    (gradient,) = torch.autograd.grad(value, votes)
    assert torch.allclose(value, expected, atol=1e-14)
    assert torch.allclose(gradient, plain, atol=1e-14)
    assert gradient[masked].abs().max() == 0
    assert gradient[~masked].abs().amax(dim=(1, 2)).min() > 0
