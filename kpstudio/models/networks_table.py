"""How large and how fast the networks are on this machine."""

import time
from collections.abc import Iterator, Sequence

import msgspec
import torch
from torch.utils.flop_counter import FlopCounterMode

from kpstudio.core.errors import UserProblem
from kpstudio.models.heads import HEADS
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.models.networks import NETWORKS, Network, PublishedNetwork

_KEYPOINTS = 17
_USUAL_SIZE = (192, 192)
_TURNS = 3


class NetworkRow(msgspec.Struct, frozen=True):
    """One network, with 17 keypoints.

    Args:
        name: Of the network.
        parameters: Of the second pass; None if a package that it needs is not installed.
        size: (width, height) of its usual input.
        gflops: Thousand million multiplications and additions of one image.
        ms_of_one: Milliseconds for one image; None if it was not measured.
        ms_of_eight: Milliseconds for each of eight images.
    """

    name: str
    parameters: int | None
    size: tuple[int, int]
    gflops: float | None
    ms_of_one: float | None
    ms_of_eight: float | None


def measure_networks(names: Sequence[str] | None, *, times: bool) -> Iterator[NetworkRow]:
    """Sizes, and times where they are asked for.

    Args:
        names: Some networks; all by default.
        times: Also run each of them.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    for name in names or list(NETWORKS):
        entry = NETWORKS[name]()
        size = entry.usual_size if isinstance(entry, PublishedNetwork) else _USUAL_SIZE
        try:
            with torch.device("meta"):
                network = _build(entry)
        except UserProblem:
            yield NetworkRow(name, None, size, None, None, None)
            continue
        with FlopCounterMode(display=False) as counter, torch.inference_mode():
            network(_input(network, 1, size, "meta"))
        times_ms: list[float | None] = [None, None]
        if times:
            network = _build(entry)
            network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            times_ms = [_milliseconds(network, count, size, device) for count in (1, 8)]
        yield NetworkRow(
            name,
            sum(each.numel() for each in network.parameters()),
            size,
            counter.get_total_flops() / 2e9,
            *times_ms,
        )


def _build(entry: Network) -> KeypointNetwork:
    head = HEADS[entry.usual_head]()
    return entry.build(_KEYPOINTS, head=head, is_pretrained=False, can_find=False).eval()


def _input(
    network: KeypointNetwork, count: int, size: tuple[int, int], device: str
) -> torch.Tensor:
    channels = len(network.look_format)
    images = torch.zeros(count, channels, size[1], size[0], device=device)
    return images.contiguous(memory_format=torch.channels_last)


def _milliseconds(
    network: KeypointNetwork, count: int, size: tuple[int, int], device: str
) -> float:
    """Of each image: the fastest of some turns, after one to warm up."""
    images = _input(network, count, size, device)
    fastest = float("inf")
    with torch.inference_mode():
        for _ in range(_TURNS + 1):
            started = time.perf_counter()
            network(images)
            if device == "cuda":
                torch.cuda.synchronize()
            fastest = min(fastest, time.perf_counter() - started)
    return 1000 * fastest / count
