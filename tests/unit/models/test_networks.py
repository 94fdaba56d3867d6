import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.models.networks import NETWORKS, describe_networks, make_network

# One of each family: the others differ in width or depth only, and are as slow as they are large.
SMALL = [
    "efficientnet_lite0",
    "hrnet_w18",
    "simple_baseline_resnet18",
    "stacked_hourglass_1",
    "face_hourglass",
    "fan_1",
    "pyranet",
    "unet_small",
]


def build(name, keypoints, **options):
    torch.manual_seed(0)
    return make_network(name, {}).build(keypoints, is_pretrained=False, **options)


def look_input(network, batch=2):
    side = max(network.size_multiple, 32)
    images = torch.rand(batch, 3, side, 2 * side) * 2 - 1
    return network.look_format.of_normalised(images)


@pytest.mark.parametrize("name", SMALL)
def test_both_passes_give_maps_and_learn(name):
    keypoints = 7
    network = build(name, keypoints).train()
    parts = network.learning_parts()
    images = look_input(network)
    assert images.shape[1] == len(network.look_format)
    stages = network.stages(images, "look")
    height, width = (side // network.look_stride for side in images.shape[2:])
    assert all(maps.shape == (2, keypoints, height, width) for maps in stages)
    found = network(torch.zeros(2, 3, 64, 96), "find")
    assert found.shape == (2, 2, 16, 24)
    (sum(maps.square().mean() for maps in stages) + found.square().mean()).backward()
    learned = parts.pretrained + parts.new
    assert len(learned) == len({id(each) for each in learned})
    assert all(each.grad is not None for each in learned)
    frozen = [each for each in network.parameters() if not each.requires_grad]
    assert len(learned) + len(frozen) == len(list(network.parameters()))


def test_a_model_from_elsewhere_knows_no_first_pass():
    network = build("unet_small", 3, can_find=False)
    assert not network.can_find
    with pytest.raises(UserProblem, match="cannot find subjects"):
        network(torch.zeros(1, 3, 64, 96), "find")


def test_every_network_can_be_described_and_is_the_size_of_its_kind():
    described = {each.name: each for each in describe_networks()}
    assert list(described) == list(NETWORKS)
    assert all(each.title and each.help and each.source for each in described.values())
    millions = {
        name: sum(each.numel() for each in build(name, 17, can_find=False).parameters()) / 1e6
        for name in ("hrnet_w32", "simple_baseline_resnet50", "stacked_hourglass_8", "fan_4")
    }
    assert millions["hrnet_w32"] == pytest.approx(28.5, abs=0.1)
    assert millions["simple_baseline_resnet50"] == pytest.approx(34.0, abs=0.1)
    assert millions["stacked_hourglass_8"] == pytest.approx(25.6, abs=0.1)
    assert millions["fan_4"] == pytest.approx(23.7, abs=0.2)


def test_a_mistyped_network_gets_the_nearest_name():
    with pytest.raises(UserProblem) as caught:
        make_network("hrnet_w23", {})
    assert "hrnet_w32" in caught.value.hint
