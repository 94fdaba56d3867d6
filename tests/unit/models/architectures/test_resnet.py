import pytest
import torch

from kpstudio.models.architectures.resnet import make_deconvolutions, make_layers


def test_layers_narrow_the_image_eightfold_and_deconvolutions_undo_it():
    x = torch.zeros(1, 64, 24, 40)
    for layer in make_layers(18):
        x = layer(x)
    assert x.shape == (1, 512, 3, 5)
    assert make_deconvolutions(18)(x).shape == (1, 256, 24, 40)


def test_a_depth_that_no_resnet_has_is_refused():
    with pytest.raises(ValueError, match="18, 34, 50, 101, 152 layers, not 19"):
        make_layers(19)
