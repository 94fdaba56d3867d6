import pytest
import torch

from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import make_decoder
from kpstudio.models.coordinate_losses import coordinate_likelihood, smooth_l1, wing
from kpstudio.models.regression_head import RegressionHead


def features(*size, seed=0):
    return torch.randn(size, generator=torch.Generator().manual_seed(seed))


def learned(head, of, loss, *, steps=150):
    optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
    # Wing is as steep at a perfect answer as anywhere: only shorter steps come to rest there.
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(head(of)).backward()
        optimizer.step()
        schedule.step()
    return head(of).detach()


@pytest.mark.parametrize("loss", [smooth_l1, wing])
def test_it_learns_a_batch_to_a_small_part_of_a_cell(loss):
    torch.manual_seed(0)
    head = RegressionHead(5, 3)
    cells = torch.rand(2, 3, 2) * torch.tensor([30.0, 22.0])
    answers = learned(head, features(2, 5, 11, 7), lambda x: loss(x, cells, torch.ones(2, 3)))
    decoded = make_decoder(DecoderChoice("regression", {}))(answers)
    assert float((decoded.cells - cells).abs().max()) < 0.2


def test_it_learns_how_much_it_errs():
    torch.manual_seed(0)
    head = RegressionHead(5, 1, has_spread=True)
    deviations = torch.tensor([3.0, 0.5])
    cells = torch.tensor([20.0, 7.0]) + deviations * torch.randn(400, 1, 2)
    # All samples look alike, so nothing but their spread can be learned.
    same = features(1, 5, 11, 7).expand(400, -1, -1, -1)
    answers = learned(
        head, same, lambda x: coordinate_likelihood(x, cells, torch.ones(400, 1)), steps=300
    )
    covariance = make_decoder(DecoderChoice("regression", {}))(answers).covariance
    assert torch.allclose(covariance[0, 0].diagonal().sqrt(), cells.std(dim=0)[0], rtol=0.1)
    assert torch.allclose(answers[0, 0, :2], cells.mean(dim=(0, 1)), atol=0.2)


@pytest.mark.parametrize("has_spread", [False, True])
@pytest.mark.parametrize("size", [(11, 7), (4, 4), (1, 3), (2, 13)])
def test_features_of_any_size_start_in_the_middle_of_the_map(size, has_spread):
    head = RegressionHead(5, 3, has_spread=has_spread)
    answers = head(features(2, 5, *size))
    assert answers.shape == (2, 3, 4 if has_spread else 2)
    middle = (torch.tensor([size[1], size[0]]) - 1) / 2
    assert torch.allclose(answers[..., :2], middle.expand(2, 3, 2), atol=0.2)
    assert (answers[..., 2:] > 0.2).all()


@pytest.mark.parametrize("size", [(12, 8), (11, 7), (2, 3)])
def test_its_pooling_is_that_of_areas_of_normalised_features(size):
    head = RegressionHead(5, 3, grid=4)
    seen = []
    head.hidden.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    of = features(2, 5, *size)
    head(of)
    # Each cell repeated so often that bins fall on borders between cells.
    of = (of - of.mean(dim=(1, 2, 3), keepdim=True)) / of.std(
        dim=(1, 2, 3), keepdim=True, correction=0
    )
    fine = of.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
    expected = torch.nn.functional.adaptive_avg_pool2d(fine, 4).flatten(1)
    assert torch.allclose(seen[0], expected, atol=1e-5)


@pytest.mark.parametrize("has_spread", [False, True])
def test_a_traced_head_gives_the_same(has_spread):
    head = RegressionHead(5, 3, has_spread=has_spread).eval()
    of = features(2, 5, 11, 7)
    exported = torch.export.export(head, (of,)).module()
    assert torch.allclose(exported(of), head(of), atol=1e-5)


def test_half_precision_does_not_round_coordinates():
    head = RegressionHead(5, 3, has_spread=True).eval()
    of = features(2, 5, 64, 64)
    with torch.no_grad():
        head.coordinates.weight.normal_(std=0.02)
        expected = head(of)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            answers = head(of)
    assert answers.dtype is torch.float32
    assert float((answers - expected).abs().max()) < 0.1
    # bfloat16 itself has steps of a quarter of a cell there.
    steps = torch.diff(answers[..., :2].flatten().sort().values)
    assert float(steps[steps > 0].min()) < 0.05
