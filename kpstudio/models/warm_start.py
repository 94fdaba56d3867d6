"""Weights of one model for a network of other keypoints: what has the same name is taken over."""

from collections.abc import Sequence

import torch
from torch import Tensor

from kpstudio.core.skeleton import Skeleton
from kpstudio.models.checkpoint import Checkpoint
from kpstudio.models.heads import Head
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.models.networks import make_network


def load_by_name(
    network: KeypointNetwork, former: Checkpoint, skeleton: Skeleton, *, head: Head
) -> None:
    """Take over the weights of a checkpoint; keypoints that it does not know stay as they are.

    So do parts that it has not, such as the first pass of a model from elsewhere.

    Args:
        network: Of the same kind and with the same head, for the keypoints of `skeleton`.
        former: To take weights from.
        skeleton: Of the network.
        head: Of both.
    """
    weights = dict(former.weights)
    old, new = former.info.skeleton.keypoints, skeleton.keypoints
    own = network.state_dict()
    if old != new:
        kept = [(new.index(name), old.index(name)) for name in old if name in new]
        for name, axis in _keypoint_axes(former, head).items():
            if name in weights and name in own:
                weights[name] = _moved(weights[name], own[name], axis, kept, (old, new), head)
    fitting = {
        name: each
        for name, each in weights.items()
        if name in own and each.shape == own[name].shape
    }
    network.load_state_dict({**own, **fitting})


def _keypoint_axes(former: Checkpoint, head: Head) -> dict[str, int]:
    """For each weight whose size follows the number of keypoints, the axis that does."""
    shapes = []
    keypoints = len(former.info.skeleton)
    for count in (keypoints, keypoints + 1):
        with torch.device("meta"):
            network = make_network(former.info.network, former.info.network_parameters).build(
                count,
                head=head,
                look_format=former.info.look_format,
                is_pretrained=False,
                can_find=former.info.can_find,
            )
        shapes.append({name: each.shape for name, each in network.state_dict().items()})
    axes = {}
    for name, shape in shapes[0].items():
        differing = [
            axis for axis, (a, b) in enumerate(zip(shape, shapes[1][name], strict=True)) if a != b
        ]
        if differing:
            axes[name] = differing[0]
    return axes


def _moved(
    weight: Tensor,
    fresh: Tensor,
    axis: int,
    kept: Sequence[tuple[int, int]],
    keypoints: tuple[Sequence[str], Sequence[str]],
    head: Head,
) -> Tensor:
    """The fresh weights, with those of the keypoints that both know put in their new places."""
    moved = fresh.detach().clone()
    old, new = (len(each) for each in keypoints)
    for to, at in kept:
        to_rows = head.rows_of(to, keypoints=new, rows=fresh.shape[axis])
        from_rows = head.rows_of(at, keypoints=old, rows=weight.shape[axis])
        values = weight.index_select(axis, torch.tensor(from_rows)).to(moved)
        moved.index_copy_(axis, torch.tensor(to_rows), values)
    return moved
