import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import fitting_decoder, make_decoder
from kpstudio.inference.shown_maps import shown_maps
from kpstudio.models.heads import HEADS, describe_heads, head_of
from kpstudio.models.top_down import LastMaps

SIZE = (17, 13)
ALL = [(name, loss) for name, entry in HEADS.items() for loss in entry.losses]
MOSTLY_THOROUGH = [
    pytest.param(name, loss, marks=[] if loss == HEADS[name].losses[0] else pytest.mark.thorough)
    for name, loss in ALL
]


def taught(head, cells, weights, *, steps=250):
    """What a small head says of two images of noise after it has learned them."""
    torch.manual_seed(0)
    keypoints = cells.shape[1]
    layers = torch.nn.Sequential(LastMaps(32, head.maps(keypoints)), head.last_layers(keypoints))
    training = head.training(4)
    features = torch.randn(2, 32, SIZE[1], SIZE[0])
    criterion = head.criterion(cells, weights, map_size=SIZE, training=training)
    optimizer = torch.optim.Adam(layers.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        criterion(layers(features)).backward()
        optimizer.step()
        schedule.step()
    return layers(features).detach()


@pytest.mark.parametrize(("name", "loss"), MOSTLY_THOROUGH)
def test_every_head_learns_a_batch_to_under_a_cell_from_every_loss(name, loss):
    head = HEADS[name](loss)
    cells = torch.rand(2, 3, 2, generator=torch.Generator().manual_seed(1))
    cells = 1 + cells * torch.tensor([14.0, 10.0])
    answers = taught(head, cells, torch.ones(2, 3))
    training = head.training(4)
    decoder = make_decoder(DecoderChoice(fitting_decoder(training)), training)
    assert decoder.advice(training).fit == "fits"
    decoded = decoder(answers)
    # Kullback-Leibler has minima beside the target, and rounded targets teach rounded positions.
    limit = {"kullback_leibler": 2.0, "quantised_mse": 1.0}.get(loss, 0.5)
    assert float((decoded.cells - cells).abs().max()) < limit
    assert decoded.scores.shape == (2, 3)
    # From noise 32 features cannot draw all of the votes, but their mean is there.
    assert ((decoded.scores > (0.05 if name == "awr" else 0.5)) & (decoded.scores < 1.5)).all()


@pytest.mark.parametrize("name", list(HEADS))
def test_what_is_shown_has_its_peak_at_the_answer(name):
    head = HEADS[name]()
    cells = torch.tensor([[[4.0, 9.0], [12.0, 3.0]], [[8.0, 6.0], [15.0, 11.0]]])
    maps = shown_maps(taught(head, cells, torch.ones(2, 2)), head.training(4), map_size=SIZE)
    assert maps.shape == (2, 2, SIZE[1], SIZE[0])
    assert float(maps.max()) < 1.3
    where = maps.flatten(2).argmax(dim=2)
    peaks = torch.stack([where % SIZE[0], where // SIZE[0]], dim=2)
    assert float((peaks - cells).abs().max()) <= 1


@pytest.mark.parametrize(("name", "loss"), ALL)
def test_keypoints_without_a_label_teach_nothing(name, loss):
    head = HEADS[name](loss)
    keypoints, training = 2, head.training(4)
    layers = torch.nn.Sequential(LastMaps(8, head.maps(keypoints)), head.last_layers(keypoints))
    features = torch.randn(2, 8, SIZE[1], SIZE[0])
    cells = torch.full((2, keypoints, 2), torch.nan)
    criterion = head.criterion(cells, torch.zeros(2, 2), map_size=SIZE, training=training)
    loss_value = criterion(layers(features))
    loss_value.backward()
    assert float(loss_value.detach()) == 0
    for each in layers.parameters():
        assert each.grad is None or float(each.grad.abs().max()) == 0


@pytest.mark.parametrize(("name", "loss"), ALL)
def test_a_head_follows_from_what_its_checkpoint_says(name, loss):
    head = HEADS[name](loss)
    training = head.training(2)
    again = head_of(training)
    assert type(again) is type(head)
    assert again.training(2) == training
    assert again.maps(7) == head.maps(7)


def test_heads_describe_themselves_and_name_what_they_learn_from():
    described = {each.name: each for each in describe_heads()}
    assert list(described) == ["heatmap", "dsnt", "regression", "awr"]
    assert all(each.title and each.help and each.source for each in described.values())
    assert described["heatmap"].losses[0] == "mse"


def test_unknown_names_are_refused_with_those_that_there_are():
    with pytest.raises(UserProblem) as caught:
        HEADS["regresion"]
    assert "regression" in caught.value.hint
    with pytest.raises(UserProblem) as caught:
        HEADS["dsnt"]("mse")
    assert "jensen_shannon" in caught.value.hint
