import json

import pytest
from studio_fixtures import open_studio, project, studio

from kpstudio.__main__ import main
from kpstudio.core.resources import resource_path

__all__ = ["open_studio", "project", "studio"]

MOUSE = resource_path("skeletons", "mouse4.json")


@pytest.fixture
def mice(frames, tmp_path, capsys) -> str:
    """A project with those frames."""
    path = str(tmp_path / "mice.kps")
    assert main(["new", path, "--skeleton", str(MOUSE)]) == 0
    assert main(["import", path, str(frames)]) == 0
    capsys.readouterr()
    return path


@pytest.fixture
def answer(capsys):
    """What a command that succeeds says to a program."""

    def run(*words):
        capsys.readouterr()
        assert main(list(map(str, words))) == 0
        return json.loads(capsys.readouterr().out)

    return run
