"""The window never stands still while a training and predictions run beside it."""

import gc
import os
import sys
import threading
import time
import traceback
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer

from kpstudio.__main__ import main
from kpstudio.workspace.inference import EngineState

# How long the event loop may be away, and how long the watch is, in minutes.
LONGEST_S, BEAT_MS = 0.1, 10
# Who looks at an image waits so long for its predictions, while a training takes the cores.
PREDICTED_WITHIN_S = 5.0
MINUTES = float(os.environ.get("KPSTUDIO_STALL_MINUTES", "10"))


class Watchdog:
    """Notes each time that the event loop was away for long, and what it did meanwhile."""

    def __init__(self) -> None:
        self.beats = 0
        self.stalls: list[tuple[float, str]] = []
        self._last_s = time.perf_counter()
        self._where = ""
        self._is_over = threading.Event()
        self._main = threading.main_thread().ident
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watchdog":
        self._last_s = time.perf_counter()
        self._timer.start(BEAT_MS)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        self._is_over.set()
        self._thread.join()

    def _beat(self) -> None:
        now = time.perf_counter()
        if now - self._last_s > LONGEST_S:
            self.stalls.append((now - self._last_s, self._where))
        self.beats, self._last_s, self._where = self.beats + 1, now, ""

    def _look(self) -> None:
        while not self._is_over.wait(LONGEST_S / 4):
            if time.perf_counter() - self._last_s > LONGEST_S / 2 and not self._where:
                frames = sys._current_frames()
                main = traceback.format_stack(frames.pop(self._main, None))[-6:]
                # One that works beside it may have kept it waiting.
                others = [traceback.format_stack(each)[-1] for each in frames.values()]
                self._where = "".join([*main, "  beside\n", *others])


def test_the_watchdog_notes_a_stall_and_where_it_was(studio):
    with Watchdog() as watchdog:
        studio.wait(lambda: watchdog.beats > 2)
        watchdog.stalls.clear()  # of a machine that is busy
        time.sleep(2 * LONGEST_S)
        studio.wait(lambda: watchdog.stalls)
    seconds, where = watchdog.stalls[0]
    assert seconds >= 2 * LONGEST_S
    assert "time.sleep(2 * LONGEST_S)" in where


@pytest.fixture
def demo(tmp_path) -> Path:
    """A project whose model predicts from the first moment."""
    assert main(["demo", "--dir", str(tmp_path / "demo"), "--no-open"]) == 0
    return tmp_path / "demo" / "demo.kps"


@pytest.fixture
def frozen():
    """As in the program, what is there at the start is no garbage."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def work_on(studio) -> None:
    """Go to the next image, take its predictions when they are there, and take that back."""
    workspace = studio.workspace
    inference, labels = workspace.inference, workspace.labels
    position = workspace.position(workspace.selection.image_id)
    if position == len(workspace.images) - 1:
        workspace.open_image_at(0)
    else:
        studio.key(Qt.Key.Key_D)
    image_id = workspace.selection.image_id
    ends = time.monotonic() + PREDICTED_WITHIN_S
    studio.wait(
        lambda: inference.subjects_image_id == image_id or time.monotonic() > ends,
        timeout_s=2 * PREDICTED_WITHIN_S,
    )
    before = labels.annotations
    studio.key(Qt.Key.Key_Return)
    if labels.annotations != before:
        studio.undo()


@pytest.mark.thorough
@pytest.mark.timeout(1500)
def test_the_event_loop_is_never_away_while_a_training_and_predictions_run(studio, demo, frozen):
    inference, training = studio.workspace.inference, studio.workspace.training
    inference.start_engine()
    studio.open(demo)
    studio.wait(lambda: inference.state is EngineState.READY and inference.subjects, timeout_s=120)
    studio.window.training.minutes.setValue(MINUTES)
    studio.window.training.toggle()
    studio.wait(lambda: training.is_running, timeout_s=60)
    predicted = set()
    ends = time.monotonic() + 60 * MINUTES
    with Watchdog() as watchdog:
        while time.monotonic() < ends:
            work_on(studio)
            predicted.add(inference.subjects_image_id)
            beats = watchdog.beats
            studio.wait(lambda beats=beats: watchdog.beats > beats + 30)
    steps = training.step.step if training.step is not None else 0
    for seconds, where in watchdog.stalls:
        sys.stdout.write(f"away for {1e3 * seconds:.0f} ms in\n{where}\n")
    sys.stdout.write(
        f"{watchdog.beats} beats, {steps} steps, {len(predicted)} images predicted on,"
        f" {len(watchdog.stalls)} stalls\n"
    )
    training.stop()
    studio.wait(lambda: not training.is_running, timeout_s=120)
    assert steps
    assert len(predicted) > MINUTES
    assert not watchdog.stalls
