"""The processes that train together: one by itself, or all that torchrun has started."""

import os
from collections.abc import Mapping
from typing import Literal, TypeVar

import torch
from lightning_fabric import Fabric

from kpstudio.core.errors import UserProblem
from kpstudio.training.batches import Part

Shared = TypeVar("Shared")

PRECISIONS: Mapping[str, Literal["32-true", "bf16-mixed", "16-mixed"]] = {
    "float32": "32-true",
    "bfloat16": "bf16-mixed",
    "float16": "16-mixed",
}


def launched_processes() -> int:
    """How many processes torchrun has started; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


class Team:
    """All processes of a training, each with its device.

    Args:
        device: "cpu" or "cuda"; with several processes of torchrun each takes a GPU of its own.
        precision: Of the arithmetic: one of `PRECISIONS`, or "auto" for what the device is best
            at.

    Raises:
        UserProblem: There is no such precision, or it is not for this device.
    """

    def __init__(self, device: str, *, precision: str = "auto") -> None:
        if precision == "auto":
            # Half precision is no faster on processors: measured with and without bf16 units.
            has_bfloat16 = device == "cuda" and torch.cuda.is_bf16_supported()
            precision = "bfloat16" if has_bfloat16 else "float32"
        if precision not in PRECISIONS:
            raise UserProblem(
                f"There is no precision “{precision}”.", f"Known: auto, {', '.join(PRECISIONS)}."
            )
        if precision == "float16" and device == "cpu":
            raise UserProblem(
                "float16 cannot be trained on a processor.", "Choose bfloat16 or float32."
            )
        self.precision = precision
        size = launched_processes()
        here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        self.fabric = Fabric(
            accelerator="cuda" if device.startswith("cuda") else device,
            devices=here,
            num_nodes=max(1, size // here),
            strategy="ddp" if size > 1 else "auto",
            precision=PRECISIONS[precision],
        )
        self.fabric.launch()
        self.device = str(self.fabric.device)

    @property
    def part(self) -> Part:
        """Of every batch, what this process draws."""
        return Part(self.fabric.global_rank, self.fabric.world_size)

    @property
    def is_first(self) -> bool:
        """Whether this is the process that validates, saves and reports."""
        return bool(self.fabric.is_global_zero)

    def share(self, value: Shared) -> Shared:
        """What the first process has, in all of them."""
        if self.part.count == 1:
            return value
        shared: Shared = self.fabric.broadcast(value, src=0)
        return shared

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """The mean of a value over all processes."""
        if self.part.count == 1:
            return value
        mean = self.fabric.all_reduce(value.clone(), reduce_op="mean")
        assert isinstance(mean, torch.Tensor)
        return mean
