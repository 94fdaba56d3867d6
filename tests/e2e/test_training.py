"""Trainings that are killed and go on, that share their work, and what they are shown."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kpstudio.__main__ import main
from kpstudio.imaging.read import read_image
from kpstudio.store.project import Project

# A training keeps its state every twenty seconds: here at every step.
IMPATIENT = """
import sys
from kpstudio.training import course
course._SAVE_EVERY_S = course._SAVING_SHARE = 0.0
from kpstudio.__main__ import main
main(sys.argv[1:])
"""


def command(*words, processes=1):
    launcher = []
    if processes > 1:
        launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
    return [sys.executable, *launcher, "-m", "kpstudio", *map(str, words)]


def environment():
    # Both sides of a comparison add up their numbers in the same order.
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def events(text, kind="TrainingStep"):
    lines = (json.loads(line) for line in text.splitlines() if line.startswith("{"))
    return [each for each in lines if each["type"] == kind]


def run(*words, processes=1):
    ended = subprocess.run(
        command(*words, processes=processes),
        capture_output=True,
        text=True,
        timeout=200,
        env=environment(),
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def losses(text):
    return {each["step"]: each["loss"] for each in events(text)}


def test_a_training_that_was_killed_goes_on(mice, answer):
    words = ("train", mice, "--steps", 900, "--input-size", 64, "--max-labels", 3, "--events")
    impatient = [sys.executable, "-c", IMPATIENT, *map(str, words)]
    with subprocess.Popen(impatient, stdout=subprocess.PIPE, env=environment()) as child:
        kept = Path(mice).parent / "mice.runs" / "1" / "last.safetensors"
        give_up = time.monotonic() + 150
        while not kept.exists() and time.monotonic() < give_up:
            time.sleep(0.05)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    assert child.returncode == -signal.SIGKILL
    with subprocess.Popen(
        command("train", mice, "--resume", "--events"), stdout=subprocess.PIPE, env=environment()
    ) as child:
        first = json.loads(child.stdout.readline())
        while first["type"] != "TrainingStep":
            first = json.loads(child.stdout.readline())
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=100)
    assert child.returncode == 0
    assert first["step"] > 1, "it did not begin anew"
    with Project.open(Path(mice)) as project:
        (stopped,) = project.runs.all()
        assert (stopped.state, stopped.steps >= first["step"]) == ("stopped", True)
    shown = answer("evaluate", mice, "--json")
    assert shown["run"] == 1


def test_nothing_to_go_on_with_is_said(mice, capsys):
    assert main(["train", mice, "--resume"]) == 1
    assert "was broken off" in capsys.readouterr().err
    assert main(["train", mice, "--resume", "7"]) == 1
    assert "no run 7" in capsys.readouterr().err
    assert main(["train", mice, "--resume", "--steps", "9"]) == 1
    assert "as it was started" in capsys.readouterr().err


def test_two_processes_learn_what_one_learns(mice, tmp_path):
    assert main(["split", mice, "--val", "0.25"]) == 0
    words = ("--steps", 4, "--batch", 8, "--input-size", 64, "--max-labels", 5, "--events")
    alone = losses(run("train", mice, *words))
    together = losses(run("train", mice, *words, processes=2))
    shared = sorted(set(alone) & set(together))
    assert len(shared) >= 2
    assert shared[-1] == 4
    for step in shared:
        assert together[step] == pytest.approx(alone[step], rel=1e-4)
    with Project.open(Path(mice)) as project:
        assert [each.state for each in project.runs.all()] == ["finished", "finished"]


@pytest.mark.thorough
def test_two_processes_end_together_when_there_is_nothing_to_do(mice, tmp_path):
    ended = subprocess.run(
        command("train", tmp_path / "nowhere.kps", "--steps", 1, processes=2),
        capture_output=True,
        text=True,
        timeout=100,
        env=environment(),
        check=False,
    )
    assert ended.returncode != 0
    assert "nowhere.kps" in ended.stderr


def test_a_project_keeps_its_augmentation_and_shows_it(mice, answer, tmp_path, capsys):
    assert answer("augmentation", mice, "--json")["preset"] == "automatic"
    chosen = answer("augmentation", mice, "--preset", "face", "--set", "rotation=12", "--json")
    assert chosen["changes"] == {"rotation": 12.0}
    assert chosen["values"]["rotation"] == 12.0
    again = answer("augmentation", mice, "--set", "blur=0.5", "--json")
    assert again["changes"] == {"rotation": 12.0, "blur": 0.5}
    sheet = tmp_path / "sheet.png"
    assert main(["augmentation", mice, "--preview", str(sheet)]) == 0
    pixels = read_image(sheet)
    assert pixels.shape[1] > 500
    assert np.std(pixels) > 20
    assert main(["train", mice, "--steps", "1", "--input-size", "64", "--max-labels", "2"]) == 0
    with Project.open(Path(mice)) as project:
        (trained,) = project.runs.all()
    assert trained.settings["augmentation"]["preset"] == "face"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--set", "rotation"), "NAME=VALUE"),
        (("--set", "rotation=much"), "NAME=VALUE"),
        (("--set", "rotation=999"), "range"),
        (("--set", "hue=1"), "hue"),
        (("--preview", "/nowhere/at/all.png"), "all.png"),
        (("--preview", "sheet.poem"), "poem"),
    ],
)
def test_an_augmentation_that_makes_no_sense_is_refused(mice, words, complaint, capsys):
    assert main(["augmentation", mice, *words]) == 1
    assert complaint in capsys.readouterr().err


def test_a_short_training_on_real_frames_beats_a_stated_error(mice, answer):
    """Some seconds of learning from 15 frames: within 15 pixels, of a mouse of 120."""
    assert main(["split", mice, "--val", "0.25", "--seed", "0"]) == 0
    words = ("--steps", "50", "--input-size", "96", "--seed", "0")
    assert main(["train", mice, *words]) == 0
    report = answer("evaluate", mice, "--decoder", "gaussian_fit", "--json")
    assert report["decoders"]["gaussian_fit"]["median_px"] < 15
    assert report["decoders"]["gaussian_fit"]["missed"] == 0


def test_a_training_begins_with_the_weights_of_a_file(mice, tmp_path, capsys):
    words = ("--steps", "1", "--input-size", "64", "--max-labels", "2")
    assert main(["train", mice, *words]) == 0
    file = tmp_path / "mice.runs" / "1" / "model.safetensors"
    assert main(["train", mice, *words, "--from", str(file)]) == 0
    with Project.open(Path(mice)) as project:
        assert project.runs.all()[-1].settings["warm_start"] == str(file)
    capsys.readouterr()
    assert main(["train", mice, *words, "--from", "nowhere.safetensors"]) == 1
    assert "nowhere.safetensors" in capsys.readouterr().err
