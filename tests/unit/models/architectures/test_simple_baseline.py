import pytest
import torch

from kpstudio.models.architectures import SimpleBaseline


@pytest.mark.parametrize("depth", [18, 50])
def test_it_is_the_published_network(assert_published, depth):
    network = SimpleBaseline(keypoints=17, depth=depth)
    assert_published(network, f"simple_baseline_resnet{depth}_256x192_coco17")


@pytest.mark.parametrize(("depth", "parameters"), [(101, 52_991_825), (152, 68_635_473)])
def test_deeper_ones_have_the_published_number_of_parameters(depth, parameters):
    """53.0 and 68.6 million, as the HRNet paper counts them."""
    with torch.device("meta"):
        network = SimpleBaseline(keypoints=17, depth=depth)
    assert sum(each.numel() for each in network.parameters()) == parameters


@pytest.mark.parametrize(("keypoints", "channels", "depth"), [(1, 1, 50), (7, 3, 18)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels, depth):
    network = SimpleBaseline(keypoints=keypoints, channels=channels, depth=depth)
    assert_trainable(network, maps=keypoints)
