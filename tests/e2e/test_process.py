"""The program from outside: no display, pictures, a window that is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from kpstudio.store.project import Project

PROGRAM = [sys.executable, "-m", "kpstudio"]


def wait_until(condition, timeout_s=60):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_without_a_display_one_sentence_says_what_to_do():
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        PROGRAM, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "ssh -X" in done.stderr
    assert "Traceback" not in done.stderr


def test_screenshot_saves_a_picture_of_the_window_and_ends(project, tmp_path):
    picture = tmp_path / "pictures" / "window.png"
    done = subprocess.run(
        [*PROGRAM, "--screenshot", str(picture), str(project)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pixels = cv2.imread(str(picture))
    assert pixels.shape[0] >= 700
    assert pixels.shape[1] >= 1200
    assert pixels.std() > 20, "an empty window has no contrast"
    with Project.open(project) as released:
        assert len(released.images()) == 3


def test_a_window_killed_while_training_leaves_a_run_that_saves_and_ends_by_itself(mice):
    """The training's process sees its input end, saves and exits; the project adopts the run."""
    path = Path(mice)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtCore import QTimer\n"
        "from kpstudio import app\n"
        "from kpstudio.core.messages import TrainingSettings\n"
        "from kpstudio.gui.main_window import MainWindow\n"
        "from kpstudio.gui.theme import ThemeSwitch\n"
        "from kpstudio.workspace.workspace import Workspace\n"
        "application = app.make_application()\n"
        "workspace = Workspace()\n"
        "window = MainWindow(workspace, ThemeSwitch('dark'))\n"
        "window.show()\n"
        "workspace.open_project(Path(sys.argv[1]))\n"
        "workspace.train(TrainingSettings(steps=99, input_size=64, batch=4))\n"
        "report = lambda: workspace.training.errors and print("
        "workspace.training.engine_pid, flush=True)\n"
        "workspace.training.progressed.connect(report)\n"
        "application.exec()\n"
    )
    window = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert window.stdout is not None
    with window:
        engine = int(window.stdout.readline())
        window.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_alive(engine))
    with Project.open(path) as project:
        (run,) = project.runs.all()
        assert run.state == "stopped"
        assert run.has_checkpoint
        labels = project.dataset().annotations
        assert len(labels) == 20
        assert all(np.isfinite(label.xy).all() for label in labels)
