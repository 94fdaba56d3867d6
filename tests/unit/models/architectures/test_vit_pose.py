import numpy as np
import pytest
import torch
from helpers import deterministic_weights

from kpstudio.models.architectures import VitPose

# What VitPoseForPoseEstimation of transformers 5.23.0 (12 layers of width 384, 12 heads, simple
# decoder, 17 maps) gives for the same weights and input: map 3, every 16th row, every 12th column.
PUBLISHED = [
    [-0.40536, -1.43881, -0.84952, -1.45828],
    [-0.70803, -1.49808, -0.46548, -1.03443],
    [-0.66947, -1.3157, -1.81374, -1.60735],
    [-0.42561, -1.23903, -0.89324, -1.48628],
]


def test_it_equals_the_published_one():
    network = VitPose(keypoints=17)
    network.load_state_dict(deterministic_weights(network))
    images = np.random.default_rng(0).standard_normal((1, 3, 256, 192)).astype(np.float32)
    with torch.inference_mode():
        (maps,) = network.eval()(torch.from_numpy(images))
    assert maps.shape == (1, 17, 64, 48)
    assert sum(each.numel() for each in network.parameters()) == 21_722_513
    assert maps.double().std().item() == pytest.approx(1.0211337746522149, rel=1e-5)
    assert torch.allclose(maps[0, 3, ::16, ::12], torch.tensor(PUBLISHED), atol=1e-4)


def test_inputs_of_other_sizes_stretch_the_positions(assert_trainable):
    assert_trainable(VitPose(keypoints=5, width=24, layers=2, heads=3), maps=5)
    network = VitPose(keypoints=2, width=24, layers=2, heads=3).eval()
    assert network(torch.zeros(1, 3, 128, 96))[0].shape == (1, 2, 32, 24)
