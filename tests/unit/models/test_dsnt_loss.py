import math

import numpy as np
import pytest
import torch

from kpstudio.decoders.dsnt import Dsnt
from kpstudio.decoders.normalised_frame import normalise_cells
from kpstudio.models.dsnt_loss import dsnt_loss
from kpstudio.models.targets import gaussian_targets

HEIGHT, WIDTH = 11, 7
DIVERGENCES = ["jensen_shannon", "kullback_leibler"]


def example(*, seed=0):
    generator = torch.Generator().manual_seed(seed)
    heatmaps = 3 * torch.randn(3, 5, HEIGHT, WIDTH, generator=generator, dtype=torch.float64)
    targets = torch.rand(3, 5, 2, generator=generator, dtype=torch.float64)
    targets = targets * torch.tensor([WIDTH - 1, HEIGHT - 1])
    weights = torch.rand(3, 5, generator=generator, dtype=torch.float64)
    weights[0, 1] = weights[2, 4] = 0
    return heatmaps, targets, weights


def slow_loss(heatmaps, targets, weights, temperature, regularisation, divergence, sigma):
    def kl(p, q):
        return sum(a * math.log(a / b) for a, b in zip(p.ravel(), q.ravel(), strict=True))

    total = 0.0
    ys, xs = np.mgrid[:HEIGHT, :WIDTH]
    for b, k in np.ndindex(*weights.shape):
        p = np.exp(temperature * heatmaps[b, k])
        p /= p.sum()
        x, y = targets[b, k]
        dx = 2 * ((p * xs).sum() - x) / WIDTH
        dy = 2 * ((p * ys).sum() - y) / HEIGHT
        g = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * sigma**2))
        g /= g.sum()
        apart = kl(p, g)
        if divergence == "jensen_shannon":
            apart = kl(p, (p + g) / 2) / 2 + kl(g, (p + g) / 2) / 2
        total += weights[b, k] * (math.hypot(dx, dy) + regularisation * apart)
    return total / weights.sum()


@pytest.mark.parametrize("divergence", DIVERGENCES)
@pytest.mark.parametrize(("temperature", "factor", "sigma"), [(1, 1, 1), (2.5, 0.3, 1.5)])
def test_it_equals_a_loop(divergence, temperature, factor, sigma):
    tensors = example()
    expected = slow_loss(
        *(each.numpy() for each in tensors), temperature, factor, divergence, sigma
    )
    loss = dsnt_loss(
        *tensors,
        temperature=temperature,
        regularisation=factor,
        divergence=divergence,
        sigma=sigma,
    )
    assert float(loss) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("temperature", [1.0, 5.0])
def test_its_distance_is_that_of_the_decoder(temperature):
    heatmaps, targets, weights = example()
    cells = Dsnt(temperature=temperature)(heatmaps).cells
    size = (WIDTH, HEIGHT)
    apart = normalise_cells(cells, map_size=size) - normalise_cells(targets, map_size=size)
    expected = (apart.norm(dim=2) * weights).sum() / weights.sum()
    loss = dsnt_loss(heatmaps, targets, weights, temperature=temperature, regularisation=0.0)
    assert torch.allclose(loss, expected, atol=1e-12)


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_two_symmetric_bumps_are_a_perfect_answer_only_without_the_regulariser(divergence):
    size = (31, 23)
    bumps = torch.tensor([[[9.0, 11.0], [21.0, 11.0]]])
    maps = gaussian_targets(bumps, map_size=size, sigma=1.0).sum(dim=1, keepdim=True)
    two = maps.clamp(min=1e-12).log()
    middle = torch.tensor([[[15.0, 11.0]]])
    one = gaussian_targets(middle, map_size=size, sigma=1.0).clamp(min=1e-12).log()
    weights = torch.ones(1, 1)
    for maps, regularised in ((two, 0.5), (one, 0.0)):
        assert dsnt_loss(maps, middle, weights, regularisation=0.0) < 1e-6
        loss = float(dsnt_loss(maps, middle, weights, divergence=divergence))
        assert loss > regularised if regularised else loss < 1e-4


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_it_has_the_right_gradient(divergence):
    heatmaps, targets, weights = example()
    heatmaps = heatmaps[..., :5, :3].clone().requires_grad_()
    assert torch.autograd.gradcheck(
        lambda maps: dsnt_loss(maps, targets, weights, temperature=1.5, divergence=divergence),
        heatmaps,
    )


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_a_masked_keypoint_takes_no_part_even_if_nothing_of_it_is_a_number(divergence):
    heatmaps, targets, weights = example()
    heatmaps.requires_grad_()
    expected = dsnt_loss(heatmaps, targets, weights, divergence=divergence)
    (plain,) = torch.autograd.grad(expected, heatmaps)
    targets[weights == 0] = torch.nan
    with torch.no_grad():
        heatmaps[weights == 0] = torch.nan
    value = dsnt_loss(heatmaps, targets, weights, divergence=divergence)
    (gradient,) = torch.autograd.grad(value, heatmaps)
    assert torch.equal(value, expected)
    assert torch.equal(gradient, plain)
    assert gradient[weights == 0].abs().max() == 0
    assert gradient[weights > 0].abs().amax(dim=(1, 2)).min() > 0


@pytest.mark.parametrize("divergence", DIVERGENCES)
@pytest.mark.parametrize("height_of_peak", [0.0, 30.0, 1000.0])
def test_flat_and_sharp_maps_have_a_finite_loss_and_gradient(divergence, height_of_peak):
    heatmaps = torch.zeros(1, 2, 64, 48)
    heatmaps[:, :, 5, 7] = height_of_peak
    heatmaps.requires_grad_()
    targets = torch.tensor([[[7.0, 5.0], [40.0, 60.0]]])
    loss = dsnt_loss(heatmaps, targets, torch.ones(1, 2), divergence=divergence)
    (gradient,) = torch.autograd.grad(loss, heatmaps)
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()


def test_half_precision_is_reckoned_in_full():
    heatmaps, targets, weights = (each.float() for each in example())
    expected = dsnt_loss(heatmaps.bfloat16().float(), targets, weights)
    assert torch.equal(dsnt_loss(heatmaps.bfloat16(), targets, weights), expected)


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_maps_that_learn_by_it_become_the_gaussian(divergence):
    cells = torch.tensor([[[3.3, 5.2], [0.0, 0.0], [3.0, 6.7]]])
    maps = torch.zeros(1, 3, HEIGHT, WIDTH, requires_grad=True)
    optimizer = torch.optim.Adam([maps], lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 300)
    for _ in range(300):
        optimizer.zero_grad()
        dsnt_loss(maps, cells, torch.ones(1, 3), sigma=1.0, divergence=divergence).backward()
        optimizer.step()
        schedule.step()
    learned = maps.detach().flatten(2).softmax(dim=2)
    gaussian = gaussian_targets(cells, map_size=(WIDTH, HEIGHT), sigma=1.0).flatten(2)
    gaussian = gaussian / gaussian.sum(dim=2, keepdim=True)
    # At the corner the mean of a Gaussian that is cut off is not its centre, and both terms pull.
    assert (learned - gaussian)[:, [0, 2]].abs().sum(dim=2).max() < 0.1
    decoded = Dsnt(temperature=1.0)(maps.detach()).cells
    assert float((decoded - cells)[:, [0, 2]].abs().max()) < 0.1
