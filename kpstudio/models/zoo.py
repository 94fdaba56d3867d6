"""Backbones of the transformers package, which is not needed for anything else.

It is imported when such a network is built, and only then.
"""

import importlib
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from kpstudio.core.errors import UserProblem
from kpstudio.models.input_format import IMAGENET
from kpstudio.models.keypoint_network import Backbone

_STAGES = ("stage1", "stage2", "stage3")  # at strides 4, 8 and 16


@dataclass(frozen=True)
class ZooModel:
    """A ConvNeXt there; its fourth stage serves classification only.

    Args:
        depths: Blocks of the first three stages.
        widths: Channels of these.
        weights: Repository with the ImageNet weights.
    """

    depths: tuple[int, int, int]
    widths: tuple[int, int, int]
    weights: str


CONVNEXT_TINY = ZooModel((3, 3, 9), (96, 192, 384), "facebook/convnext-tiny-224")
CONVNEXT_SMALL = ZooModel((3, 3, 27), (96, 192, 384), "facebook/convnext-small-224")


class ZooBackbone(Backbone):
    """Images (B, 3, H, W) of -1 to 1 to features at strides 4, 8 and 16.

    Args:
        model: Which one.
        is_pretrained: With its ImageNet weights, which are downloaded the first time.

    Raises:
        UserProblem: transformers is not installed, or the weights cannot be downloaded.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, model: ZooModel, *, is_pretrained: bool) -> None:
        super().__init__()
        transformers = _transformers()
        config = transformers.ConvNextConfig(
            depths=list(model.depths),
            hidden_sizes=list(model.widths),
            num_stages=len(_STAGES),
            out_features=list(_STAGES),
        )
        if is_pretrained:
            self.model = _download(transformers, model, config)
        else:
            self.model = transformers.ConvNextBackbone(config)
        self.feature_channels = model.widths
        for name, values in (("mean", IMAGENET.mean), ("deviation", IMAGENET.deviation)):
            self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)

    def freeze_early(self) -> None:
        """Keep the first layer, which finds edges, as it is."""
        early: nn.Module = self.model.get_submodule("embeddings")
        early.requires_grad_(False)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
        """Features at strides 4, 8 and 16."""
        pixels = ((images + 1) / 2 - self.mean) / self.deviation
        return list(self.model(pixels).feature_maps)


def _transformers() -> Any:
    try:
        return importlib.import_module("transformers")
    except ImportError as error:
        raise UserProblem(
            "This network needs a package that is not installed: transformers.",
            "Install it (a part of kpstudio[zoo]): python -m pip install transformers",
        ) from error


def _download(transformers: Any, model: ZooModel, config: Any) -> nn.Module:
    try:
        backbone: nn.Module = transformers.ConvNextBackbone.from_pretrained(
            model.weights, config=config, use_safetensors=True
        )
    # Each version of the hub's client has errors of its own.
    except Exception as error:
        raise UserProblem(
            f"The weights {model.weights} cannot be downloaded ({type(error).__name__}).",
            "Check the network, or choose another network.",
        ) from error
    return backbone
