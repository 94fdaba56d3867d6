"""The single hourglass of the facial-keypoints entry: grey, at full resolution."""

from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture

_FEATURES = 128
_DEPTH = 4


class FaceResidual(nn.Module):
    """Convolutions of 1, 3 and 1, each after a normalisation and a ReLU; the input is added."""

    def __init__(self) -> None:
        super().__init__()
        inner = _FEATURES // 2
        self.convBlock = nn.Sequential(
            nn.BatchNorm2d(_FEATURES),
            nn.ReLU(inplace=True),
            nn.Conv2d(_FEATURES, inner, 1),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            nn.Conv2d(inner, inner, 3, padding=1),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            nn.Conv2d(inner, _FEATURES, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.convBlock(x)
        return x + inner


class _FullHourglass(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        names = []
        for level in range(_DEPTH, 0, -1):
            names += [f"res{level}_1", f"res{level}_2"]
        names.append("res_center")
        names += [f"res{level}_3" for level in range(1, _DEPTH + 1)]
        for name in names:
            self.add_module(name, FaceResidual())

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for level in range(_DEPTH, 0, -1):
            kept.append(self.get_submodule(f"res{level}_1")(x))
            x = self.get_submodule(f"res{level}_2")(functional.max_pool2d(x, 2))
        x = self.get_submodule("res_center")(x)
        for level in range(1, _DEPTH + 1):
            x = self.get_submodule(f"res{level}_3")(x)
            x = kept.pop() + functional.interpolate(x, scale_factor=2.0)
        return x


class _Linear(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(x)), inplace=True)


class FaceHourglass(Architecture):
    """Images (B, C, H, W) to one stage of heatmaps (B, K, H, W); sides are multiples of 16.

    Args:
        keypoints: K.
        channels: C.

    Source: Newell, Yang, Deng: Stacked Hourglass Networks, ECCV 2016, as a single hourglass
    without its stem, for Kaggle's facial keypoints.
    """

    # At full resolution all mappings are the identity.
    cell_mapping: ClassVar[CellMapping] = "half_pixel"
    stride = 1
    size_multiple = 2**_DEPTH

    def __init__(self, *, keypoints: int, channels: int = 1) -> None:
        super().__init__(channels=channels)
        # The published names are those of another class's private attributes.
        self._KFSGNet__conv1 = nn.Conv2d(channels, 64, 1)
        self._KFSGNet__conv2 = nn.Conv2d(64, _FEATURES, 1)
        self._KFSGNet__hg = _FullHourglass()
        self._KFSGNet__lin = _Linear(_FEATURES, keypoints)

    def _stages(self, images: Tensor) -> tuple[Tensor, ...]:
        x = functional.relu(self._KFSGNet__conv1(images), inplace=True)
        x = functional.relu(self._KFSGNet__conv2(x), inplace=True)
        return (self._KFSGNet__lin(self._KFSGNet__hg(x)),)
