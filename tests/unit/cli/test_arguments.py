import subprocess
import sys
from pathlib import Path

import pytest

from kpstudio.cli.arguments import run_command
from kpstudio.cli.commands import COMMANDS
from kpstudio.cli.window_request import WindowRequest
from kpstudio.core.errors import UserProblem


@pytest.fixture
def project(tmp_path) -> Path:
    path = tmp_path / "mice.kps"
    path.write_bytes(b"")
    return path


def test_no_word_at_all_opens_the_window():
    assert run_command([]) == WindowRequest()


def test_a_project_is_opened_in_the_window(project):
    assert run_command([str(project)]) == WindowRequest(project)


@pytest.mark.parametrize("project_first", [True, False])
def test_a_picture_of_the_window_may_be_asked_for_before_or_after(project, project_first):
    words = ["--screenshot", "out.png"]
    words = [str(project), *words] if project_first else [*words, str(project)]
    assert run_command(words) == WindowRequest(project, Path("out.png"))


def test_a_picture_of_the_window_without_a_project():
    assert run_command(["--screenshot", "out.png"]) == WindowRequest(None, Path("out.png"))


def test_a_project_called_like_a_command_is_opened_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("train").write_bytes(b"")
    assert run_command(["./train"]) == WindowRequest(Path("train"))


def test_a_project_that_is_not_there_is_a_problem(tmp_path):
    with pytest.raises(UserProblem, match="no project"):
        run_command([str(tmp_path / "mice.kps")])


@pytest.mark.parametrize(
    ("word", "nearest"), [("demp", "demo"), ("exprot", "export"), ("evalute", "evaluate")]
)
def test_a_mistyped_command_is_recognised(capsys, word, nearest):
    assert run_command([word]) == 2
    assert f"kpstudio {nearest}" in capsys.readouterr().err


def test_the_version_and_the_help_are_results(capsys):
    assert run_command(["--version"]) == 0
    assert capsys.readouterr().out.startswith("kpstudio ")
    assert run_command(["--help"]) == 0
    assert "evaluate" in capsys.readouterr().out


def test_two_lengths_of_a_training_are_a_usage_error(capsys):
    assert run_command(["train", "a.kps", "--steps", "3", "--minutes", "1"]) == 2
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself(capsys, command):
    assert run_command([command.name, "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith(f"usage: kpstudio {command.name} ")
    assert f"{command.help[1:]}." in told


def test_the_words_are_known_without_anything_that_is_slow_to_load():
    code = (
        "import sys, kpstudio.cli.arguments\n"
        "print([m for m in ('sqlalchemy', 'cv2', 'torch', 'PySide6') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
