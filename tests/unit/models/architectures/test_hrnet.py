import pytest

from kpstudio.models.architectures import HrNet


@pytest.mark.parametrize("width", [32, 48])
def test_it_is_the_published_network(assert_published, width):
    assert_published(HrNet(keypoints=17, width=width), f"hrnet_w{width}_256x192_coco17")


def test_w18_has_the_names_of_w32(published_shapes):
    weights = HrNet(keypoints=17, width=18).state_dict()
    assert list(weights) == list(published_shapes("hrnet_w32_256x192_coco17"))
    assert weights["stage4.2.branches.3.3.conv2.weight"].shape == (144, 144, 3, 3)
    assert weights["final_layer.weight"].shape == (17, 18, 1, 1)


@pytest.mark.parametrize(("keypoints", "channels", "width"), [(1, 1, 32), (7, 3, 18)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels, width):
    network = HrNet(keypoints=keypoints, channels=channels, width=width)
    assert_trainable(network, maps=keypoints)
