import io
import zipfile

import pytest
import torch

from kpstudio.core.errors import UserProblem
from kpstudio.models.archive import check_growth, check_script
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
    for open_it in (read_weights, lambda path: check_growth(path.read_bytes(), path.name)):
        with pytest.raises(UserProblem, match=r"bomb.pth would grow from 0 to 256 MB"):
            open_it(bomb)


def test_real_weights_and_files_of_other_kinds_pass(tmp_path):
    torch.save({"weight": torch.zeros(3000, 1000)}, tmp_path / "zeros.pth")
    check_growth(tmp_path / "zeros.pth", "zeros.pth")
    assert read_weights(tmp_path / "zeros.pth")["weight"].shape == (3000, 1000)
    check_growth(b"no archive at all", "x")
    damaged = (tmp_path / "zeros.pth").read_bytes()[:-40]
    check_growth(damaged, "damaged")
    check_script(damaged, "damaged")


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_script_that_writes_files_stays_closed(tmp_path):
    class Writer(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return torch.from_file("/etc/hostname", False, 4) + images

    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(Writer()), buffer)
    with pytest.raises(UserProblem, match="reads or writes files"):
        check_script(buffer.getvalue(), "The program")
