import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from kpstudio.core.augmentation import Augmentation
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.models.framing import Framing
from kpstudio.models.heads import HeatmapHead
from kpstudio.models.networks import make_network
from kpstudio.training.batches import Batches
from kpstudio.training.crops import Crops, Piece
from kpstudio.training.learner import Learner
from kpstudio.training.samples import FindSamples, LookSamples, Samples
from kpstudio.training.team import Team

SKELETON = Skeleton("pair", ("a", "b", "c"), flip_pairs=((1, 2),))


def samples(xy, tmp_path):
    random = np.random.default_rng(9)
    crops = Crops()
    for size in ((131, 131), (131, 131), (96, 64), (96, 64)):
        pixels = random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        crops.add(Piece(tmp_path, 0, 0, *size, 1), pixels)
    xy = torch.as_tensor(xy, dtype=torch.float64)
    visibility = torch.where(torch.isfinite(xy[..., 0]), 2, 0).to(torch.int8)
    scales = torch.full((2,), 96 / 69).double()
    look = LookSamples(
        (0, 1),
        xy,
        visibility,
        torch.full((2, 2), 65.0).double(),
        scales,
        torch.full((2, 2, 3), torch.nan).double(),
    )
    centres = torch.tensor([[[41.0, 23.0]], [[51.0, 33.0]]]).double()
    middles = torch.tensor([[47.5, 31.5]] * 2).double()
    ones = torch.ones(2).double()
    find = FindSamples((2, 3), middles, ones, centres, torch.zeros(2, 1).double())
    framing = Framing((96, 64), (96, 96), 40.0, 20.0, 1.4, False, True)
    return Samples(crops, look, find, framing, Augmentation())


def learner(made):
    torch.manual_seed(1)
    network = make_network("efficientnet_lite0", {}).build(3, is_pretrained=True)
    batches = Batches(
        made,
        SKELETON,
        network,
        look_size=4,
        find_size=1,
        head=HeatmapHead(),
        occluded_weight=1.0,
        seed=7,
        device="cpu",
    )
    return Learner(network, batches, head=HeatmapHead(), team=Team("cpu"))


@pytest.fixture
def known():
    return np.array([[[65, 65], [50, 70], [80, 60]]] * 2, dtype=float)


def test_a_keypoint_that_is_never_labelled_is_never_learned(known, tmp_path):
    known[:, 1:] = np.nan
    learning = learner(samples(known, tmp_path))
    # The pair is exchanged by flips, so both must be unknown for one to stay as it is.
    before = [each.clone() for each in learning.averaged.look.maps.parameters()]
    for number in range(2):
        assert learning.step(number, 1.0) is not None
    after = list(learning.averaged.look.maps.parameters())
    decay = 1e-4
    assert not torch.allclose(before[0][0], after[0][0], atol=1e-5)
    assert torch.allclose(before[0][1:], after[0][1:], atol=decay * float(before[0].abs().max()))
    assert torch.equal(before[1][1:], after[1][1:])


def test_a_loss_that_is_not_finite_changes_nothing(known, tmp_path):
    learning = learner(samples(known, tmp_path))
    learning.step(0, 1.0)
    before = [each.clone() for each in learning.averaged.parameters()]
    with torch.no_grad():
        learning._network.look.maps.bias.fill_(torch.nan)
    assert learning.step(0, 1.0) is None
    after = learning.averaged.parameters()
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_weights_that_broke_are_mended_from_the_average(known, tmp_path):
    learning = learner(samples(known, tmp_path))
    learning.step(0, 1.0)
    with torch.no_grad():
        learning._network.look.maps.bias.fill_(torch.nan)
    losses = [learning.step(0, 1.0) for _ in range(6)]
    assert losses[:5] == [None] * 5
    assert losses[5] is not None
    assert learning.rescues == 1
    rates = {group["lr"] / group["full_rate"] for group in learning._optimizer.param_groups}
    assert rates == {0.5}


def test_a_training_that_cannot_be_mended_says_so(known, tmp_path):
    made = samples(known, tmp_path)
    broken = replace(made.look, scales=torch.full((2,), math.nan).double())
    learning = learner(replace(made, look=broken))
    with pytest.raises(UserProblem, match="diverges"):
        assert all(learning.step(0, 1.0) is None for _ in range(100))


def test_a_learner_goes_on_exactly_where_another_one_was(known, tmp_path):
    made = samples(known, tmp_path)
    whole = learner(made)
    losses = [whole.step(number, 1.0) for number in range(4)]
    first, second = learner(made), learner(made)
    assert [first.step(number, 1.0) for number in range(2)] == losses[:2]
    with torch.no_grad():
        for each in second._network.parameters():
            each.zero_()
    second.load_state(first.state(), first.averaged.state_dict())
    assert [second.step(number, 1.0) for number in (2, 3)] == losses[2:]
    for a, b in zip(whole.averaged.parameters(), second.averaged.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_state_of_another_network_is_refused(known, tmp_path):
    learning = learner(samples(known, tmp_path))
    state = learning.state()
    state.pop("network.find.maps.bias")
    with pytest.raises(RuntimeError):
        learning.load_state(state, learning.averaged.state_dict())


def test_what_is_kept_is_the_running_mean_of_the_weights(known, tmp_path):
    learning = learner(samples(known, tmp_path))
    mean = [each.clone() for each in learning.averaged.parameters()]
    for number in range(3):
        learning.step(number, 1.0)
        weight = min(0.95, (2 + number) / (11 + number))
        now = learning._network.parameters()
        mean = [weight * a + (1 - weight) * b for a, b in zip(mean, now, strict=True)]
    for a, b in zip(mean, learning.averaged.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)
