import math

import numpy as np
import pytest
import torch

from kpstudio.models.coordinate_losses import (
    coordinate_l2,
    coordinate_likelihood,
    smooth_l1,
    wing,
)

LOSSES = {
    "l2": coordinate_l2,
    "smooth_l1": smooth_l1,
    "smooth_l1 of beta 3": lambda *each: smooth_l1(*each, beta=3.0),
    "wing": wing,
    "narrow wing": lambda *each: wing(*each, width=3.0, curvature=0.5),
}


def example(*, seed=0):
    generator = torch.Generator().manual_seed(seed)
    coordinates, targets = 5 * torch.randn(2, 3, 7, 2, generator=generator, dtype=torch.float64)
    weights = torch.rand(3, 7, generator=generator, dtype=torch.float64)
    weights[0, 1] = weights[2, 4] = 0
    return coordinates, targets, weights


def slow(name, dx, dy):
    def smooth(error, beta=1.0):
        return error**2 / 2 / beta if error < beta else error - beta / 2

    def winged(error, width=10.0, curvature=2.0):
        if error < width:
            return width * math.log(1 + error / curvature)
        return error - (width - width * math.log(1 + width / curvature))

    dx, dy = abs(dx), abs(dy)
    return {
        "l2": math.hypot(dx, dy),
        "smooth_l1": smooth(dx) + smooth(dy),
        "smooth_l1 of beta 3": smooth(dx, 3.0) + smooth(dy, 3.0),
        "wing": winged(dx) + winged(dy),
        "narrow wing": winged(dx, 3.0, 0.5) + winged(dy, 3.0, 0.5),
    }[name]


@pytest.mark.parametrize("name", LOSSES)
def test_it_equals_a_loop(name):
    coordinates, targets, weights = example()
    total = 0.0
    for b, k in np.ndindex(3, 7):
        dx, dy = (coordinates[b, k] - targets[b, k]).tolist()
        total += float(weights[b, k]) * slow(name, dx, dy)
    loss = float(LOSSES[name](coordinates, targets, weights))
    assert loss == pytest.approx(total / float(weights.sum()), abs=1e-12)


@pytest.mark.parametrize(
    ("name", "error", "expected"),
    [
        ("l2", (3.0, 4.0), 5.0),
        ("smooth_l1", (0.5, 2.0), 0.125 + 1.5),
        ("wing", (2.0, 0.0), 10 * math.log(2)),
        ("wing", (30.0, 0.0), 30 - 10 + 10 * math.log(6)),
    ],
)
def test_it_has_the_values_of_the_paper(name, error, expected):
    coordinates = torch.tensor([[error]])
    assert LOSSES[name](coordinates, torch.zeros(1, 1, 2), torch.ones(1, 1)) == pytest.approx(
        expected
    )


@pytest.mark.parametrize("name", LOSSES)
def test_a_masked_keypoint_takes_no_part_even_if_its_target_is_not_a_number(name):
    coordinates, targets, weights = example()
    coordinates.requires_grad_()
    expected = LOSSES[name](coordinates, targets, weights)
    (plain,) = torch.autograd.grad(expected, coordinates)
    targets[weights == 0] = torch.nan
    value = LOSSES[name](coordinates, targets, weights)
    (gradient,) = torch.autograd.grad(value, coordinates)
    assert torch.equal(value, expected)
    assert torch.equal(gradient, plain)
    assert gradient[weights == 0].abs().max() == 0
    assert gradient[weights > 0].abs().min() > 0


@pytest.mark.parametrize("name", LOSSES)
def test_it_has_the_right_gradient(name):
    coordinates, targets, weights = example()
    coordinates.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: LOSSES[name](x, targets, weights), coordinates)


@pytest.mark.parametrize("name", LOSSES)
def test_a_perfect_answer_has_no_loss_and_a_finite_gradient(name):
    _, targets, weights = example()
    coordinates = targets.clone().requires_grad_()
    loss = LOSSES[name](coordinates, targets, weights)
    (gradient,) = torch.autograd.grad(loss, coordinates)
    assert loss == 0
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("name", LOSSES)
def test_without_any_labelled_keypoint_there_is_nothing_to_learn(name):
    coordinates, targets, weights = example()
    coordinates.requires_grad_()
    loss = LOSSES[name](coordinates, torch.nan * targets, 0 * weights)
    (gradient,) = torch.autograd.grad(loss, coordinates)
    assert loss == 0
    assert gradient.abs().max() == 0


def test_the_likelihood_is_that_of_a_gaussian():
    coordinates, targets, weights = example()
    deviations = torch.rand(3, 7, 2, generator=torch.Generator().manual_seed(1)).double() + 0.5
    predicted = torch.cat([coordinates, deviations], dim=2)
    log = torch.distributions.Normal(coordinates, deviations).log_prob(targets).sum(dim=2)
    expected = -(log * weights).sum() / weights.sum() - math.log(2 * math.pi)
    assert float(coordinate_likelihood(predicted, targets, weights)) == pytest.approx(
        float(expected)
    )


def test_the_likelihood_is_best_where_the_spread_is_that_of_the_errors():
    errors = torch.tensor([[[3.0, -1.0]]])
    weights = torch.ones(1, 1)

    def loss(x, y):
        predicted = torch.tensor([[[0.0, 0.0, x, y]]])
        return float(coordinate_likelihood(predicted, errors, weights))

    best = loss(3.0, 1.0)
    assert best < min(loss(2.9, 1.0), loss(3.1, 1.0), loss(3.0, 0.9), loss(3.0, 1.1))


def test_the_likelihood_has_the_right_gradient_and_none_for_masked_keypoints():
    coordinates, targets, weights = example()
    deviations = torch.rand(3, 7, 2, generator=torch.Generator().manual_seed(1)).double() + 0.5
    predicted = torch.cat([coordinates, deviations], dim=2).requires_grad_()
    targets[weights == 0] = torch.nan
    loss = coordinate_likelihood(predicted, targets, weights)
    (gradient,) = torch.autograd.grad(loss, predicted)
    assert gradient[weights == 0].abs().max() == 0
    assert gradient[weights > 0].abs().min() > 0
    assert torch.autograd.gradcheck(lambda x: coordinate_likelihood(x, targets, weights), predicted)
