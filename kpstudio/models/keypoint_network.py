"""The networks of both passes: find subjects in a small image, then look closely at each."""

from abc import ABC, abstractmethod
from typing import Literal, NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import CellMapping
from kpstudio.models.architectures.architecture import Architecture
from kpstudio.models.input_format import InputFormat
from kpstudio.models.top_down import LastMaps, TopDownPath

Task = Literal["find", "look"]

FIND_STRIDE = 4
_CHANNELS = 64


class Backbone(nn.Module, ABC):
    """Normalised images to features at strides 4, 8 and 16.

    Attributes:
        feature_channels: Of those features.
    """

    feature_channels: tuple[int, ...]

    @abstractmethod
    def freeze_early(self) -> None:
        """Keep the first layers, which need no learning, as they are from now on."""


class LearningParts(NamedTuple):
    """Parameters by how fast they should learn.

    Args:
        pretrained: That know images already.
        new: That start from noise.
    """

    pretrained: list[nn.Parameter]
    new: list[nn.Parameter]


class KeypointNetwork(nn.Module, ABC):
    """Images to heatmaps of keypoints, and to where subjects are.

    Attributes:
        can_find: Whether it knows the first pass; if not, somebody must say where subjects are.
        look_format: What the second pass expects; the first one takes RGB values of -1 to 1.
        look_stride: Input pixels per cell in the second pass.
        size_multiple: Sides of the second pass's input are multiples of this.
        cell_mapping: From heatmap cells to input pixels in the second pass.
    """

    can_find: bool
    look_format: InputFormat
    look_stride: int
    size_multiple: int
    cell_mapping: CellMapping

    def forward(self, images: Float[Tensor, "B C H W"], task: Task = "look") -> Tensor:
        """What one pass says.

        Args:
            images: In the format of the pass.
            task: "look" gives what the decoders of the head take: maps (B, M, h, w) or
                coordinates (B, K, D). "find" gives two maps at stride 4: that of the subjects'
                centres, and the log of the size there, in units of the usual size.
        """
        return self.stages(images, task)[-1]

    @abstractmethod
    def stages(self, images: Float[Tensor, "B C H W"], task: Task = "look") -> tuple[Tensor, ...]:
        """What every stage that learns says, the best last."""

    @abstractmethod
    def learning_parts(self) -> LearningParts:
        """What is to be learned; what is not is frozen by this."""


class SharedNetwork(KeypointNetwork):
    """A backbone and a top-down path that both passes share, and one small head for each.

    Args:
        backbone: Images to features at strides 4, 8 and 16.
        maps: M, that the second pass ends in.
        last_layers: Of its head, after those maps.
        look_format: Of the second pass; grey images are given to all three channels.
    """

    can_find = True
    look_stride = 4
    size_multiple = 16
    cell_mapping: CellMapping = "half_pixel"

    def __init__(
        self,
        backbone: Backbone,
        *,
        maps: int,
        last_layers: nn.Module,
        look_format: InputFormat,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.top_down = TopDownPath(backbone.feature_channels, _CHANNELS)
        self.find = LastMaps(_CHANNELS, 2)
        self.look = LastMaps(_CHANNELS, maps)
        self.last_layers = last_layers
        self.look_format = look_format

    def stages(self, images: Float[Tensor, "B C H W"], task: Task = "look") -> tuple[Tensor, ...]:
        """See `KeypointNetwork`; sides are multiples of 16."""
        if images.shape[1] == 1:
            images = images.expand(-1, 3, -1, -1)
        features = self.top_down(self.backbone(images))
        if task == "find":
            return (self.find(features),)
        return (self.last_layers(self.look(features)),)

    def learning_parts(self) -> LearningParts:
        self.backbone.freeze_early()
        parts = (self.top_down, self.find, self.look, self.last_layers)
        new = [each for part in parts for each in part.parameters()]
        return LearningParts(
            [each for each in self.backbone.parameters() if each.requires_grad], new
        )


class Finder(nn.Module):
    """The first pass alone."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        self.top_down = TopDownPath(backbone.feature_channels, _CHANNELS)
        self.head = LastMaps(_CHANNELS, 2)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 2 h w"]:
        maps: Tensor = self.head(self.top_down(self.backbone(images)))
        return maps


class SeparateNetwork(KeypointNetwork):
    """A published architecture for the second pass, and, if it shall find, a small first pass.

    Args:
        look: Images to maps.
        last_layers: Of the head, after those maps.
        look_format: That it expects.
        finder: For the first pass; None for a checkpoint from elsewhere, which knows none.
    """

    def __init__(
        self,
        look: Architecture,
        *,
        last_layers: nn.Module,
        look_format: InputFormat,
        finder: Finder | None,
    ) -> None:
        super().__init__()
        self.look = look
        self.last_layers = last_layers
        self.finder = finder
        self.can_find = finder is not None
        self.look_format = look_format
        self.look_stride = look.stride
        self.size_multiple = look.size_multiple
        self.cell_mapping = look.cell_mapping

    def stages(self, images: Float[Tensor, "B C H W"], task: Task = "look") -> tuple[Tensor, ...]:
        if task == "look":
            return tuple(self.last_layers(maps) for maps in self.look(images))
        if self.finder is None:
            raise UserProblem(
                "This model cannot find subjects by itself.",
                "Label or import boxes, or train a model of this project.",
            )
        return (self.finder(images),)

    def learning_parts(self) -> LearningParts:
        pretrained: list[nn.Parameter] = []
        new = [each for each in self.look.parameters() if each.requires_grad]
        new += self.last_layers.parameters()
        if self.finder is not None:
            self.finder.backbone.freeze_early()
            pretrained = [each for each in self.finder.backbone.parameters() if each.requires_grad]
            for part in (self.finder.top_down, self.finder.head):
                new += part.parameters()
        return LearningParts(pretrained, new)
