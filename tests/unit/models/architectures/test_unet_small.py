import pytest

from kpstudio.models.architectures import UNetSmall


@pytest.mark.parametrize(("keypoints", "channels", "stride"), [(1, 1, 1), (7, 3, 2), (7, 4, 4)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels, stride):
    network = UNetSmall(keypoints=keypoints, channels=channels, stride=stride)
    assert_trainable(network, maps=keypoints)


@pytest.mark.parametrize("depth", [1, 5])
def test_depth_decides_which_sizes_fit(assert_trainable, depth):
    network = UNetSmall(keypoints=2, width=8, depth=depth, stride=1)
    assert network.size_multiple == 2**depth
    assert_trainable(network, maps=2)


def test_a_stride_that_it_has_no_level_for_is_refused():
    with pytest.raises(ValueError, match=r"one of \[1, 2, 4, 8\]"):
        UNetSmall(keypoints=2, stride=16)
