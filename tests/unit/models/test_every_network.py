"""All networks with all heads: answers, gradients, files and programs for other software."""

from itertools import product

import pytest
import torch

from kpstudio.core.skeleton import Skeleton
from kpstudio.models.checkpoint import CheckpointInfo, load_checkpoint, save_checkpoint
from kpstudio.models.export import export_network
from kpstudio.models.foreign import import_program
from kpstudio.models.framing import Framing
from kpstudio.models.heads import HEADS
from kpstudio.models.networks import NETWORKS

HEAD_OF_FAMILY = {
    "efficientnet_lite0": "regression",
    "hrnet_w18": "heatmap",
    "simple_baseline_resnet18": "dsnt",
    "stacked_hourglass_2": "heatmap",
    "face_hourglass": "regression",
    "fan_1": "dsnt",
    "pyranet": "heatmap",
    "unet_small": "heatmap",
    "vitpose_small": "heatmap",
    "convnext_tiny": "dsnt",
    "awr_resnet18": "awr",
    "awr_hourglass": "awr",
}
SLOW_TO_EXPORT = {
    *("hrnet_w18", "pyranet", "stacked_hourglass_2", "fan_1", "awr_hourglass"),
    *("vitpose_small", "convnext_tiny", "face_hourglass"),
    *("awr_resnet18", "simple_baseline_resnet18", "efficientnet_lite0"),
}
# Heads do not care which network is before them: here they are all tried in every run.
SMALL = {"efficientnet_lite0", "face_hourglass", "stacked_hourglass_2", "unet_small"}
HUGE = {
    *("vitpose_base", "vitpose_large", "vitpose_huge"),
    *("stacked_hourglass_8", "simple_baseline_resnet152", "hrnet_w48", "fan_4"),
    *("simple_baseline_resnet101", "hrnet_w32", "convnext_small"),
}


def quick_or_thorough(cases, is_quick):
    """Cases as parameters: the quick ones are always run, the others when all are asked for."""
    return [
        case if is_quick(*case) else pytest.param(*case, marks=pytest.mark.thorough)
        for case in cases
    ]


def make(name, head, keypoints):
    torch.manual_seed(0)
    network = NETWORKS[name]().build(
        keypoints, head=HEADS[head](), is_pretrained=False, can_find=False
    )
    side = max(network.size_multiple, 32)
    skeleton = Skeleton("some", tuple(f"point {index}" for index in range(keypoints)))
    info = CheckpointInfo(
        network=name,
        skeleton=skeleton,
        framing=Framing((96, 64), (2 * side, side), 40.0, 20.0, 1.3, True, False),
        can_find=network.can_find,
        head_training=HEADS[head]().training(network.look_stride),
        look_format=network.look_format,
        cell_mapping=network.cell_mapping,
    )
    return network, info


def example(info, count=2):
    width, height = info.framing.look_size
    generator = torch.Generator().manual_seed(3)
    return torch.rand(count, len(info.look_format), height, width, generator=generator)


@pytest.mark.parametrize(
    ("name", "head", "keypoints"),
    quick_or_thorough(
        product(NETWORKS, HEADS, (1, 7)),
        lambda name, head, keypoints: (
            (keypoints == 7) == (head in ("heatmap", "regression"))
            and (name in SMALL or head == NETWORKS[name].usual_head)
            and name not in HUGE
        ),
    ),
)
def test_it_answers_learns_is_kept_and_exported(name, head, keypoints, tmp_path):
    network, info = make(name, head, keypoints)
    images = example(info)
    width, height = (side // network.look_stride for side in info.framing.look_size)
    answers = network.train().stages(images)
    for answer in answers:
        if head == "regression":
            assert answer.shape == (2, keypoints, 4)
        else:
            assert answer.shape == (2, HEADS[head]().maps(keypoints), height, width)
    cells = torch.rand(2, keypoints, 2) * torch.tensor([width - 1, height - 1])
    criterion = HEADS[head]().criterion(
        cells, torch.ones(2, keypoints), map_size=(width, height), training=info.head_training
    )
    parts = network.learning_parts()
    sum(criterion(answer) for answer in answers).backward()
    of_look = [
        each
        for name, each in network.named_parameters()
        if each.requires_grad and not name.startswith("find.")
    ]
    assert of_look
    assert {id(each) for each in of_look} <= {id(each) for each in parts.pretrained + parts.new}
    assert all(each.grad is not None for each in of_look)

    path = tmp_path / "model.safetensors"
    save_checkpoint(path, network, info)
    loaded = load_checkpoint(path)
    again = loaded.build().eval()
    with torch.inference_mode():
        assert torch.equal(again(images), network.eval()(images))


@pytest.mark.parametrize(
    ("name", "head", "suffix"),
    quick_or_thorough(
        product(NETWORKS, HEADS, (".onnx", ".pt", ".pt2")),
        lambda name, head, suffix: HEAD_OF_FAMILY.get(name) == head and name not in SLOW_TO_EXPORT,
    ),
)
def test_it_is_exported_for_other_software(name, head, suffix, tmp_path):
    network, info = make(name, head, 7)
    save_checkpoint(tmp_path / "model.safetensors", network, info)
    loaded = load_checkpoint(tmp_path / "model.safetensors")
    exported = export_network(loaded, tmp_path / f"model{suffix}")
    assert exported.difference < 1e-4
    assert exported.program.stat().st_size > 1e5
    if suffix != ".onnx":
        opened = import_program(exported.program, exported.description)
        assert opened.info.head_training == info.head_training
        assert opened.info.skeleton.keypoints == info.skeleton.keypoints
        images = example(info, 1)
        with torch.inference_mode():
            assert torch.allclose(opened.build()(images), network.eval()(images), atol=1e-5)
