"""Networks as programs for other software: ONNX, TorchScript or torch.export."""

import io
import logging
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import msgspec
import torch
from jaxtyping import Float
from torch import Tensor, nn

from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.errors import UserProblem
from kpstudio.models.checkpoint import Checkpoint, CheckpointInfo
from kpstudio.models.foreign import ProgramDescription
from kpstudio.models.keypoint_network import KeypointNetwork

_LARGEST_DIFFERENCE = 1e-4  # of the largest value
_INPUT, _OUTPUT = "images", "answer"


class Exported(NamedTuple):
    """What an export has written.

    Args:
        program: Its file.
        description: The JSON beside it.
        difference: Largest difference from our own network, relative to the largest value; None
            where nothing is installed that could run the program.
    """

    program: Path
    description: Path
    difference: float | None


def export_network(checkpoint: Checkpoint, out: Path) -> Exported:
    """Write the second pass of a model as a program, and beside it what must be known of it.

    The program takes images (B, C, H, W) in the model's input format, for any B, and gives what
    the head gives. The JSON has the suffix ".json" more than the program, and is what an import
    takes as description.

    Args:
        checkpoint: With its weights.
        out: .onnx, .pt (TorchScript) or .pt2 (torch.export).

    Raises:
        UserProblem: The suffix is another one, the network cannot be exported so or the outcome
            does not agree with it, a package is missing, or the file cannot be written.
    """
    if out.suffix not in _WRITERS:
        raise UserProblem(
            f"“{out.name}” has no suffix of a kind of program.",
            f"Choose one of: {', '.join(_WRITERS)}.",
        )
    description = out.with_name(f"{out.name}.json")
    if checkpoint.info.program is not None and out.suffix != ".pt":
        raise UserProblem(
            f"This model is a program already, and cannot become {out.suffix}.",
            "Write it as .pt, or export the network that it was made of.",
        )
    network = _SecondPass(checkpoint.build()).eval()
    images = _example(network.network, checkpoint.info)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            data, run = _WRITERS[out.suffix](network, images)
            difference = _difference(network, run, images)
    except UserProblem:
        raise
    # Exporters fail in as many ways as there are networks.
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise UserProblem(
            f"{checkpoint.info.network} cannot be exported as {out.suffix}: {reason[0]}",
            f"Try another kind: {', '.join(each for each in _WRITERS if each != out.suffix)}.",
        ) from error
    if difference is not None and not difference < _LARGEST_DIFFERENCE:
        raise UserProblem(
            f"The exported program differs from the network by {difference:.1e}; it was not kept.",
            f"Try another kind: {', '.join(each for each in _WRITERS if each != out.suffix)}.",
        )
    write_atomically(out, data)
    write_atomically(
        description,
        msgspec.json.format(msgspec.json.encode(_describe(checkpoint.info, network.network))),
    )
    return Exported(out, description, difference)


class _SecondPass(nn.Module):
    def __init__(self, network: KeypointNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Float[Tensor, "B C H W"]) -> Tensor:
        answer: Tensor = self.network(images, "look")
        return answer


def _example(network: KeypointNetwork, info: CheckpointInfo) -> Float[Tensor, "2 C H W"]:
    width, height = info.framing.look_size
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, len(network.look_format), height, width, generator=generator)


Run = Callable[[Tensor], Tensor]


def _torchscript(network: _SecondPass, images: Tensor) -> tuple[bytes, Run]:
    traced = torch.jit.trace(network, (images,), check_trace=False)  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    torch.jit.save(traced, buffer)
    return buffer.getvalue(), traced


def _torch_export(network: _SecondPass, images: Tensor) -> tuple[bytes, Run]:
    exported = torch.export.export(
        network, (images,), dynamic_shapes={_INPUT: {0: torch.export.Dim("batch")}}
    )
    buffer = io.BytesIO()
    torch.export.save(exported, buffer)
    return buffer.getvalue(), exported.module()


def _onnx(network: _SecondPass, images: Tensor) -> tuple[bytes, Run | None]:
    missing = [each for each in ("onnx", "onnxscript") if find_spec(each) is None]
    if missing:
        raise UserProblem(
            f"ONNX needs packages that are not installed: {', '.join(missing)}.",
            "Install them (they are kpstudio[export]): "
            "python -m pip install onnx onnxscript onnxruntime",
        )
    for name in ("onnxscript", "torch.onnx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    program = torch.onnx.export(
        network,
        (images,),
        dynamo=True,
        verbose=False,
        input_names=[_INPUT],
        output_names=[_OUTPUT],
        dynamic_shapes={_INPUT: {0: torch.export.Dim("batch")}},
    )
    assert program is not None
    data: bytes = program.model_proto.SerializeToString()
    return data, _onnx_run(data)


def _onnx_run(data: bytes) -> Run | None:
    if find_spec("onnxruntime") is None:
        return None
    from onnxruntime import InferenceSession

    session = InferenceSession(data, providers=["CPUExecutionProvider"])
    return lambda images: torch.from_numpy(session.run(None, {_INPUT: images.numpy()})[0])


_WRITERS: dict[str, Callable[[_SecondPass, Tensor], tuple[bytes, Run | None]]] = {
    ".onnx": _onnx,
    ".pt": _torchscript,
    ".pt2": _torch_export,
}


def _difference(network: _SecondPass, run: Run | None, images: Tensor) -> float | None:
    """Of other images than the exporter has seen, and of another batch."""
    if run is None:
        return None
    others = torch.cat([images.flip(3), images[:1].flip(2)])
    ours, theirs = network(others), run(others)
    return float((ours - theirs).abs().max() / ours.abs().max().clamp(min=1e-12))


def _describe(info: CheckpointInfo, network: KeypointNetwork) -> ProgramDescription:
    names = info.skeleton.keypoints
    return ProgramDescription(
        size=info.framing.look_size,
        keypoints=names,
        input=info.look_format,
        cell_mapping=info.cell_mapping,
        head=info.head_training,
        stride=network.look_stride,
        edges=tuple((names[a], names[b]) for a, b in info.skeleton.edges),
        flip_pairs=tuple((names[a], names[b]) for a, b in info.skeleton.flip_pairs),
    )
