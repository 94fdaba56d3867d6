"""Programs of torch.export, opened without running what is in them, and made TorchScript.

torch's own loader unpickles, evaluates expressions and calls any function that the file names. So
everything of that kind is looked for first, and a file that has anything but tensors, shapes and
tensor operations stays closed.
"""

import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from kpstudio.core.errors import UserProblem
from kpstudio.models.archive import check_growth

_MEMBER = re.compile(
    r"(?:archive_format|archive_version|byteorder|\.data/(?:version|serialization_id)|\.format/\w+"
    r"|models/model\.json|data/sample_inputs/model\.pt"
    r"|data/(?:weights|constants)/(?:model_(?:weights|constants)_config\.json"
    r"|(?:weight|tensor)_\d+))"
)
_OPERATION = re.compile(r"torch\.ops\.aten\.(?!from_file|save)\w+\.\w+|_operator\.getitem")
_EXPRESSION = re.compile(
    r"(?!.*\*\*)(?:\b(?:Symbol|Integer|Add|Mul|Max|Min|True|positive|integer|[su]\d+|\d+)\b"
    r"|[ ,()=+*/'\-])*"
)
_WORD = re.compile(r"[\w.:\- /]*")
_CONTEXT = re.compile(r"""[\w.\[\]," ]*""")
_CONTAINERS = {"builtins.tuple", "builtins.list", "builtins.dict", None}
_UNREAD = {"metadata", "stack_trace", "torch_version", "guards_code"}


class Script(NamedTuple):
    """A program as TorchScript.

    Args:
        program: (L,) uint8.
        batch: So many images it takes at once.
    """

    program: Tensor
    batch: int


def script_of_exported(path: Path) -> Script:
    """The program as TorchScript.

    Args:
        path: Of a .pt2 file whose program takes one batch of images.

    Raises:
        UserProblem: The file is missing, damaged, of another kind, or does more than reckon with
            tensors.
    """
    if not path.is_file():
        raise UserProblem(f"There is no file {path}.", "Check the path.")
    check_growth(path, path.name)
    damaged = UserProblem(
        f"{path.name} is damaged, or no program of torch.export.",
        "Save the network with torch.export.save(torch.export.export(...), ...).",
    )
    try:
        with zipfile.ZipFile(path) as archive:
            sample = _check(archive, path.name)
        program = torch.export.load(path).module()
    except UserProblem:
        raise
    # Whatever torch stumbles over in a file that is not its own.
    except Exception as error:
        raise damaged from error
    images = next(iter(sample[0]), None) if sample and isinstance(sample[0], tuple) else None
    if not isinstance(images, Tensor) or images.ndim != 4 or len(sample[0]) != 1:
        raise UserProblem(
            f"{path.name} does not take one batch of images (B, C, H, W).",
            "Export a network whose only input is a batch of images.",
        )
    with warnings.catch_warnings():
        # The trace has one size and one path, as the exported program has.
        warnings.simplefilter("ignore")
        # A traced batch is fixed: the smallest is the one that all batches are made of.
        images = images[:1] if _takes(program, images[:1]) else images
        traced = torch.jit.trace(program, (images,), check_trace=False)  # type: ignore[no-untyped-call]
        buffer = io.BytesIO()
        torch.jit.save(traced, buffer)
    data = torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8)
    return Script(data, len(images))


def _takes(program: torch.nn.Module, images: Tensor) -> bool:
    try:
        program(images)
    # Its guards fail in as many ways as there are conditions.
    except Exception:
        return False
    return True


def _check(archive: zipfile.ZipFile, name: str) -> Any:
    """The example inputs, once all is known to be harmless."""
    suspicious = UserProblem(
        f"{name} holds more than tensors and their operations, and opening it could run code: "
        "it stays closed.",
        "Export it again without custom operations, or save it as TorchScript.",
    )
    members = {each.partition("/")[2]: each for each in archive.namelist()}
    if not all(_MEMBER.fullmatch(each) for each in members):
        raise suspicious
    for kind in ("weights", "constants"):
        said = json.loads(archive.read(members[f"data/{kind}/model_{kind}_config.json"]))
        for payload in said["config"].values():
            if payload["use_pickle"] or not _MEMBER.fullmatch(
                f"data/{kind}/{payload['path_name']}"
            ):
                raise suspicious
    said = json.loads(archive.read(members["models/model.json"]))
    if not all(_is_harmless(key, value) for key, value in _leaves(said)):
        raise suspicious
    try:
        content = io.BytesIO(archive.read(members["data/sample_inputs/model.pt"]))
        return torch.load(content, weights_only=True)
    except Exception as error:
        raise suspicious from error


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """All keys and all values that are neither lists nor objects, each with the key it is under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in _UNREAD:
                yield "name", name
                yield from _leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key)
    else:
        yield key, value


def _is_harmless(key: str, value: Any) -> bool:
    if not isinstance(value, str):
        return True
    if key == "target":
        return bool(_OPERATION.fullmatch(value))
    if "expr" in key:
        return bool(_EXPRESSION.fullmatch(value))
    if key in ("in_spec", "out_spec"):
        return _is_plain_tree(json.loads(value)) if value else True
    return bool(_WORD.fullmatch(value))


def _is_plain_tree(spec: Any) -> bool:
    """Whether a tree of containers names no types but the plain ones."""
    if isinstance(spec, list):
        return all(_is_plain_tree(each) for each in spec)
    if isinstance(spec, dict):
        return spec.get("type") in _CONTAINERS and all(
            _is_plain_tree(each) for key, each in spec.items() if key != "type"
        )
    return spec is None or isinstance(spec, int) or bool(_CONTEXT.fullmatch(str(spec)))
