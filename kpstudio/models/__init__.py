"""Networks, what they learn from, and the files in which they are kept."""

from kpstudio.models.checkpoint import (
    Checkpoint,
    CheckpointInfo,
    load_checkpoint,
    save_checkpoint,
)
from kpstudio.models.framing import Framing
from kpstudio.models.heads import HEADS, Head, describe_heads
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.models.networks import NETWORKS, Network, describe_networks, make_network

__all__ = [
    "HEADS",
    "NETWORKS",
    "Checkpoint",
    "CheckpointInfo",
    "Framing",
    "Head",
    "KeypointNetwork",
    "Network",
    "describe_heads",
    "describe_networks",
    "load_checkpoint",
    "make_network",
    "save_checkpoint",
]
