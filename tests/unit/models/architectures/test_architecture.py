import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.models.architectures import PyraNet, SimpleBaseline, UNetSmall


@pytest.mark.parametrize(("height", "width"), [(64, 48), (48, 64), (0, 32)])
def test_a_size_that_the_strides_do_not_allow_is_refused(height, width):
    network = SimpleBaseline(keypoints=2, depth=18)
    with pytest.raises(UserProblem, match=rf"{width} x {height} pixels.*multiples of 32"):
        network(torch.zeros(1, 3, height, width))


def test_an_image_with_other_channels_is_refused():
    with pytest.raises(UserProblem, match="expects 1 channels, and the image has 3"):
        UNetSmall(keypoints=2, channels=1)(torch.zeros(1, 3, 32, 32))


def test_an_exported_network_gives_the_same_maps():
    network = PyraNet(keypoints=3, stacks=1).eval()
    image = torch.randn(1, 3, 64, 128)
    exported = torch.export.export(network, (image,)).module()
    for stage, expected in zip(exported(image), network(image), strict=True):
        torch.testing.assert_close(stage, expected)


# The checks of shapes in tests look at traced sizes.
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.filterwarnings("ignore:`torch.jit.:DeprecationWarning")
def test_a_traced_network_gives_the_same_maps():
    network = PyraNet(keypoints=3, stacks=1).eval()
    image = torch.randn(1, 3, 64, 128)
    traced = torch.jit.trace(network, image)
    for stage, expected in zip(traced(image), network(image), strict=True):
        torch.testing.assert_close(stage, expected)
