"""Models from elsewhere, made into checkpoints: published weights, and programs."""

from pathlib import Path

import msgspec
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import CellMapping
from kpstudio.core.skeleton import Skeleton
from kpstudio.decoders import HeadTraining, fitting_decoder
from kpstudio.models.checkpoint import Checkpoint, CheckpointInfo
from kpstudio.models.exported_program import script_of_exported
from kpstudio.models.framing import Framing
from kpstudio.models.heads import HEADS
from kpstudio.models.input_format import InputFormat
from kpstudio.models.networks import NETWORKS, PublishedNetwork
from kpstudio.models.program import WEIGHTS_NAME, ProgramInfo, read_program
from kpstudio.models.published_weights import fit_weights, read_weights

PROGRAM = "program"
_MARGIN = 1.25
_LARGEST_SIDE = 4096


class ProgramDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The JSON beside a program.

    Args:
        size: (width, height) of its input in pixels.
        keypoints: Names, in the order of its maps.
        input: Order of channels and scale of values.
        is_logits: Whether its maps need a sigmoid.
        output: Which of its outputs the maps are; the last one with four dimensions by default.
        cell_mapping: From cells to input pixels.
        head: How it was trained.
        stride: Input pixels per cell, where it gives coordinates; 1 if they are in pixels.
        edges: Pairs of names.
        flip_pairs: Pairs of names, left first.
    """

    size: tuple[int, int]
    keypoints: tuple[str, ...]
    input: InputFormat = InputFormat("rgb", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    is_logits: bool = False
    output: int | None = None
    cell_mapping: CellMapping = "half_pixel"
    head: HeadTraining = HeadTraining()
    stride: int = 1
    edges: tuple[tuple[str, str], ...] = ()
    flip_pairs: tuple[tuple[str, str], ...] = ()


def import_weights(
    path: Path,
    network: str,
    *,
    skeleton: Skeleton | None = None,
    size: tuple[int, int] | None = None,
) -> Checkpoint:
    """A checkpoint from published weights.

    Args:
        path: Of a .pth, .pt, .ckpt or .safetensors file; nothing in it is run.
        network: Name of a published architecture.
        skeleton: Of its keypoints; numbered names by default.
        size: (width, height) of the input; that of the published training by default.

    Raises:
        UserProblem: The file cannot be read, is of another network or another number of keypoints.
    """
    fitted = fit_weights(network, read_weights(path))
    entry = NETWORKS[network]()
    assert isinstance(entry, PublishedNetwork)
    if skeleton is None:
        names = tuple(f"keypoint_{index + 1}" for index in range(fitted.keypoints))
        skeleton = Skeleton(path.stem, names)
    if len(skeleton) != fitted.keypoints:
        raise UserProblem(
            f"The weights are for {fitted.keypoints} keypoints, and “{skeleton.name}” has "
            f"{len(skeleton)}.",
            "Give a skeleton with the keypoints of the model, in its order.",
        )
    head = HEADS[entry.usual_head]()
    built = entry.build(
        fitted.keypoints,
        head=head,
        look_format=_format(entry, fitted.channels),
        is_pretrained=False,
        can_find=False,
    )
    size = size or entry.usual_size
    if any(side % built.size_multiple or side < 1 for side in size):
        raise UserProblem(
            f"{network} cannot take an input of {size[0]} x {size[1]} pixels.",
            f"Choose a width and a height that are multiples of {built.size_multiple}.",
        )
    info = CheckpointInfo(
        network=network,
        skeleton=skeleton,
        framing=_framing(size),
        can_find=False,
        head_training=msgspec.structs.replace(head.training(1), sigma=entry.usual_sigma),
        best_decoder=fitting_decoder(head.training(1)),
        cell_mapping=built.cell_mapping,
        look_format=built.look_format,
    )
    return Checkpoint(info, {f"look.{name}": each for name, each in fitted.weights.items()})


def import_program(path: Path, description: Path) -> Checkpoint:
    """A checkpoint that holds a program as TorchScript.

    Args:
        path: Of the program: .pt2 of torch.export, else TorchScript.
        description: A JSON file; see `ProgramDescription`.

    Raises:
        UserProblem: One of the files cannot be read, they do not fit each other, or the program
            could do more than reckon with tensors.
    """
    try:
        said = msgspec.json.decode(description.read_bytes(), type=ProgramDescription)
        _check(said)
        index = {name: i for i, name in enumerate(said.keypoints)}
        skeleton = Skeleton(
            path.stem,
            said.keypoints,
            edges=tuple((index[a], index[b]) for a, b in said.edges),
            flip_pairs=tuple((index[a], index[b]) for a, b in said.flip_pairs),
        )
    except OSError as error:
        raise UserProblem(
            f"{description} cannot be read ({error.strerror}).", "Check the path."
        ) from error
    except (msgspec.DecodeError, KeyError, ValueError) as error:
        raise UserProblem(
            f"{description.name} does not describe a program: {error}.",
            'It needs at least {"size": [width, height], "keypoints": [names]}.',
        ) from error
    batch: int | None = None
    if path.suffix == ".pt2":
        program, batch = script_of_exported(path, channels=len(said.input), size=said.size)
    else:
        program = read_program(path)
    info = CheckpointInfo(
        network=PROGRAM,
        skeleton=skeleton,
        framing=_framing(said.size),
        can_find=False,
        head_training=said.head,
        best_decoder=fitting_decoder(said.head),
        cell_mapping=said.cell_mapping,
        look_format=said.input,
        program=ProgramInfo(said.is_logits, said.output, batch, said.stride),
    )
    checkpoint = Checkpoint(info, {WEIGHTS_NAME: program})
    network = checkpoint.build()
    with torch.inference_mode():
        width, height = said.size
        network(torch.zeros(1, len(said.input), height, width))
    return checkpoint


def _check(said: ProgramDescription) -> None:
    """ValueError for what no program can mean."""
    channels = len(said.input)
    if not all(1 <= side <= _LARGEST_SIDE for side in said.size):
        raise ValueError(f"size: sides are 1 to {_LARGEST_SIDE} pixels")
    if not len(said.input.mean) == len(said.input.deviation) == channels:
        raise ValueError(f"input: mean and deviation need {channels} values each")
    if not all(each > 0 for each in said.input.deviation):
        raise ValueError("input: deviations are above 0")
    head = said.head
    if not (head.sigma > 0 and head.temperature > 0 and head.kernel > 0 and said.stride > 0):
        raise ValueError("head: sigma, temperature and kernel, and the stride, are above 0")
    if said.output is not None and said.output < 0:
        raise ValueError("output: the first one is 0")


def _format(entry: PublishedNetwork, channels: int) -> InputFormat:
    usual = entry.look_format
    if channels == len(usual):
        return usual
    if channels == 1:
        return InputFormat.grey(
            sum(usual.mean) / len(usual), sum(usual.deviation) / len(usual.deviation)
        )
    if channels == 3:
        return InputFormat("rgb", usual.mean * 3, usual.deviation * 3)
    raise UserProblem(
        f"The weights are for images of {channels} channels.",
        "Models for grey (1) and colour (3) images can be used.",
    )


def _framing(size: tuple[int, int]) -> Framing:
    return Framing(
        find_size=size,
        look_size=size,
        subject_size=float(max(size)),
        find_subject_size=float(max(size)),
        margin=_MARGIN,
        is_upright=True,
        is_fixed_size=False,
        most_subjects=64,
    )
