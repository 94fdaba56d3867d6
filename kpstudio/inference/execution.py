"""How a network is run on this machine: the fastest way that gives the same answers."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import msgspec
import torch
from jaxtyping import Float
from torch import Tensor

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import AUTOMATIC
from kpstudio.models.keypoint_network import KeypointNetwork, Task

Precision = Literal["float32", "bfloat16", "float16"]

COMPILED = "compiled"

_TURNS = 3
_BUDGET_S = 1.5
# Another way must be clearly faster: times differ from turn to turn.
_CLEARLY_FASTER = 0.85
# Of the largest value of maps, and in cells of coordinates: more would move keypoints.
_LARGEST_DIFFERENCE, _LARGEST_SHIFT = 0.03, 0.05

log = logging.getLogger(__name__)


class Execution(msgspec.Struct, frozen=True):
    """One way to run a network.

    Args:
        precision: In which its operations reckon.
        is_channels_last: Whether the channels of a pixel lie side by side.
        is_compiled: By torch.compile.
        ms: For one image of the second pass, where it was measured.
    """

    precision: Precision = "float32"
    is_channels_last: bool = True
    is_compiled: bool = False
    ms: float | None = None

    def __str__(self) -> str:
        words: list[str] = [self.precision]
        if self.is_channels_last:
            words.append("channels last")
        if self.is_compiled:
            words.append("compiled")
        if self.ms is not None:
            words.append(f"{self.ms:.0f} ms an image" if self.ms >= 1 else f"{self.ms:.1f} ms")
        return ", ".join(words)


class Runner:
    """Runs the passes of a network in one way.

    Args:
        network: On its device, in evaluation mode.
        execution: The way.
        device: Of the network.
    """

    def __init__(self, network: KeypointNetwork, execution: Execution, device: str) -> None:
        self.execution = execution
        self._device = device
        layout = torch.channels_last if execution.is_channels_last else torch.contiguous_format
        network.to(memory_format=layout)  # type: ignore[call-overload]
        self._layout = layout
        self._run: Callable[..., Tensor] = network
        if execution.is_compiled:
            # One program for all sizes would take minutes to find; one for each takes seconds.
            self._run = torch.compile(network, dynamic=False)

    def __call__(self, images: Float[Tensor, "B C H W"], task: Task) -> Tensor:
        with torch.inference_mode(), self._precision():
            answer: Tensor = self._run(images.contiguous(memory_format=self._layout), task)
        return answer.float()

    def _precision(self) -> AbstractContextManager[object]:
        if self.execution.precision == "float32":
            return nullcontext()
        return torch.autocast(
            torch.device(self._device).type, dtype=getattr(torch, self.execution.precision)
        )


def available_executions(device: str) -> tuple[str, ...]:
    """What `choose_execution` can be asked for on a device, beside "auto"."""
    return (*_precisions(device), COMPILED)


def choose_execution(
    network: KeypointNetwork,
    images: Float[Tensor, "1 C H W"],
    *,
    device: str,
    wanted: str = AUTOMATIC,
) -> Runner:
    """The way in which a network shall run.

    "auto" runs the second pass a few times in each way, and keeps the first one unless another is
    clearly faster and gives the same answers. It never compiles, because that takes up to minutes
    at each start; asked for, it is done at the first image of each size.

    Args:
        network: On its device, in evaluation mode.
        images: One input of its second pass, on the device.
        device: Of the network.
        wanted: "auto", a precision, or "compiled".

    Raises:
        UserProblem: It is not available on this device, or cannot be compiled here.
    """
    if wanted == AUTOMATIC:
        return _fastest(network, images, device)
    if wanted not in available_executions(device):
        raise UserProblem(
            f"The network cannot be run as “{wanted}” on {device}.",
            f"Choose one of: {', '.join((AUTOMATIC, *available_executions(device)))}.",
        )
    if wanted != COMPILED:
        return Runner(network, Execution(msgspec.convert(wanted, Precision)), device)
    try:
        runner = Runner(network, Execution(is_compiled=True), device)
        return _timed(runner, images, device)
    # Compilers fail in many ways: none installed, too old, no place to write.
    except Exception as error:
        log.warning("%s", error)
        raise UserProblem(
            "The network cannot be compiled here, mostly because there is no C++ compiler.",
            "Choose “auto”, or install a compiler.",
        ) from error


def _precisions(device: str) -> tuple[Precision, ...]:
    if device.startswith("cuda"):
        return ("float32", "bfloat16", "float16")
    if device == "cpu" and _cpu_has_bfloat16():
        return ("float32", "bfloat16")
    return ("float32",)


def _cpu_has_bfloat16() -> bool:
    # Without such instructions half precision is emulated, and many times slower.
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _fastest(network: KeypointNetwork, images: Tensor, device: str) -> Runner:
    started = time.monotonic()
    best = _timed(Runner(network, Execution(), device), images, device)
    expected = _answers(network, best, images)
    ways = [Execution(precision) for precision in _precisions(device)[1:]]
    ways.append(Execution(is_channels_last=False))
    for way in ways:
        if time.monotonic() - started > _BUDGET_S:
            break
        runner = _timed(Runner(network, way, device), images, device)
        is_alike = _are_alike(_answers(network, runner, images), expected)
        log.info("%s (%s)", runner.execution, "alike" if is_alike else "differs")
        if is_alike and _ms(runner) < _CLEARLY_FASTER * _ms(best):
            best = runner
    # Trying other ways has changed how the weights lie.
    return Runner(network, best.execution, device)


def _answers(network: KeypointNetwork, runner: Runner, images: Tensor) -> list[Tensor]:
    """Of both passes, where there are both; the first one takes any three channels."""
    answers = [runner(images, "look")]
    if network.can_find and images.shape[1] == 3:
        answers.append(runner(images, "find"))
    return answers


def _are_alike(answers: list[Tensor], expected: list[Tensor]) -> bool:
    for answer, right in zip(answers, expected, strict=True):
        apart = float((answer - right).abs().max())
        largest = float(right.abs().max())
        is_map = right.ndim == 4
        if not apart < (_LARGEST_DIFFERENCE * max(largest, 1e-12) if is_map else _LARGEST_SHIFT):
            return False
    return True


def _ms(runner: Runner) -> float:
    return runner.execution.ms or 0.0


def _timed(runner: Runner, images: Tensor, device: str) -> Runner:
    """The same way with the fastest of some turns, after one to warm up."""
    fastest, started = float("inf"), time.monotonic()
    for turn in range(_TURNS + 1):
        begun = time.perf_counter()
        runner(images, "look")
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)
        if turn:
            fastest = min(fastest, time.perf_counter() - begun)
            if time.monotonic() - started > _BUDGET_S:
                break
    runner.execution = msgspec.structs.replace(runner.execution, ms=1000 * fastest)
    return runner
