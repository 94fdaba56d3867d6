"""A trained network in one safetensors file: weights, and beside them all that is needed to use it.

The metadata hold one JSON text under the key "kpstudio". Nothing in the file can run code.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

import kpstudio
from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.calibration import Calibration
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import CellMapping
from kpstudio.core.run_files import TRAINING_KEY
from kpstudio.core.skeleton import Skeleton
from kpstudio.decoders import HeadTraining
from kpstudio.models.framing import Framing
from kpstudio.models.heads import head_of
from kpstudio.models.input_format import InputFormat
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.models.networks import make_network
from kpstudio.models.program import WEIGHTS_NAME, ProgramInfo, ProgramNetwork

FORMAT = 1
_KEY = "kpstudio"
# What a training needs to go on, in the same file.
_TRAINING_PREFIX = "training/"


class CheckpointInfo(msgspec.Struct, frozen=True, kw_only=True):
    """All of a checkpoint but its weights.

    Args:
        network: Name in the registry.
        network_parameters: Of that network.
        can_find: Whether it knows the first pass.
        skeleton: Of the labels that it learned.
        framing: What the two passes see, at which sizes.
        head_training: Decides which decoder suits.
        best_decoder: Name of the one that did best on the validation images.
        cell_mapping: From heatmap cells to input pixels.
        calibrations: By decoder, what its covariance is worth for this network.
        look_format: Of the pixels of the second pass.
        program: Of a checkpoint that holds a program instead of weights.
        metrics: Such as "median_px", on the validation images.
        kpstudio_version: That wrote it.
        format: Of this text.
    """

    network: str
    skeleton: Skeleton
    framing: Framing
    network_parameters: dict[str, float] = {}
    can_find: bool = True
    head_training: HeadTraining = HeadTraining()
    best_decoder: str = "dark"
    cell_mapping: CellMapping = "half_pixel"
    calibrations: dict[str, Calibration] = {}
    look_format: InputFormat = InputFormat()
    program: ProgramInfo | None = None
    metrics: dict[str, float | None] = {}
    kpstudio_version: str = kpstudio.__version__
    format: int = FORMAT


@dataclass(frozen=True)
class TrainingPart:
    """What a training that was broken off needs to go on.

    Args:
        text: JSON of its progress.
        tensors: State of its optimizer, and the like.
    """

    text: str
    tensors: dict[str, Tensor]


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint file holds."""

    info: CheckpointInfo
    weights: dict[str, Tensor]

    def build(self) -> KeypointNetwork:
        """The network with these weights.

        Raises:
            UserProblem: The weights are not those of this network.
        """
        if self.info.program is not None:
            program = self.weights.get(WEIGHTS_NAME)
            batch = self.info.program.batch
            if program is None or program.dtype != torch.uint8 or (batch is not None and batch < 1):
                raise UserProblem(
                    "This checkpoint should hold a program, and does not.",
                    "It is damaged; import the program again.",
                )
            return ProgramNetwork(
                bytes(program.flatten().numpy()),
                self.info.program,
                keypoints=len(self.info.skeleton),
                head=head_of(self.info.head_training),
                look_format=self.info.look_format,
                cell_mapping=self.info.cell_mapping,
            )
        entry = make_network(self.info.network, self.info.network_parameters)
        network = entry.build(
            len(self.info.skeleton),
            head=head_of(self.info.head_training),
            look_format=self.info.look_format,
            is_pretrained=False,
            can_find=self.info.can_find,
        )
        try:
            network.load_state_dict(self.weights)
        except RuntimeError as error:
            raise UserProblem(
                f"The weights in this checkpoint are not those of {self.info.network}.",
                "It may be damaged, or written by another version; train again.",
            ) from error
        return network


def save_checkpoint(
    path: Path,
    network: KeypointNetwork,
    info: CheckpointInfo,
    *,
    training: TrainingPart | None = None,
) -> None:
    """Write a network's weights as `write_checkpoint` does."""
    weights = {
        name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    write_checkpoint(path, Checkpoint(info, weights), training=training)


def write_checkpoint(
    path: Path, checkpoint: "Checkpoint", *, training: TrainingPart | None = None
) -> None:
    """Write one file, whole or not at all.

    Args:
        path: Of the file.
        checkpoint: To write.
        training: What makes a training go on from it.

    Raises:
        UserProblem: The disk is full or the folder cannot be written.
    """
    tensors, texts = dict(checkpoint.weights), {_KEY: msgspec.json.encode(checkpoint.info).decode()}
    if training is not None:
        texts[TRAINING_KEY] = training.text
        tensors |= {f"{_TRAINING_PREFIX}{name}": each for name, each in training.tensors.items()}
    data = safetensors.torch.save(tensors, texts)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserProblem(
            f"The folder {path.parent} cannot be made ({error.strerror}).",
            "Choose a folder that can be written.",
        ) from error
    write_atomically(path, data)


def mark_best_decoder(path: Path, decoder: str) -> bool:
    """Write into a checkpoint which decoder does best; its weights stay as they are.

    Returns:
        Whether another one was written there before.

    Raises:
        UserProblem: The file cannot be read or written.
    """
    checkpoint = load_checkpoint(path)
    if checkpoint.info.best_decoder == decoder:
        return False
    info = msgspec.structs.replace(checkpoint.info, best_decoder=decoder)
    write_checkpoint(path, Checkpoint(info, checkpoint.weights))
    return True


def load_checkpoint(path: Path, *, skeleton: Skeleton | None = None) -> Checkpoint:
    """Read a checkpoint.

    Args:
        path: Of the file.
        skeleton: That the keypoints must be those of.

    Raises:
        UserProblem: The file is missing, is no checkpoint, is newer, or has other keypoints.
    """
    if not path.is_file():
        raise UserProblem(f"There is no checkpoint at {path}.", "Train a model, or check the path.")
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get(_KEY)
            weights = {
                name: file.get_tensor(name)
                for name in file.keys()  # noqa: SIM118
                if not name.startswith(_TRAINING_PREFIX)
            }
    except (SafetensorError, OSError) as error:
        raise UserProblem(
            f"{path.name} is not a checkpoint: it is damaged or another kind of file.",
            "kpstudio's checkpoints are .safetensors files that it has trained itself.",
        ) from error
    if text is None:
        raise UserProblem(
            f"{path.name} holds weights, but not of a model that kpstudio has trained.",
            "Choose a checkpoint from a project's folder of runs.",
        )
    info = _read_info(path, text)
    if skeleton is not None and skeleton.keypoints != info.skeleton.keypoints:
        raise UserProblem(
            f"{path.name} was trained for other keypoints ({', '.join(info.skeleton.keypoints)}).",
            f"This project has {', '.join(skeleton.keypoints)}; choose a checkpoint of its own.",
        )
    return Checkpoint(info, weights)


def load_training_part(path: Path) -> TrainingPart | None:
    """What makes a training go on from a checkpoint that can be loaded; None if nothing does."""
    with safe_open(path, framework="pt") as file:
        text = (file.metadata() or {}).get(TRAINING_KEY)
        tensors = {
            name.removeprefix(_TRAINING_PREFIX): file.get_tensor(name)
            for name in file.keys()  # noqa: SIM118
            if name.startswith(_TRAINING_PREFIX)
        }
    return None if text is None else TrainingPart(text, tensors)


def _read_info(path: Path, text: str) -> CheckpointInfo:
    class Version(msgspec.Struct):
        format: int = FORMAT

    try:
        version = msgspec.json.decode(text, type=Version).format
        if version > FORMAT:
            raise UserProblem(
                f"{path.name} was written by a newer kpstudio.", "Install the newest version."
            )
        return msgspec.json.decode(text, type=CheckpointInfo)
    except msgspec.DecodeError as error:
        raise UserProblem(
            f"What {path.name} says about itself cannot be read: {error}.",
            "It may be damaged; choose another checkpoint or train again.",
        ) from error
