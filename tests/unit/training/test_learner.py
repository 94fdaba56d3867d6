import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.models.framing import Framing
from kpstudio.models.heads import HeatmapHead
from kpstudio.models.networks import make_network
from kpstudio.training.learner import Learner
from kpstudio.training.samples import FindSamples, LookSamples, Samples

SKELETON = Skeleton("pair", ("a", "b", "c"), flip_pairs=((1, 2),))


def samples(xy):
    random = torch.Generator().manual_seed(9)
    framing = Framing((96, 64), (96, 96), 40.0, 20.0, 1.4, False, True)
    look = torch.randint(0, 256, (2, 3, 131, 131), generator=random, dtype=torch.uint8)
    find = torch.randint(0, 256, (2, 3, 64, 96), generator=random, dtype=torch.uint8)
    centres = torch.tensor([[[41.0, 23.0]], [[51.0, 33.0]]])
    return Samples(
        LookSamples(look, torch.as_tensor(xy, dtype=torch.float32), 96 / 131),
        FindSamples(find, centres, torch.zeros(2, 1)),
        framing,
        math.pi,
    )


def learner(made):
    torch.manual_seed(1)
    network = make_network("efficientnet_lite0", {}).build(3, is_pretrained=True)
    return Learner(network, made, SKELETON, head=HeatmapHead(), device="cpu", seed=7)


@pytest.fixture
def known():
    return np.array([[[65, 65], [50, 70], [80, 60]]] * 2, dtype=float)


def test_a_keypoint_that_is_never_labelled_is_never_learned(known):
    known[:, 1:] = np.nan
    learning = learner(samples(known))
    # The pair is exchanged by flips, so both must be unknown for one to stay as it is.
    before = [each.clone() for each in learning.averaged.look.maps.parameters()]
    for _ in range(2):
        assert learning.step(1.0) is not None
    after = list(learning.averaged.look.maps.parameters())
    decay = 1e-4
    assert not torch.allclose(before[0][0], after[0][0], atol=1e-5)
    assert torch.allclose(before[0][1:], after[0][1:], atol=decay * float(before[0].abs().max()))
    assert torch.equal(before[1][1:], after[1][1:])


def test_a_loss_that_is_not_finite_changes_nothing(known):
    learning = learner(samples(known))
    learning.step(1.0)
    before = [each.clone() for each in learning.averaged.parameters()]
    with torch.no_grad():
        learning._network.look.maps.bias.fill_(torch.nan)
    assert learning.step(1.0) is None
    after = learning.averaged.parameters()
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_weights_that_broke_are_mended_from_the_average(known):
    learning = learner(samples(known))
    learning.step(1.0)
    with torch.no_grad():
        learning._network.look.maps.bias.fill_(torch.nan)
    losses = [learning.step(1.0) for _ in range(6)]
    assert losses[:5] == [None] * 5
    assert losses[5] is not None


def test_a_training_that_cannot_be_mended_says_so(known):
    made = samples(known)
    broken = replace(made.look, scale=math.nan)
    learning = learner(replace(made, look=broken))
    with pytest.raises(UserProblem, match="diverges"):
        assert all(learning.step(1.0) is None for _ in range(100))
