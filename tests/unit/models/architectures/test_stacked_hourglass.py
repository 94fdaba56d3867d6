import pytest
import torch

from kpstudio.models.architectures import StackedHourglass


@pytest.mark.parametrize("stacks", [2, 8])
def test_it_is_the_published_network(assert_published, stacks):
    network = StackedHourglass(keypoints=16, stacks=stacks)
    assert_published(network, f"stacked_hourglass{stacks}_mpii16")


@pytest.mark.parametrize("stacks", [1, 4])
def test_other_numbers_of_stacks_have_the_names_of_the_first_of_eight(published_shapes, stacks):
    def belongs(name: str) -> bool:
        group, _, index = name.partition(".")
        if group in ("hg", "res", "fc", "score"):
            return int(index.split(".")[0]) < stacks
        return group not in ("fc_", "score_") or int(index.split(".")[0]) < stacks - 1

    with torch.device("meta"):
        weights = StackedHourglass(keypoints=16, stacks=stacks).state_dict()
    published = published_shapes("stacked_hourglass8_mpii16")
    assert {name: list(each.shape) for name, each in weights.items()} == {
        name: shape for name, shape in published.items() if belongs(name)
    }


@pytest.mark.parametrize(("keypoints", "channels", "stacks"), [(1, 1, 1), (7, 3, 2)])
def test_any_keypoints_and_channels_can_be_trained(assert_trainable, keypoints, channels, stacks):
    network = StackedHourglass(keypoints=keypoints, channels=channels, stacks=stacks)
    assert_trainable(network, maps=keypoints, stages=stacks)


def test_places_can_have_several_blocks(assert_trainable):
    assert_trainable(StackedHourglass(keypoints=7, stacks=1, blocks=2), maps=7)
