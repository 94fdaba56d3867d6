import pickle
import warnings

import pytest
import safetensors.torch
import torch
from torch import nn

from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.models.architectures import FaceHourglass, SimpleBaseline, UNetSmall
from kpstudio.models.checkpoint import Checkpoint
from kpstudio.models.foreign import import_program, import_weights
from kpstudio.models.published_weights import fit_weights, read_weights


@pytest.fixture
def weights():
    torch.manual_seed(0)
    return UNetSmall(keypoints=5).state_dict()


@pytest.mark.parametrize("prefix", ["", "module.", "module.model."])
@pytest.mark.parametrize("container", [None, "state_dict", "model"])
def test_containers_and_prefixes_are_understood(tmp_path, weights, prefix, container):
    content = {prefix + name: each for name, each in weights.items()}
    path = tmp_path / "weights.pth"
    torch.save({container: content, "epoch": 3} if container else content, path)
    read = read_weights(path)
    assert read.keys() == weights.keys()
    assert fit_weights("unet_small", read).keypoints == 5


def test_safetensors_are_read(tmp_path, weights):
    path = tmp_path / "weights.safetensors"
    safetensors.torch.save_file(weights, path)
    assert fit_weights("unet_small", read_weights(path)).keypoints == 5


@pytest.mark.parametrize("keypoints", [1, 2, 19])
def test_the_number_of_keypoints_is_told_by_the_shapes(keypoints):
    state = SimpleBaseline(keypoints=keypoints, depth=18).state_dict()
    assert fit_weights("simple_baseline_resnet18", state).keypoints == keypoints


@pytest.mark.thorough
def test_weights_of_another_network_say_what_is_wrong_and_what_fits(weights):
    other = FaceHourglass(keypoints=7).state_dict()
    with pytest.raises(UserProblem) as caught:
        fit_weights("unet_small", other)
    assert "missing" in caught.value.message
    assert "left over (_KFSGNet" in caught.value.message
    assert caught.value.hint.startswith("face_hourglass fits best: 100%")


def test_a_missing_weight_is_named(weights):
    gone = next(name for name in weights if name.endswith("weight"))
    rest = {name: each for name, each in weights.items() if name != gone}
    with pytest.raises(UserProblem) as caught:
        fit_weights("unet_small", rest)
    assert f"1 are missing ({gone})" in caught.value.message


class Malicious:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


def test_a_file_that_would_run_code_stays_closed(tmp_path, weights):
    path = tmp_path / "model.pth"
    torch.save({"state_dict": weights, "more": Malicious()}, path)
    with pytest.raises(UserProblem, match="could run code"):
        read_weights(path)
    path.write_bytes(pickle.dumps(Malicious()))
    with pytest.raises(UserProblem):
        read_weights(path)


def test_damaged_empty_and_missing_files_are_refused(tmp_path, weights):
    whole = tmp_path / "whole.pth"
    torch.save(weights, whole)
    for name, content in {
        "cut.pth": whole.read_bytes()[:2000],
        "empty.pth": b"",
        "text.pth": b"not weights at all",
        "lies.safetensors": (2**40).to_bytes(8, "little") + b"{}",
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserProblem):
            read_weights(tmp_path / name)
    with pytest.raises(UserProblem, match="no file"):
        read_weights(tmp_path / "nothing.pth")
    torch.save({"epoch": 3}, whole)
    with pytest.raises(UserProblem, match="no weights"):
        read_weights(whole)


def test_a_skeleton_of_another_size_and_a_wrong_input_are_refused(tmp_path, weights):
    path = tmp_path / "weights.pth"
    torch.save(weights, path)
    with pytest.raises(UserProblem, match="for 5 keypoints"):
        import_weights(path, "unet_small", skeleton=Skeleton("pair", ("a", "b")))
    with pytest.raises(UserProblem, match="100 x 96"):
        import_weights(path, "unet_small", size=(100, 96))
    with pytest.raises(UserProblem, match="not a published"):
        import_weights(path, "efficientnet_lite0")


class Doubler(nn.Module):
    def forward(self, images):
        maps = images.mean(1, keepdim=True).repeat(1, 3, 1, 1)
        return maps[:, :, ::2, ::2], maps.mean((2, 3))


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(Doubler(), torch.zeros(1, 3, 8, 8)).save(str(path))
    return path


def describe(path, text):
    path.write_text(text)
    return path


def test_a_program_becomes_a_checkpoint_that_holds_it(program, tmp_path):
    said = describe(
        tmp_path / "about.json",
        '{"size": [12, 8], "keypoints": ["a", "b"], "edges": [["a", "b"]], "is_logits": true}',
    )
    checkpoint = import_program(program, said)
    program.unlink()
    network = checkpoint.build()
    images = network.look_format.of_normalised(torch.zeros(2, 3, 8, 12))
    maps = network(images)
    # Grey of 0.5 as a logit; the second output has no cells, so the first one holds the maps.
    assert maps.shape == (2, 2, 4, 6)
    assert torch.allclose(maps, torch.tensor(0.5).sigmoid().expand_as(maps))
    assert checkpoint.info.skeleton.edges == ((0, 1),)
    with pytest.raises(UserProblem, match="cannot be trained"):
        network.learning_parts()


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "{}",
        '{"size": [8, 8], "keypoints": ["a"], "sizes": 3}',
        '{"size": [8, 8], "keypoints": ["a", "b"], "edges": [["a", "c"]]}',
    ],
)
def test_a_description_that_makes_no_sense_is_refused(program, tmp_path, text):
    with pytest.raises(UserProblem, match="describe"):
        import_program(program, describe(tmp_path / "about.json", text))


def test_a_program_without_such_heatmaps_says_what_it_gives(program, tmp_path):
    said = describe(tmp_path / "about.json", '{"size": [8, 8], "keypoints": ["a", "b", "c", "d"]}')
    with pytest.raises(UserProblem, match=r"\(1, 3, 4, 4\)"):
        import_program(program, said)


def test_a_file_that_is_no_program_is_refused(tmp_path):
    path = tmp_path / "no.pt"
    path.write_bytes(b"no program")
    said = describe(tmp_path / "about.json", '{"size": [8, 8], "keypoints": ["a"]}')
    with pytest.raises(UserProblem, match="TorchScript"):
        import_program(path, said)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('"size": [0, 8]', "size"),
        ('"size": [8, 1e9]', "size"),
        ('"size": [8, 8], "output": -1', "output"),
        ('"size": [8, 8], "head": {"loss": "dsnt", "sigma": -1}', "sigma"),
        ('"size": [8, 8], "input": {"channels": "rgb", "mean": [0], "deviation": [1]}', "3 values"),
        (
            '"size": [8, 8], "input": {"channels": "grey", "mean": [0], "deviation": [0]}',
            "deviations",
        ),
        ('"size": [8, 8], "head": {"loss": "unknown"}', "loss"),
    ],
)
def test_descriptions_that_mean_nothing_are_refused(program, tmp_path, text, what):
    said = describe(tmp_path / "about.json", '{"keypoints": ["a"], ' + text + "}")
    with pytest.raises(UserProblem, match="does not describe a program") as caught:
        import_program(program, said)
    assert what in caught.value.message


def test_a_checkpoint_without_its_program_is_refused(program, tmp_path):
    said = describe(tmp_path / "about.json", '{"size": [8, 8], "keypoints": ["a", "b"]}')
    whole = import_program(program, said)
    for weights in ({}, {"program": torch.zeros(3)}):
        with pytest.raises(UserProblem, match="should hold a program"):
            Checkpoint(whole.info, weights).build()


def test_an_empty_program_is_refused(tmp_path):
    (tmp_path / "empty.pt").write_bytes(b"")
    said = describe(tmp_path / "about.json", '{"size": [8, 8], "keypoints": ["a"]}')
    with pytest.raises(UserProblem, match="empty"):
        import_program(tmp_path / "empty.pt", said)
