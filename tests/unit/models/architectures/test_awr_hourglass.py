import pytest

from kpstudio.models.architectures import AwrHourglass


def test_it_is_the_published_network(assert_published):
    assert_published(AwrHourglass(keypoints=14), "awr_hourglass1_nyu14")


@pytest.mark.parametrize(("keypoints", "channels", "stacks"), [(1, 3, 2), (7, 1, 1)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels, stacks):
    network = AwrHourglass(keypoints=keypoints, channels=channels, stacks=stacks)
    assert_trainable(network, maps=4 * keypoints, stages=stacks)


def test_only_published_layers_that_are_not_used_are_not_trained():
    network = AwrHourglass(keypoints=2)
    names = [name for name, each in network.named_parameters() if not each.requires_grad]
    assert names
    assert all(".skip_layer." in name for name in names)
