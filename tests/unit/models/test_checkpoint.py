import msgspec
import pytest
import safetensors.torch
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.models.checkpoint import (
    CheckpointInfo,
    load_checkpoint,
    mark_best_decoder,
    save_checkpoint,
)
from kpstudio.models.framing import Framing
from kpstudio.models.networks import make_network

SKELETON = Skeleton("pair", ("head", "left", "right"), flip_pairs=((1, 2),))
FRAMING = Framing(
    find_size=(96, 64),
    look_size=(128, 128),
    subject_size=53.0,
    find_subject_size=19.0,
    margin=1.6,
    is_upright=False,
    is_fixed_size=True,
)


@pytest.fixture(scope="module")
def network():
    return make_network("efficientnet_lite0", {}).build(3, is_pretrained=False).eval()


@pytest.fixture
def saved(tmp_path, network):
    info = CheckpointInfo(
        network="efficientnet_lite0",
        skeleton=SKELETON,
        framing=FRAMING,
        best_decoder="dsnt",
        metrics={"median_px": 3.1},
    )
    path = tmp_path / "runs" / "model.safetensors"
    save_checkpoint(path, network, info)
    return path, info


def rewrite(path, **changes):
    tensors = safetensors.torch.load_file(path)
    with safetensors.safe_open(path, framework="pt") as file:
        fields = msgspec.json.decode(file.metadata()["kpstudio"])
    text = msgspec.json.encode({**fields, **changes}).decode()
    safetensors.torch.save_file(tensors, path, {"kpstudio": text})


def test_a_checkpoint_comes_back_as_it_was(saved, network):
    path, info = saved
    loaded = load_checkpoint(path, skeleton=SKELETON)
    assert loaded.info == info
    images = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(loaded.build().eval()(images), network(images))


def test_writing_leaves_one_file_and_no_temporary_one(saved):
    path, _ = saved
    assert [each.name for each in path.parent.iterdir()] == ["model.safetensors"]


def test_a_failed_write_leaves_the_old_checkpoint(saved, network, monkeypatch):
    path, info = saved
    before = path.read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kpstudio.core.atomic_file.os.fsync", full)
    with pytest.raises(UserProblem, match="No space left"):
        save_checkpoint(path, network, info)
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1


def test_another_decoder_is_marked_and_nothing_else(saved):
    path, info = saved
    before = safetensors.torch.load_file(path)
    assert mark_best_decoder(path, "dark")
    written = path.read_bytes()
    assert not mark_best_decoder(path, "dark")
    assert path.read_bytes() == written
    after = load_checkpoint(path)
    assert after.info == msgspec.structs.replace(info, best_decoder="dark")
    assert all(torch.equal(before[name], each) for name, each in after.weights.items())
    assert [each.name for each in path.parent.iterdir()] == ["model.safetensors"]


def test_a_checkpoint_of_other_keypoints_is_refused(saved):
    path, _ = saved
    with pytest.raises(UserProblem, match="head, left, right"):
        load_checkpoint(path, skeleton=Skeleton("other", ("snout",)))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UserProblem, match="no checkpoint"):
        load_checkpoint(tmp_path / "none.safetensors")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x04pickle", b"\xff" * 64])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserProblem, match="not a checkpoint"):
        load_checkpoint(path)


def test_a_truncated_checkpoint_is_refused(saved):
    path, _ = saved
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(UserProblem, match="damaged"):
        load_checkpoint(path)


def test_weights_of_something_else_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    safetensors.torch.save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(UserProblem, match="not of a model"):
        load_checkpoint(path)


def test_a_checkpoint_of_a_newer_kpstudio_is_refused(saved):
    path, _ = saved
    rewrite(path, format=99, shape="unknown")
    with pytest.raises(UserProblem, match="newer"):
        load_checkpoint(path)


def test_a_description_that_cannot_be_read_is_refused(saved):
    path, _ = saved
    rewrite(path, framing=7)
    with pytest.raises(UserProblem, match="cannot be read"):
        load_checkpoint(path)


def test_weights_that_do_not_fit_the_description_are_refused(saved):
    path, _ = saved
    other = {"name": "one", "keypoints": ["only"]}
    rewrite(path, skeleton=other)
    with pytest.raises(UserProblem, match="not those of"):
        load_checkpoint(path).build()
