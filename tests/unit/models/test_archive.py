import io
import zipfile

import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.models.archive import check_growth, safe_script
from kpstudio.models.published_weights import read_weights


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_an_archive_that_would_fill_the_memory_stays_closed(tmp_path):
    bomb = archive(
        tmp_path / "bomb.pth", {"archive/data.pkl": b"", "archive/data/0": bytes(1 << 28)}
    )
    assert bomb.stat().st_size < 1 << 20
    for open_it in (read_weights, lambda path: safe_script(path.read_bytes(), path.name)):
        with pytest.raises(UserProblem, match=r"bomb.pth has 0 MB and would grow to 256 MB"):
            open_it(bomb)


def test_real_weights_and_files_of_other_kinds_pass(tmp_path):
    torch.save({"weight": torch.zeros(3000, 1000)}, tmp_path / "zeros.pth")
    check_growth(tmp_path / "zeros.pth")
    assert read_weights(tmp_path / "zeros.pth")["weight"].shape == (3000, 1000)
    (tmp_path / "none.pth").write_bytes(b"no archive at all")
    check_growth(tmp_path / "none.pth")


@pytest.mark.parametrize("trick", ["twice", "other case", "before"])
def test_an_archive_that_other_readers_see_in_another_way_stays_closed(tmp_path, trick):
    path = tmp_path / "odd.pth"
    torch.save({"weight": torch.zeros(3)}, path)
    with zipfile.ZipFile(path, "a") as file:
        if trick == "other case":
            file.writestr("odd/DATA.PKL", b"")
        elif trick == "twice":
            with pytest.warns(UserWarning, match="Duplicate"):
                file.writestr("odd/data.pkl", b"")
    if trick == "before":
        path.write_bytes(b"something" + path.read_bytes())
    for open_it in (read_weights, lambda path: safe_script(path.read_bytes(), path.name)):
        with pytest.raises(UserProblem, match="hides what is in it"):
            open_it(path)


class Doubler(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return 2 * self.parts(images)


def saved(module, change=lambda name, content: (name, content)):
    """A TorchScript file with some members changed."""
    buffer, changed = io.BytesIO(), io.BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    with zipfile.ZipFile(buffer) as file, zipfile.ZipFile(changed, "w") as other:
        for name in file.namelist():
            new = change(name, file.read(name))
            if new is not None:
                other.writestr(*new)
    return changed.getvalue()


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_plain_script_is_the_same_afterwards():
    images = torch.rand(2, 3, 9, 9)
    module = Doubler()
    safe = safe_script(saved(module), "The program")
    assert torch.equal(torch.jit.load(io.BytesIO(safe))(images), module(images))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize(
    "line",
    [
        'torch.save(images, "x")',
        'f = torch.save\n    f(images, "x")',
        '(ops.aten.save)(images, "x")',
        'torch.save\\\n    (images, "x")',
        'getattr(torch, "s\\141ve")(images, "x")',
        'torch.from_file("/etc/hostname", False, 4)',
        "ops.profiler._record_function_enter()",
        "\N{FULLWIDTH LATIN SMALL LETTER S}ave",
    ],
)
def test_a_script_that_could_touch_files_stays_closed(line):
    def change(name, content):
        if name.endswith("test_archive.py") or b"def forward" in content:
            content = content.replace(b"return", f"{line}\n    return".encode())
        return name, content

    program = saved(Doubler(), change)
    with pytest.raises(UserProblem, match="read or write files"):
        safe_script(program, "The program")


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_code_under_a_name_that_only_torch_reads_is_left_out():
    program = saved(Doubler(), lambda name, content: (name.replace(".py", ".PY"), content))
    safe = safe_script(program, "The program")
    with pytest.raises(RuntimeError):
        torch.jit.load(io.BytesIO(safe))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 but cut off"])
def test_what_is_no_script_is_refused(content):
    with pytest.raises(UserProblem, match="no TorchScript program"):
        safe_script(content, "The program")
