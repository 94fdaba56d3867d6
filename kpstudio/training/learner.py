"""One optimiser step after another, on random views of the samples of both passes."""

import copy
import math
from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import CellMapping, cells_to_input
from kpstudio.core.skeleton import Skeleton
from kpstudio.models.heads import Head
from kpstudio.models.keypoint_network import FIND_STRIDE, KeypointNetwork
from kpstudio.models.losses import intermediate_supervision, size_loss, weighted_mse
from kpstudio.models.targets import gaussian_targets, target_weights
from kpstudio.training.augmentation import Augmentation, move_points, warp
from kpstudio.training.samples import FindSamples, LookSamples, Samples

# On a CPU many small steps teach more in a minute than few large ones.
_CPU_BATCHES, _GPU_BATCHES = (4, 1), (32, 8)
_EMPHASIS = 8.0
# Folding batch normalisation left the backbone with small weights: large steps tear them apart.
_PRETRAINED_RATE, _NEW_RATE = 6e-4, 1e-3
# The first gradients are large, and a long memory of them would hold back all later steps.
_BETAS = (0.9, 0.99)
_FIND_SIGMA = 1.5
_SIZE_WEIGHT = 0.01
_LARGEST_GRADIENT = 1.0
_AVERAGE = 0.95
_BAD_IN_A_ROW = 5
_RESCUES = 3


class Learner:
    """A network and all that changes it.

    Args:
        network: To train; it is moved to the device.
        samples: To learn from.
        skeleton: Of the samples.
        head: What it learns from.
        device: "cpu" or a GPU.
        seed: Of the order of samples and of their views.

    Attributes:
        averaged: The running mean of the weights: what is validated and kept.
    """

    def __init__(
        self,
        network: KeypointNetwork,
        samples: Samples,
        skeleton: Skeleton,
        *,
        head: Head,
        device: str,
        seed: int,
    ) -> None:
        self._fabric = Fabric(
            accelerator="cuda" if device.startswith("cuda") else device,
            devices=1,
            precision="bf16-mixed" if device.startswith("cuda") else "32-true",
        )
        self._look_batch, self._find_batch = _CPU_BATCHES if device == "cpu" else _GPU_BATCHES
        self._generator = torch.Generator().manual_seed(seed)
        self._framing = samples.framing
        self._head, self._head_training = head, head.training(network.look_stride)
        self._look = samples.look
        self._find = samples.find
        self._flip_order = torch.tensor(skeleton.flip_order())
        self._look_augmentation = Augmentation(
            rotation=samples.rotation, can_flip=bool(skeleton.flip_pairs)
        )
        # A whole image may be mirrored whatever left and right are: boxes have neither.
        self._find_augmentation = Augmentation(rotation=samples.rotation, can_flip=True)
        network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(network).eval().requires_grad_(False)
        self._network = network.train()
        self._set_up_optimizer()
        self._look_order = self._order(len(self._look.images))
        self._find_order = self._order(len(self._find.images))
        self._bad = self._rescued = self._good = 0

    def step(self, learning_rate_factor: float) -> float | None:
        """One step; the loss, or None where it was not finite and nothing was changed.

        Raises:
            UserProblem: The loss keeps being not finite, also after going back.
        """
        for group in self._optimizer.param_groups:
            group["lr"] = group["full_rate"] * learning_rate_factor
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._look_loss() + self._find_loss()
        value = float(loss.detach())
        if math.isfinite(value):
            self._fabric.backward(loss)
            norm = torch.nn.utils.clip_grad_norm_(self._network.parameters(), _LARGEST_GRADIENT)
            if bool(torch.isfinite(norm)):
                self._optimizer.step()
                self._update_average()
                self._bad = 0
                return value
        self._bad += 1
        if self._bad >= _BAD_IN_A_ROW:
            self._go_back()
        return None

    def _set_up_optimizer(self) -> None:
        groups = _parameter_groups(self._network)
        optimizer = torch.optim.AdamW(groups, betas=_BETAS, weight_decay=1e-2)
        self._wrapped, self._optimizer = self._fabric.setup(self._network, optimizer)

    def _go_back(self) -> None:
        self._bad, self._rescued = 0, self._rescued + 1
        if self._rescued > _RESCUES:
            raise UserProblem(
                "The training diverges: its loss is not a number any more.",
                "Check the labels for extreme positions, or train with another seed.",
            )
        self._network.load_state_dict(self.averaged.state_dict())
        self._set_up_optimizer()

    def _update_average(self) -> None:
        self._good += 1
        # Short at first, so that the untrained weights are soon forgotten.
        weight = 1 - min(_AVERAGE, (1 + self._good) / (10 + self._good))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.averaged.parameters()), list(self._network.parameters()), weight
            )
            # Statistics of batch normalisation are running means already.
            for mean, now in zip(self.averaged.buffers(), self._network.buffers(), strict=True):
                mean.copy_(now)

    def _order(self, count: int) -> Iterator[int]:
        """Every sample once, in random order, again and again."""
        while True:
            yield from torch.randperm(count, generator=self._generator).tolist()

    def _look_loss(self) -> Float[Tensor, ""]:
        samples: LookSamples = self._look
        chosen = torch.tensor([next(self._look_order) for _ in range(self._look_batch)])
        size = samples.images.shape[3]
        to_size = self._framing.look_size
        views, is_flipped = self._look_augmentation.random_views(
            self._look_batch,
            from_size=(size, size),
            to_size=to_size,
            scale=samples.scale,
            generator=self._generator,
        )
        xy = samples.xy[chosen]
        xy = torch.where(is_flipped[:, None, None], xy[:, self._flip_order], xy)
        stride = self._network.look_stride
        map_size = (to_size[0] // stride, to_size[1] // stride)
        mapping = self._network.cell_mapping
        cells = self._to_cells(move_points(xy, views), map_size, to_size, mapping)
        device = self._fabric.device
        cells, weights = cells.to(device), torch.isfinite(xy).all(dim=-1).float().to(device)
        training = self._head_training
        weights = target_weights(cells, weights, map_size=map_size, sigma=training.sigma)
        criterion = self._head.criterion(cells, weights, map_size=map_size, training=training)
        images = self._view(samples.images[chosen], views, to_size, self._look_augmentation)
        stages = self._wrapped.stages(self._network.look_format.of_normalised(images), "look")
        return intermediate_supervision(stages, lambda answer: criterion(answer.float()))

    def _find_loss(self) -> Float[Tensor, ""]:
        samples: FindSamples = self._find
        chosen = torch.tensor([next(self._find_order) for _ in range(self._find_batch)])
        size = (samples.images.shape[3], samples.images.shape[2])
        views, _ = self._find_augmentation.random_views(
            self._find_batch, from_size=size, to_size=size, scale=1.0, generator=self._generator
        )
        map_size = (size[0] // FIND_STRIDE, size[1] // FIND_STRIDE)
        centres = move_points(samples.centres[chosen], views)
        cells = self._to_cells(centres, map_size, size, "half_pixel")
        subjects = gaussian_targets(cells, map_size=map_size, sigma=_FIND_SIGMA)
        centres, owner = subjects.max(dim=1)
        factors = torch.linalg.det(views[:, :, :2]).abs().sqrt().log()
        log_sizes = samples.log_sizes[chosen] + factors[:, None]
        sizes = log_sizes.gather(1, owner.flatten(1)).view(owner.shape)
        images = self._view(samples.images[chosen], views, size, self._find_augmentation)
        maps = self._wrapped(images, "find").float()
        device = maps.device
        ones = torch.ones(len(maps), 1, device=device)
        loss = weighted_mse(maps[:, :1], centres[:, None].to(device), ones, emphasis=_EMPHASIS)
        weights = (centres * (centres > 0.5)).to(device)
        return loss + _SIZE_WEIGHT * size_loss(maps[:, 1], sizes.to(device), weights)

    def _view(
        self,
        images: Tensor,
        views: Float[Tensor, "B 2 3"],
        size: tuple[int, int],
        augmentation: Augmentation,
    ) -> Float[Tensor, "B 3 H W"]:
        device = self._fabric.device
        warped = warp(images.to(device), views.to(device), size)
        coloured = augmentation.change_colours(warped, generator=self._generator)
        return coloured.contiguous(memory_format=torch.channels_last)

    def _to_cells(
        self,
        xy: Float[Tensor, "B N 2"],
        map_size: tuple[int, int],
        input_size: tuple[int, int],
        mapping: CellMapping,
    ) -> Float[Tensor, "B N 2"]:
        inverse = cells_to_input(mapping, map_size, input_size).inverse()
        matrix = torch.tensor(inverse.matrix, dtype=xy.dtype)
        return xy @ matrix[:, :2].T + matrix[:, 2]


def _parameter_groups(network: KeypointNetwork) -> list[dict[str, Any]]:
    """Parameters with their full learning rates."""
    parts = network.learning_parts()
    return [
        {"params": parameters, "lr": rate, "full_rate": rate}
        for parameters, rate in ((parts.pretrained, _PRETRAINED_RATE), (parts.new, _NEW_RATE))
        if parameters
    ]
