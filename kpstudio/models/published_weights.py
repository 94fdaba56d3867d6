"""Weights from elsewhere: read without running anything, and fitted to a network of ours."""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from kpstudio.core.errors import UserProblem
from kpstudio.models.archive import check_growth
from kpstudio.models.heads import HEADS
from kpstudio.models.networks import NETWORKS, PublishedNetwork

_CONTAINERS = ("state_dict", "model_state_dict", "model", "network", "net", "ema", "weights")
_PREFIXES = ("module.", "model.", "network.", "net.", "look.")
_NAMED = 4  # so many names are shown of a long list


class FittedWeights(NamedTuple):
    """Weights under the names of one of our architectures.

    Args:
        weights: By the architecture's names.
        keypoints: K, as their shapes tell it.
        channels: Of the input.
    """

    weights: dict[str, Tensor]
    keypoints: int
    channels: int


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a published file by their names, without containers and common prefixes.

    Raises:
        UserProblem: The file is missing, damaged, holds no tensors, or would run code.
    """
    if not path.is_file():
        raise UserProblem(f"There is no file {path}.", "Check the path.")
    check_growth(path)
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path)
    while True:
        inner = next((content[key] for key in _CONTAINERS if key in content), None)
        if not isinstance(inner, Mapping):
            break
        content = inner
    weights = {str(name): each for name, each in content.items() if isinstance(each, Tensor)}
    if not weights:
        raise UserProblem(
            f"{path.name} holds no weights.", "Choose the file with the network's state dict."
        )
    return _without_prefixes(weights)


def fit_weights(name: str, weights: Mapping[str, Tensor]) -> FittedWeights:
    """Weights for the architecture of that network.

    Args:
        name: Of a published network.
        weights: From `read_weights`.

    Raises:
        UserProblem: They are of another network; the message says what is missing, what is left
            over, and which network fits best.
    """
    entry = _entry(name)
    keypoints, channels = _counts(entry, weights)
    expected = _shapes(entry, keypoints, channels)
    missing = [key for key in expected if key not in weights]
    missing = [key for key in missing if not key.endswith("num_batches_tracked")]
    left_over = [key for key in weights if key not in expected]
    other = [
        key
        for key, each in weights.items()
        if key in expected and tuple(each.shape) != expected[key]
    ]
    if missing or left_over or other:
        raise UserProblem(
            f"These weights are not those of {name}: {len(missing)} are missing{_some(missing)}, "
            f"{len(left_over)} are left over{_some(left_over)}, "
            f"{len(other)} have another shape{_some(other)}.",
            _best_fit(name, weights),
        )
    fitted = {key: weights[key] for key in expected if key in weights}
    for key in expected.keys() - fitted.keys():
        fitted[key] = torch.zeros((), dtype=torch.long)
    return FittedWeights(fitted, keypoints, channels)


def _read_safetensors(path: Path) -> Mapping[str, object]:
    try:
        return safetensors.torch.load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise UserProblem(
            f"{path.name} is damaged, or no safetensors file.", "Download it again."
        ) from error


def _read_pickle(path: Path) -> Mapping[str, object]:
    try:
        with warnings.catch_warnings():
            # Of how the file was pickled; what matters is whether it can be read.
            warnings.simplefilter("ignore", UserWarning)
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserProblem(
            f"{path.name} holds more than weights, and opening it could run code: it stays closed.",
            "Save only its state dict where you trust it, and import that.",
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise UserProblem(
            f"{path.name} is damaged, or not a file of weights.", "Download it again."
        ) from error
    if isinstance(content, Mapping):
        return content
    raise UserProblem(
        f"{path.name} holds no weights.", "Choose the file with the network's state dict."
    )


def _without_prefixes(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    while True:
        prefix = next(
            (each for each in _PREFIXES if all(name.startswith(each) for name in weights)), None
        )
        if prefix is None:
            return weights
        weights = {name[len(prefix) :]: each for name, each in weights.items()}


def _entry(name: str) -> PublishedNetwork:
    entry = NETWORKS[name]()
    if isinstance(entry, PublishedNetwork):
        return entry
    raise UserProblem(
        f"{name} is not a published architecture of the second pass.",
        "Choose the network that the weights are of; kpstudio networks lists them.",
    )


def _shapes(entry: PublishedNetwork, keypoints: int, channels: int) -> dict[str, tuple[int, ...]]:
    head = HEADS[entry.usual_head]()
    with torch.device("meta"):
        state = entry.architecture(keypoints, head=head, channels=channels).state_dict()
    return {name: tuple(each.shape) for name, each in state.items()}


def _counts(entry: PublishedNetwork, weights: Mapping[str, Tensor]) -> tuple[int, int]:
    """K and the channels of the input: the sizes that differ where they are one or two."""
    usual = _shapes(entry, 1, 1)
    return (
        _count(weights, usual, _shapes(entry, 2, 1), otherwise=1),
        _count(weights, usual, _shapes(entry, 1, 2), otherwise=len(entry.look_format)),
    )


def _count(
    weights: Mapping[str, Tensor],
    one: Mapping[str, tuple[int, ...]],
    two: Mapping[str, tuple[int, ...]],
    *,
    otherwise: int,
) -> int:
    """How many there are in the weights of what one and two of it have these shapes."""
    for name, shape in one.items():
        if shape != two[name] and name in weights and weights[name].ndim == len(shape):
            axis = next(i for i, size in enumerate(shape) if size != two[name][i])
            of_each = two[name][axis] - shape[axis]
            return max((weights[name].shape[axis] - shape[axis]) // of_each + 1, 1)
    return otherwise


def _some(names: list[str]) -> str:
    if not names:
        return ""
    more = ", ..." if len(names) > _NAMED else ""
    return f" ({', '.join(names[:_NAMED])}{more})"


def _best_fit(asked: str, weights: Mapping[str, Tensor]) -> str:
    best, share = asked, 0.0
    for name in (asked, *NETWORKS):
        entry = NETWORKS[name]()
        if not isinstance(entry, PublishedNetwork):
            continue
        # Names do not depend on the counts, which take several networks to find out.
        names = _shapes(entry, 1, 1).keys()
        if len(names & weights.keys()) / max(len(names), len(weights)) <= share:
            continue
        expected = _shapes(entry, *_counts(entry, weights))
        same = sum(
            each in expected and tuple(tensor.shape) == expected[each]
            for each, tensor in weights.items()
        )
        found = same / max(len(expected), len(weights))
        if found > share:
            best, share = name, found
    if share == 0:
        return "None of the networks has weights of these names and shapes."
    return f"{best} fits best: {share:.0%} of its weights are there."
