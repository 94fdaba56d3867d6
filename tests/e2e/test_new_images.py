"""Images that appear in a folder that was imported before."""

import shutil

import pytest

from kpstudio.__main__ import main


@pytest.fixture
def folder(frames, tmp_path):
    folder = tmp_path / "night"
    folder.mkdir()
    for path in sorted(frames.rglob("*.png"))[:5]:
        shutil.copy(path, folder)
    return folder


def test_they_are_found_on_request(mice, folder, frames, answer, capsys):
    assert main(["import", mice]) == 1
    assert "No folder of images was imported" in capsys.readouterr().err
    assert answer("import", mice, folder, "--json")["images"] == 5
    assert answer("import", mice, "--json") == {"images": 0, "missing_folders": []}
    shutil.copy(sorted(frames.rglob("*.png"))[7], folder / "deeper.png")
    assert answer("import", mice, "--json")["images"] == 1
    shutil.rmtree(folder)
    assert answer("import", mice, "--json") == {"images": 0, "missing_folders": [str(folder)]}
