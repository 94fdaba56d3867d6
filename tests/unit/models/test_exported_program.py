"""torch's own loader would run what these files bring along; here it is refused or never read."""

import io
import json
import os
import pickle
import zipfile

import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.models.exported_program import script_of_exported
from kpstudio.models.foreign import import_program


def opened(path):
    return script_of_exported(path, channels=3, size=(16, 8))


class Halver(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 2, 3, padding=1, stride=2)

    def forward(self, images):
        return torch.nn.functional.interpolate(self.conv(images), scale_factor=0.5)


class Malicious:
    """Opens a file for writing as soon as it is unpickled."""

    def __init__(self, path):
        self._path = path

    def __reduce__(self):
        return open, (str(self._path), "w")


@pytest.fixture
def trap(tmp_path):
    return tmp_path / "was run"


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "halver.pt2"
    batch = torch.export.Dim("batch")
    exported = torch.export.export(
        Halver().eval(), (torch.rand(2, 3, 8, 16),), dynamic_shapes={"images": {0: batch}}
    )
    torch.export.save(exported, path)
    return path


def rewrite(path, change):
    """The archive with some members changed; `change` gets and gives them by name."""
    with zipfile.ZipFile(path) as file:
        members = {name.partition("/")[2]: file.read(name) for name in file.namelist()}
    members = change(members) or members
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(f"halver/{name}", content)


def change_graph(path, change):
    def of_members(members):
        said = json.loads(members["models/model.json"])
        change(said)
        members["models/model.json"] = json.dumps(said).encode()

    rewrite(path, of_members)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_an_exported_program_becomes_torchscript_for_one_image_at_a_time(program):
    script, batch = opened(program)
    assert batch == 1
    loaded = torch.jit.load(io.BytesIO(bytes(script.numpy())))
    images = torch.rand(1, 3, 8, 16)
    assert torch.allclose(loaded(images)[0], torch.export.load(program).module()(images))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_program_for_batches_of_three_predicts_any_number_of_images(tmp_path):
    network = Halver().eval()
    path = tmp_path / "three.pt2"
    torch.export.save(torch.export.export(network, (torch.rand(3, 3, 8, 16),)), path)
    description = tmp_path / "three.pt2.json"
    description.write_text('{"size": [16, 8], "keypoints": ["a", "b"]}')
    checkpoint = import_program(path, description)
    assert checkpoint.info.program.batch == 3
    with torch.inference_mode():
        for count in (1, 3, 5):
            images = torch.rand(count, 3, 8, 16)
            assert torch.allclose(checkpoint.build()(images), network(images), atol=1e-6)


def test_functions_that_are_no_tensor_operations_are_refused(program, trap):
    for target in ("torch.os.system", "torch.ops.aten.from_file.default", "math.os", "torch.save"):

        def change(said, target=target):
            node = said["graph_module"]["graph"]["nodes"][0]
            node["target"] = target
            node["inputs"] = [{"name": "command", "arg": {"as_string": f"touch {trap}"}, "kind": 1}]

        change_graph(program, change)
        with pytest.raises(UserProblem, match="stays closed"):
            opened(program)
    assert not trap.exists()


def assert_opens_as_before(path, trap):
    """The program reckons as it did, and nothing else has happened."""
    script, _ = opened(path)
    loaded = torch.jit.load(io.BytesIO(bytes(script.numpy())))
    assert loaded(torch.rand(1, 3, 8, 16))[0].shape == (1, 2, 2, 4)
    assert not trap.exists()


def everywhere(value, key, change):
    """Change each object that has that key."""
    if isinstance(value, dict):
        if key in value:
            change(value)
        for each in value.values():
            everywhere(each, key, change)
    elif isinstance(value, list):
        for each in value:
            everywhere(each, key, change)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_expressions_and_guards_are_not_read(program, trap):
    code = f"__import__('pathlib').Path({str(trap)!r}).touch()"

    def change(said):
        everywhere(said, "expr_str", lambda each: each.update(expr_str=code))
        said["guards_code"] = [f"{code} is None"]
        said["range_constraints"] = {code: {"min_val": 0, "max_val": 9}}
        spec = [
            1,
            {"type": "collections.defaultdict", "context": '{"default_factory_module": "os"}'},
        ]
        said["graph_module"]["module_call_graph"][0]["signature"]["in_spec"] = json.dumps(spec)

    change_graph(program, change)
    assert_opens_as_before(program, trap)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_names_that_mean_something_to_others_are_only_names(program, trap):
    def change(members):
        text = members["models/model.json"].decode()
        members["models/model.json"] = text.replace('"conv2d"', '"metadata"').encode()

    rewrite(program, change)
    assert_opens_as_before(program, trap)


def test_a_member_that_is_there_twice_is_refused(program):
    with zipfile.ZipFile(program, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("halver/models/model.json", b"{}")
    with pytest.raises(UserProblem, match="stays closed"):
        opened(program)


@pytest.mark.parametrize("kind", ["weights", "constants"])
def test_pickled_weights_are_refused(program, trap, kind):
    def change(members):
        name = f"data/{kind}/model_{kind}_config.json"
        said = json.loads(members[name])
        payload = json.loads(members["data/weights/model_weights_config.json"])["config"]
        entry = {**next(iter(payload.values())), "use_pickle": True, "path_name": "weight_0"}
        said["config"]["conv.weight"] = entry
        members[name] = json.dumps(said).encode()
        members[f"data/{kind}/weight_0"] = pickle.dumps(Malicious(trap))

    rewrite(program, change)
    with pytest.raises(UserProblem, match="stays closed"):
        opened(program)
    assert not trap.exists()


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_examples_and_members_of_other_kinds_are_not_read(program, trap):
    buffer = io.BytesIO()
    torch.save(((Malicious(trap),), {}), buffer)
    others = {
        "data/sample_inputs/model.pt": buffer.getvalue(),
        "data/aotinductor/model/x.so": b"anything",
        "data/constants/custom_obj_0": pickle.dumps(Malicious(trap)),
        "extra/x.py": b"anything",
    }
    rewrite(program, lambda members: {**members, **others})
    assert_opens_as_before(program, trap)


def test_texts_that_could_name_files_and_other_arguments_are_refused(program):
    for argument in ({"as_string": "/etc/passwd"}, {"as_custom_obj": {"name": "x"}}):

        def change(said, argument=argument):
            node = said["graph_module"]["graph"]["nodes"][0]
            node["inputs"].append({"name": "dilation", "arg": argument, "kind": 1})

        change_graph(program, change)
        with pytest.raises(UserProblem, match=r"stays closed|cannot take images"):
            opened(program)


def test_damaged_files_and_other_programs_are_refused(program, tmp_path):
    whole = program.read_bytes()
    for count, content in enumerate((b"", b"PK\x03\x04", whole[: len(whole) // 2], os.urandom(99))):
        path = tmp_path / f"{count}.pt2"
        path.write_bytes(content)
        with pytest.raises(UserProblem, match="damaged"):
            opened(path)
    with pytest.raises(UserProblem, match="no file"):
        opened(tmp_path / "missing.pt2")
    rewrite(program, lambda members: {k: v for k, v in members.items() if "models" not in k})
    with pytest.raises(UserProblem, match="damaged"):
        opened(program)
    exported = torch.export.export(torch.nn.Linear(3, 2), (torch.rand(1, 3),))
    torch.export.save(exported, tmp_path / "linear.pt2")
    with pytest.raises(UserProblem, match="cannot take images"):
        opened(tmp_path / "linear.pt2")
