"""The network of both passes: find subjects in a small image, then look closely at each."""

from abc import ABC, abstractmethod
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from kpstudio.models.head import HeatmapHead, TopDownPath

Task = Literal["find", "look"]

STRIDE = 4
_CHANNELS = 64


class Backbone(nn.Module, ABC):
    """Normalised images to features at strides 4, 8 and 16."""

    @abstractmethod
    def freeze_early(self) -> None:
        """Keep the first layers, which need no learning, as they are from now on."""


class KeypointNetwork(nn.Module):
    """A backbone and a top-down path that both passes share, and one small head for each.

    Args:
        backbone: Images to features at strides 4, 8 and 16.
        feature_channels: Of those features.
        keypoints: K.
    """

    def __init__(
        self, backbone: Backbone, feature_channels: tuple[int, ...], keypoints: int
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.top_down = TopDownPath(feature_channels, _CHANNELS)
        self.find = HeatmapHead(_CHANNELS, 2)
        self.look = HeatmapHead(_CHANNELS, keypoints)

    def forward(
        self, images: Float[Tensor, "B 3 H W"], task: Task = "look"
    ) -> Float[Tensor, "B M h w"]:
        """Maps at stride 4.

        Args:
            images: Normalised (see `preprocessing.normalise`), sides multiples of 16.
            task: "look" gives K keypoint heatmaps; "find" gives two maps: that of the subjects'
                centres, and the log of the size there, in units of the usual size.
        """
        features = self.top_down(self.backbone(images))
        maps: Tensor = self.find(features) if task == "find" else self.look(features)
        return maps
