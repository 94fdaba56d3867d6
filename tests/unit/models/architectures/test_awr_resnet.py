import pytest

from kpstudio.models.architectures import AwrResNet


def test_it_is_the_published_network(assert_published):
    assert_published(AwrResNet(keypoints=14), "awr_resnet18_nyu14")


@pytest.mark.parametrize(("keypoints", "channels", "depth"), [(1, 3, 50), (7, 1, 18)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels, depth):
    network = AwrResNet(keypoints=keypoints, channels=channels, depth=depth)
    assert_trainable(network, maps=4 * keypoints)
