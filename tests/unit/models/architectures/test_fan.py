import re

import pytest
import torch

from kpstudio.models.architectures import Fan


def test_it_is_the_published_network(assert_published):
    assert_published(Fan(keypoints=68), "fan4_face68")


@pytest.mark.parametrize("stacks", [1, 2, 3])
def test_fewer_stacks_have_the_names_of_the_first_of_four(published_shapes, stacks):
    def belongs(name: str) -> bool:
        match = re.match(r"(m|top_m_|conv_last|bn_end|l|bl|al)(\d)\.", name)
        if match is None:
            return True
        return int(match[2]) < (stacks - 1 if match[1] in ("bl", "al") else stacks)

    with torch.device("meta"):
        weights = Fan(keypoints=68, stacks=stacks).state_dict()
    assert {name: list(each.shape) for name, each in weights.items()} == {
        name: shape for name, shape in published_shapes("fan4_face68").items() if belongs(name)
    }


@pytest.mark.parametrize(("keypoints", "channels", "stacks"), [(1, 1, 1), (7, 3, 2)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels, stacks):
    network = Fan(keypoints=keypoints, channels=channels, stacks=stacks)
    assert_trainable(network, maps=keypoints, stages=stacks)
