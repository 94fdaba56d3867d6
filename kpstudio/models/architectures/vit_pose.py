"""ViTPose: a plain vision transformer, and a decoder of one convolution."""

from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture

_PATCH, _PATCH_PADDING = 16, 2
_MLP_FACTOR = 4
_NORM_EPSILON = 1e-12
_UPSAMPLING = 4
_POSITION_DEVIATION = 0.02
# Rows and columns of patches that the published weights know positions for: 256 x 192 pixels.
_PUBLISHED_GRID = (16, 12)


class _PatchEmbeddings(nn.Module):
    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.projection = nn.Conv2d(channels, width, _PATCH, _PATCH, _PATCH_PADDING)


class _Embeddings(nn.Module):
    """Patches with their positions, which are stretched for inputs of other sizes."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        rows, columns = _PUBLISHED_GRID
        self.position_embeddings = nn.Parameter(torch.zeros(1, rows * columns + 1, width))
        nn.init.trunc_normal_(self.position_embeddings, std=_POSITION_DEVIATION)
        self.patch_embeddings = _PatchEmbeddings(channels, width)

    def forward(self, images: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        patches: Tensor = self.patch_embeddings.projection(images)
        rows, columns = _PUBLISHED_GRID
        of_all, of_each = self.position_embeddings[:, :1], self.position_embeddings[:, 1:]
        grid = of_each.transpose(1, 2).reshape(1, -1, rows, columns)
        # Numbers also where the network is traced: then its size is fixed.
        size = (int(patches.shape[2]), int(patches.shape[3]))
        if size != _PUBLISHED_GRID:
            grid = functional.interpolate(grid, size=size, mode="bicubic")
        return patches + grid + of_all.transpose(1, 2)[..., None]


class _SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def forward(self, tokens: Float[Tensor, "B N D"]) -> Float[Tensor, "B N D"]:
        query, key, value = (
            each(tokens).unflatten(2, (self._heads, -1)).transpose(1, 2)
            for each in (self.query, self.key, self.value)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return mixed.transpose(1, 2).flatten(2)


class _Dense(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, outputs)


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = _SelfAttention(width, heads)
        self.output = _Dense(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        mixed: Tensor = self.output.dense(self.attention(tokens))
        return mixed


class _Mlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, _MLP_FACTOR * width)
        self.fc2 = nn.Linear(_MLP_FACTOR * width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        answer: Tensor = self.fc2(functional.gelu(self.fc1(tokens)))
        return answer


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = _Attention(width, heads)
        self.mlp = _Mlp(width)
        self.layernorm_before = nn.LayerNorm(width, eps=_NORM_EPSILON)
        self.layernorm_after = nn.LayerNorm(width, eps=_NORM_EPSILON)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.attention(self.layernorm_before(tokens))
        answer: Tensor = tokens + self.mlp(self.layernorm_after(tokens))
        return answer


class _Encoder(nn.Module):
    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.layer = nn.ModuleList(_Layer(width, heads) for _ in range(layers))


class _Backbone(nn.Module):
    def __init__(self, channels: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.embeddings = _Embeddings(channels, width)
        self.encoder = _Encoder(width, layers, heads)
        self.layernorm = nn.LayerNorm(width, eps=_NORM_EPSILON)

    def forward(self, images: Tensor) -> Tensor:
        patches: Tensor = self.embeddings(images)
        tokens = patches.flatten(2).transpose(1, 2)
        for layer in self.encoder.layer:
            tokens = layer(tokens)
        normal: Tensor = self.layernorm(tokens)
        return normal.transpose(1, 2).reshape(patches.shape)


class _Head(nn.Module):
    def __init__(self, width: int, maps: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, maps, 3, padding=1)


class VitPose(Architecture):
    """Images (B, C, H, W) to one stage of heatmaps (B, K, H/4, W/4); sides are multiples of 16.

    State-dict names are those of the "simple" checkpoints at Hugging Face.

    Args:
        keypoints: K.
        channels: C.
        width: Of the tokens.
        layers: Of the transformer.
        heads: Of its attention.

    Source: Xu, Zhang, Zhang, Tao: ViTPose, NeurIPS 2022.
    """

    cell_mapping: ClassVar[CellMapping] = "corner"
    stride = 4
    size_multiple = 16

    def __init__(
        self,
        *,
        keypoints: int,
        channels: int = 3,
        width: int = 384,
        layers: int = 12,
        heads: int = 12,
    ) -> None:
        super().__init__(channels=channels)
        self.backbone = _Backbone(channels, width, layers, heads)
        self.head = _Head(width, keypoints)

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        features = functional.relu(self.backbone(images))
        larger = functional.interpolate(features, scale_factor=_UPSAMPLING, mode="bilinear")
        return (self.head.conv(larger),)
