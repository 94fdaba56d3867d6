"""Programs of torch.export, read without torch's loader, and made TorchScript.

That loader unpickles, evaluates expressions and runs source text that the file brings along. Here
only numbers, names and tensors are read of the file, and its operations are looked up in torch one
by one; whatever else a program may hold stays unread.
"""

import io
import json
import math
import operator
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from kpstudio.core.errors import UserProblem
from kpstudio.models.archive import check_growth

_TYPES = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
_MEMORY_FORMATS = {
    1: torch.contiguous_format,
    2: torch.channels_last,
    4: torch.preserve_format,
}
_OPERATION = re.compile(r"torch\.ops\.aten\.(\w+)\.(\w+)")
_NUMBER_OPERATIONS = {
    f"_operator.{each}": getattr(operator, each)
    for each in ("add", "sub", "mul", "floordiv", "mod", "neg", "truediv", "getitem")
}
# Texts that choose how to reckon; any other could be the name of a file.
_TEXTS = {"mode", "approximate", "reduction", "rounding_mode", "padding", "indexing", "equation"}
_CHECKS = ("_assert", "sym_constrain", "_functional_assert")


class Script(NamedTuple):
    """A program as TorchScript.

    Args:
        program: (L,) uint8.
        batch: So many images it takes at once.
    """

    program: Tensor
    batch: int


class _Unusable(Exception):
    """Something in the file that is not read here."""


def script_of_exported(path: Path, *, channels: int, size: tuple[int, int]) -> Script:
    """The program as TorchScript.

    Args:
        path: Of a .pt2 file whose program takes one batch of images.
        channels: Of the images.
        size: (width, height) of the images.

    Raises:
        UserProblem: The file is missing, damaged, of another kind, or does more than reckon with
            tensors.
    """
    if not path.is_file():
        raise UserProblem(f"There is no file {path}.", "Check the path.")
    check_growth(path)
    try:
        with zipfile.ZipFile(path) as archive:
            graph, batch = _read(archive)
    except _Unusable as error:
        raise UserProblem(
            f"{path.name} holds more than tensors and their operations ({error}): it stays closed.",
            "Export it again without custom operations, or save it as TorchScript.",
        ) from error
    # A file that is not what it should be can fail anywhere.
    except Exception as error:
        raise UserProblem(
            f"{path.name} is damaged, or no program of torch.export.",
            "Save the network with torch.export.save(torch.export.export(...), ...).",
        ) from error
    images = torch.zeros(batch, channels, size[1], size[0])
    try:
        with warnings.catch_warnings(), torch.no_grad():
            # The trace has one size and one path, as the program has.
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(graph.eval(), (images,), check_trace=False)  # type: ignore[no-untyped-call]
            buffer = io.BytesIO()
            torch.jit.save(traced, buffer)
    # Operations fail in as many ways as there are.
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise UserProblem(
            f"{path.name} cannot take images of {size[0]} x {size[1]} pixels and {channels} "
            f"channels, or gives something other than maps: {reason}.",
            "Check the size and the channels in its description.",
        ) from error
    return Script(torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8), batch)


class _Graph(nn.Module):
    """Runs the operations of a program in their order.

    Args:
        nodes: As the file lists them, checked.
        constants: Weights by the names that operations use for them.
        images: Name of the input.
        answers: Names of the outputs.
    """

    def __init__(
        self,
        nodes: Sequence["_Node"],
        constants: Mapping[str, Tensor],
        *,
        images: str,
        answers: Sequence[str],
    ) -> None:
        super().__init__()
        self._nodes, self._images, self._answers = nodes, images, answers
        self._names = list(constants)
        for index, constant in enumerate(constants.values()):
            self.register_buffer(f"constant_{index}", constant)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        values: dict[str, Any] = {self._images: images}
        for index, name in enumerate(self._names):
            values[name] = getattr(self, f"constant_{index}")
        for node in self._nodes:
            node.run(values)
        return tuple(values[name] for name in self._answers)


class _Node:
    """One operation.

    Args:
        said: As the file says it.
    """

    def __init__(self, said: Mapping[str, Any]) -> None:
        target = said["target"]
        self._is_number = target in _NUMBER_OPERATIONS
        if self._is_number:
            self._operation = _NUMBER_OPERATIONS[target]
        else:
            self._operation = _tensor_operation(target)
        self._inputs = [(each["name"], each["arg"]) for each in said["inputs"]]
        self._outputs = said["outputs"]
        for name, argument in self._inputs:
            if "as_string" in argument and name not in _TEXTS:
                raise _Unusable(f"a text for {name} of {target}")

    def run(self, values: dict[str, Any]) -> None:
        """Add what comes out to the values."""
        arguments = {name: _value(argument, values) for name, argument in self._inputs}
        if self._is_number:
            result = self._operation(*arguments.values())
        else:
            result = self._operation(**arguments)
        several = result if len(self._outputs) > 1 else (result,)
        for output, value in zip(self._outputs, several, strict=True):
            ((kind, what),) = output.items()
            if kind == "as_tensors":
                values.update(zip((each["name"] for each in what), value, strict=True))
            elif kind != "as_none":
                values[what.get("name") or what["as_name"]] = value


def _tensor_operation(target: str) -> Any:
    match = _OPERATION.fullmatch(target)
    packet = getattr(torch.ops.aten, match[1], None) if match else None
    operation = getattr(packet, match[2], None) if match else None
    if not isinstance(operation, torch._ops.OpOverload):
        raise _Unusable(f"the operation {target}")
    for argument in operation._schema.arguments:
        if str(argument.type).startswith(("str", "Optional[str")) and argument.name not in _TEXTS:
            raise _Unusable(f"the operation {target}")
    return operation


def _value(argument: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """What an operation is given."""
    ((kind, what),) = argument.items()
    match kind:
        case "as_tensor":
            return values[what["name"]]
        case "as_tensors":
            return [values[each["name"]] for each in what]
        case "as_optional_tensors":
            return [_value(each, values) for each in what]
        case "as_none":
            return None
        case "as_int" | "as_float" | "as_bool" | "as_string" | "as_ints" | "as_floats" | "as_bools":
            return what
        case "as_sym_int" | "as_sym_float" | "as_sym_bool":
            return _number(what, values)
        case "as_sym_ints" | "as_sym_floats":
            return [_number(each, values) for each in what]
        case "as_scalar_type":
            return _TYPES[what]
        case "as_memory_format":
            return _MEMORY_FORMATS[what]
        case "as_device":
            return torch.device("cpu")
        case "as_layout":
            return torch.strided
    raise _Unusable(f"an argument of the kind {kind}")


def _number(what: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    if "as_name" in what:
        return values[what["as_name"]]
    ((_, number),) = what.items()
    return number


def _read(archive: zipfile.ZipFile) -> tuple[_Graph, int]:
    """The program, and the size of the batches that it takes."""
    members: dict[str, zipfile.ZipInfo] = {}
    for each in archive.infolist():
        _, _, name = each.filename.partition("/")
        if name in members:
            raise _Unusable("two parts of one name")
        members[name] = each

    def content(name: str) -> bytes:
        return archive.read(members[name])

    said = json.loads(content("models/model.json"))["graph_module"]
    graph, signature = said["graph"], said["signature"]
    weights: dict[str, Tensor] = {}
    for kind in ("weights", "constants"):
        config = json.loads(content(f"data/{kind}/model_{kind}_config.json"))["config"]
        for name, payload in config.items():
            weights[name] = _tensor(payload, lambda part, kind=kind: content(f"data/{kind}/{part}"))
    constants: dict[str, Tensor] = {}
    inputs: list[str] = []
    for spec in signature["input_specs"]:
        ((kind, what),) = spec.items()
        match kind:
            case "user_input":
                inputs.append(what["arg"]["as_tensor"]["name"])
            case "parameter" | "buffer" | "tensor_constant":
                name = what[f"{kind}_name"]
                constants[what["arg"]["name"]] = weights[name]
            case _:
                raise _Unusable(f"an input of the kind {kind}")
    if len(inputs) != 1:
        raise _Unusable(f"{len(inputs)} inputs instead of one batch of images")
    answers = [
        spec["user_output"]["arg"]["as_tensor"]["name"]
        for spec in signature["output_specs"]
        if "as_tensor" in spec.get("user_output", {}).get("arg", {})
    ]
    nodes = [
        _Node(each)
        for each in graph["nodes"]
        if not each["target"].rpartition("aten.")[2].startswith(_CHECKS)
    ]
    first = graph["tensor_values"][inputs[0]]["sizes"][0]
    module = _Graph(nodes, constants, images=inputs[0], answers=answers)
    return module, int(first.get("as_int", 1))


def _tensor(payload: Mapping[str, Any], content: Any) -> Tensor:
    if payload["use_pickle"]:
        raise _Unusable("pickled tensors")
    meta = payload["tensor_meta"]
    sizes, strides = ([each["as_int"] for each in meta[key]] for key in ("sizes", "strides"))
    data = content(payload["path_name"])
    dtype = _TYPES[meta["dtype"]]
    if not math.prod(sizes):
        return torch.zeros(sizes, dtype=dtype)
    flat = torch.frombuffer(bytearray(data), dtype=dtype)
    return flat.as_strided(sizes, strides, meta["storage_offset"]["as_int"]).clone()
