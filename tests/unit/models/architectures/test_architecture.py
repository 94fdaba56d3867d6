import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.models.architectures import SimpleBaseline, UNetSmall


@pytest.mark.parametrize(("height", "width"), [(64, 48), (48, 64), (0, 32)])
def test_a_size_that_the_strides_do_not_allow_is_refused(height, width):
    network = SimpleBaseline(keypoints=2, depth=18)
    with pytest.raises(UserProblem, match=rf"{width} x {height} pixels.*multiples of 32"):
        network(torch.zeros(1, 3, height, width))


def test_an_image_with_other_channels_is_refused():
    with pytest.raises(UserProblem, match="expects 1 channels, and the image has 3"):
        UNetSmall(keypoints=2, channels=1)(torch.zeros(1, 3, 32, 32))
