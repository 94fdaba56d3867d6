"""torch.export's own loader would run each of these; here none gets so far."""

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
    script, batch = script_of_exported(program)
    assert batch == 1
    loaded = torch.jit.load(io.BytesIO(bytes(script.numpy())))
    images = torch.rand(1, 3, 8, 16)
    assert torch.allclose(loaded(images), torch.export.load(program).module()(images))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_program_for_batches_of_three_predicts_any_number_of_images(tmp_path):
    network = Halver().eval()
    path = tmp_path / "three.pt2"
    torch.export.save(torch.export.export(network, (torch.rand(3, 3, 8, 16),)), path)
    description = tmp_path / "three.pt2.json"
    description.write_text('{"size": [16, 8], "keypoints": ["a", "b"]}')
    opened = import_program(path, description)
    assert opened.info.program.batch == 3
    with torch.inference_mode():
        for count in (1, 3, 5):
            images = torch.rand(count, 3, 8, 16)
            assert torch.allclose(opened.build()(images), network(images), atol=1e-6)


def test_functions_that_are_no_tensor_operations_are_refused(program, trap):
    for target in ("torch.os.system", "torch.ops.aten.from_file.default", "math.os", "torch.save"):

        def change(said, target=target):
            node = said["graph_module"]["graph"]["nodes"][0]
            node["target"] = target
            node["inputs"] = [{"name": "command", "arg": {"as_string": f"touch {trap}"}, "kind": 1}]

        change_graph(program, change)
        with pytest.raises(UserProblem, match="could run code"):
            script_of_exported(program)
    assert not trap.exists()


@pytest.mark.parametrize(
    "expression", ["__import__('os').getcwd()", "s0.__class__", "9**9**9**9", "open('x', 'w')"]
)
def test_expressions_that_do_more_than_reckon_are_refused(program, expression):
    def change(said):
        found = []

        def walk(value):
            if isinstance(value, dict):
                if "expr_str" in value:
                    value["expr_str"] = expression
                    found.append(value)
                for each in value.values():
                    walk(each)
            elif isinstance(value, list):
                for each in value:
                    walk(each)

        walk(said)
        assert found

    change_graph(program, change)
    with pytest.raises(UserProblem, match="could run code"):
        script_of_exported(program)


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
    with pytest.raises(UserProblem, match="could run code"):
        script_of_exported(program)
    assert not trap.exists()


def test_examples_that_would_run_code_are_refused(program, trap):
    buffer = io.BytesIO()
    torch.save(((Malicious(trap),), {}), buffer)

    def change(members):
        members["data/sample_inputs/model.pt"] = buffer.getvalue()

    rewrite(program, change)
    with pytest.raises(UserProblem, match="could run code"):
        script_of_exported(program)
    assert not trap.exists()


@pytest.mark.parametrize(
    "member", ["data/aotinductor/model/x.so", "data/constants/custom_obj_0", "extra/x.py"]
)
def test_members_of_other_kinds_are_refused(program, member):
    rewrite(program, lambda members: {**members, member: b"anything"})
    with pytest.raises(UserProblem, match="could run code"):
        script_of_exported(program)


def test_containers_that_import_modules_are_refused(program):
    def change(said):
        spec = [
            1,
            {
                "type": "collections.defaultdict",
                "context": '{"default_factory_module": "os", "default_factory_name": "getcwd"}',
                "children_spec": [],
            },
        ]
        signature = said["graph_module"]["module_call_graph"][0]["signature"]
        signature["in_spec"] = json.dumps(spec)

    change_graph(program, change)
    with pytest.raises(UserProblem, match="could run code"):
        script_of_exported(program)


def test_damaged_files_and_other_programs_are_refused(program, tmp_path):
    whole = program.read_bytes()
    for count, content in enumerate((b"", b"PK\x03\x04", whole[: len(whole) // 2], os.urandom(99))):
        path = tmp_path / f"{count}.pt2"
        path.write_bytes(content)
        with pytest.raises(UserProblem, match="damaged"):
            script_of_exported(path)
    with pytest.raises(UserProblem, match="no file"):
        script_of_exported(tmp_path / "missing.pt2")
    rewrite(program, lambda members: {k: v for k, v in members.items() if "models" not in k})
    with pytest.raises(UserProblem, match="damaged"):
        script_of_exported(program)
    exported = torch.export.export(torch.nn.Linear(3, 2), (torch.rand(1, 3),))
    torch.export.save(exported, tmp_path / "linear.pt2")
    with pytest.raises(UserProblem, match="batch of images"):
        script_of_exported(tmp_path / "linear.pt2")
