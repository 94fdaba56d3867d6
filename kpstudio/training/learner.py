"""One optimiser step after another, and all that the next step depends on."""

import copy
import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import Optimizer
from kpstudio.models.heads import Head
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.models.losses import intermediate_supervision, size_loss, weighted_mse
from kpstudio.training.batches import Batches, FindBatch, LookBatch
from kpstudio.training.team import Team

_EMPHASIS = 8.0
# Folding batch normalisation left the backbone with small weights: large steps tear them apart.
_PRETRAINED_RATE, _NEW_RATE = 6e-4, 1e-3
# The first gradients are large, and a long memory of them would hold back all later steps.
_BETAS = (0.9, 0.99)
_DECAY = 1e-2
_SIZE_WEIGHT = 0.01
_LARGEST_GRADIENT = 1.0
_AVERAGE = 0.95
_BAD_IN_A_ROW = 5
_RESCUES = 3
_RESCUED_RATE = 0.5


class Learner:
    """A network and all that changes it.

    Args:
        network: To train; it is moved to the device.
        batches: To learn from.
        head: What it learns.
        team: The processes that train it, and their device.
        optimizer: "adamw" or "adam".

    Attributes:
        averaged: The running mean of the weights: what is validated and kept.
        rescues: How often the loss was not finite for a while, and training went on from the
            averaged weights at a lower rate.
    """

    def __init__(
        self,
        network: KeypointNetwork,
        batches: Batches,
        *,
        head: Head,
        team: Team,
        optimizer: Optimizer = "adamw",
    ) -> None:
        self._batches, self._team = batches, team
        self._head, self._head_training = head, head.training(network.look_stride)
        self._optimizer_name = optimizer
        network = network.to(team.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(network).eval().requires_grad_(False)
        self._network = network.train()
        self._set_up_optimizer()
        self.rescues = self._bad = self._good = 0

    def step(self, number: int, learning_rate_factor: float) -> float | None:
        """One step; the loss, or None where it was not finite and nothing was changed.

        Args:
            number: Of the step, from 0: what is drawn depends on it.
            learning_rate_factor: On all rates.

        Raises:
            UserProblem: The loss keeps being not finite, also after going back.
        """
        factor = learning_rate_factor * _RESCUED_RATE**self.rescues
        for group in self._optimizer.param_groups:
            group["lr"] = group["full_rate"] * factor
        self._optimizer.zero_grad(set_to_none=True)
        loss = self._loss(self._batches.look(number), self._batches.find(number))
        # The same in all processes, so that all of them go on or none does.
        value = float(self._team.mean(loss.detach()))
        if math.isfinite(value):
            self._team.fabric.backward(loss)
            norm = self._team.fabric.clip_gradients(
                self._wrapped,
                self._optimizer,
                max_norm=_LARGEST_GRADIENT,
                error_if_nonfinite=False,
            )
            # float16 looks for its scale by steps that it then leaves out itself.
            is_scaled = self._team.precision == "float16"
            if is_scaled or norm is None or bool(torch.isfinite(norm)):
                self._optimizer.step()
                self._update_average()
                self._bad = 0
                return value
        self._bad += 1
        # The pass has updated statistics of batch normalisation; the mean has those before it.
        for now, before in zip(self._network.buffers(), self.averaged.buffers(), strict=True):
            now.copy_(before)
        if self._bad >= _BAD_IN_A_ROW:
            self._go_back()
        return None

    def state(self) -> dict[str, Tensor]:
        """All that the next step depends on beside the averaged weights."""
        values = {f"network.{name}": each for name, each in self._network.state_dict().items()}
        for index, parameter in enumerate(self._parameters()):
            for name, each in self._optimizer.state[parameter].items():
                values[f"optimizer.{index}.{name}"] = torch.as_tensor(each)
        for name, each in self._team.fabric.strategy.precision.state_dict().items():
            values[f"precision.{name}"] = torch.as_tensor(each)
        values["counts"] = torch.tensor([self.rescues, self._bad, self._good])
        return {name: each.detach().cpu().contiguous() for name, each in values.items()}

    def load_state(self, state: dict[str, Tensor], averaged: dict[str, Tensor]) -> None:
        """Be as the learner was that gave this state and had these averaged weights.

        Raises:
            RuntimeError: It is the state of another network.
            KeyError: It is not the state of a learner.
        """

        def part(prefix: str) -> dict[str, Tensor]:
            return {
                name.removeprefix(prefix): each
                for name, each in state.items()
                if name.startswith(prefix)
            }

        self._network.load_state_dict(part("network."))
        self.averaged.load_state_dict(averaged)
        for index, parameter in enumerate(self._parameters()):
            # The count of steps stays where it is; moments are laid out as their parameter.
            moments = {
                name: each.clone() if name == "step" else torch.empty_like(parameter).copy_(each)
                for name, each in part(f"optimizer.{index}.").items()
            }
            if moments:
                self._optimizer.state[parameter] = moments
        scales = {name: each.item() for name, each in part("precision.").items()}
        if scales:
            self._team.fabric.strategy.precision.load_state_dict(scales)
        self.rescues, self._bad, self._good = state["counts"].tolist()

    def _parameters(self) -> list[nn.Parameter]:
        return [each for group in self._optimizer.param_groups for each in group["params"]]

    def _set_up_optimizer(self) -> None:
        groups = _parameter_groups(self._network)
        kind = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}[self._optimizer_name]
        decay = _DECAY if kind is torch.optim.AdamW else 0.0
        # Fused takes a quarter of the time; clipping cannot be combined with it in float16.
        is_fused = self._team.precision != "float16"
        optimizer = kind(groups, betas=_BETAS, weight_decay=decay, fused=is_fused)
        self._wrapped, self._optimizer = self._team.fabric.setup(
            _BothPasses(self._network), optimizer
        )

    def _go_back(self) -> None:
        self._bad, self.rescues = 0, self.rescues + 1
        if self.rescues > _RESCUES:
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

    def _loss(self, look: LookBatch, find: FindBatch | None) -> Float[Tensor, ""]:
        images = self._network.look_format.of_normalised(look.images)
        stages, maps = self._wrapped(images, None if find is None else find.images)
        stride = self._network.look_stride
        map_size = (look.images.shape[3] // stride, look.images.shape[2] // stride)
        criterion = self._head.criterion(
            look.cells, look.weights, map_size=map_size, training=self._head_training
        )
        loss = intermediate_supervision(stages, lambda answer: criterion(answer.float()))
        if self._head.is_mean_over_keypoints:
            loss = look.share * loss
        return loss if find is None else loss + _find_loss(maps.float(), find)


class _BothPasses(nn.Module):
    """One call for both passes, as training in several processes needs it."""

    def __init__(self, network: KeypointNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, look: Float[Tensor, "B C H W"], find: Float[Tensor, "b 3 h w"] | None
    ) -> tuple[tuple[Tensor, ...], Tensor | None]:
        stages = self.network.stages(look, "look")
        return stages, None if find is None else self.network(find, "find")


def _find_loss(maps: Float[Tensor, "B 2 h w"], find: FindBatch) -> Float[Tensor, ""]:
    ones = torch.ones(len(maps), 1, device=maps.device)
    centres = weighted_mse(maps[:, :1], find.centres, ones, emphasis=_EMPHASIS)
    return centres + _SIZE_WEIGHT * find.share * size_loss(maps[:, 1], find.log_sizes, find.weights)


def _parameter_groups(network: KeypointNetwork) -> list[dict[str, Any]]:
    """Parameters with their full learning rates."""
    parts = network.learning_parts()
    return [
        {"params": parameters, "lr": rate, "full_rate": rate}
        for parameters, rate in ((parts.pretrained, _PRETRAINED_RATE), (parts.new, _NEW_RATE))
        if parameters
    ]
