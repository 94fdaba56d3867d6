import pytest
import torch

from kpstudio.models.architectures import PyraNet
from kpstudio.models.architectures.pyranet import Pyramid


def test_eight_stacks_have_28_million_parameters():
    with torch.device("meta"):
        network = PyraNet(keypoints=16, stacks=8)
    assert sum(each.numel() for each in network.parameters()) == 28_131_832


def test_a_pyramid_sees_the_maximum_of_regular_windows_at_each_size():
    pyramid = Pyramid(1, 2)
    for conv in pyramid.convs:
        torch.nn.init.dirac_(conv.weight)
        torch.nn.init.zeros_(conv.bias)
    x = torch.arange(24.0).reshape(1, 1, 4, 6)
    # The values rise, so a window has that of its last cell; enlarged maps keep their corners.
    corners = pyramid(x)[0, 0, [0, 0, -1, -1], [0, -1, 0, -1]].detach()
    by_root_of_two = torch.tensor([7.0, 11, 13, 17])
    by_two = torch.tensor([7.0, 11, 19, 23])
    torch.testing.assert_close(corners, by_root_of_two + by_two)


def test_the_same_image_has_the_same_maps():
    network = PyraNet(keypoints=2, stacks=1).eval()
    image = torch.randn(1, 3, 64, 64)
    assert torch.equal(network(image)[-1], network(image)[-1])


@pytest.mark.parametrize(("keypoints", "channels", "stacks"), [(1, 1, 1), (7, 3, 2)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels, stacks):
    network = PyraNet(keypoints=keypoints, channels=channels, stacks=stacks)
    assert_trainable(network, maps=keypoints, stages=stacks)
