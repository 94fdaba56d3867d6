"""The curves of this training and of earlier ones, in the training panel."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from studio import make_project

from kpstudio.core.messages import (
    TrainingEnded,
    TrainingSettings,
    TrainingStarted,
    TrainingStep,
    TrainingValidated,
)
from kpstudio.core.run_files import LAST_NAME
from kpstudio.store.project import Project
from kpstudio.store.run_recorder import RunRecorder

from .test_training_choices import keep_state


def step(at, loss):
    return TrainingStep(1, at, loss, 0.1, 2.0 * at, 3.0)


def add_run(project, settings, losses, error, **end):
    run = project.runs.start(settings.network, settings)
    recorder = RunRecorder(project, run.id)
    for at, loss in losses.items():
        recorder.note(step(at, loss))
    recorder.note(TrainingValidated(1, max(losses), error, error + 1, True, 200.0))
    recorder.flush()
    return project.runs.finish(run.id, median_px=error, steps=max(losses), **end)


@pytest.fixture
def path(tmp_path):
    """Two runs with curves, and one without."""
    path = make_project(tmp_path)
    with Project.open(path) as project:
        settings = TrainingSettings(minutes=4.0, learning_rate=0.5)
        run = add_run(project, settings, {2: 8.0, 5: 4.0, 11: 2.0}, 7.25, state="stopped")
        keep_state(run.folder / LAST_NAME)
        project.runs.finish(
            project.runs.start("hrnet_w32", {}).id, state="failed", message="No room"
        )
        settings = TrainingSettings(network="hrnet_w32", steps=7)
        add_run(project, settings, {3: 1.0, 7: 0.5}, 3.5, state="finished")
    return path


def open_panel(studio, path):
    """The panel of a project with runs: its plots come a little later."""
    studio.open(path)
    panel = studio.window.training.curves
    studio.wait(lambda: panel.curves is not None)
    return panel


def curves(panel):
    """Steps and heights of both curves, as they are drawn."""
    points = [each.getData() for each in (panel.curves.loss_curve, panel.curves.error_curve)]
    return [(x.tolist(), y.tolist()) if x is not None and len(x) else ([], []) for x, y in points]


def choose(panel, text):
    panel.choice.setFocus()
    QTest.keyClick(panel.choice, Qt.Key.Key_Home)
    while not panel.choice.currentText().startswith(text):
        QTest.keyClick(panel.choice, Qt.Key.Key_Down)


def test_the_last_run_is_shown_when_a_project_is_opened(studio, path):
    panel = open_panel(studio, path)
    assert panel.isVisibleTo(studio.window)
    assert panel.choice.currentText() == "Run 3: finished, 3.5 px"
    loss, error = curves(panel)
    assert loss == ([3, 7], pytest.approx([1.0, 1.0 - 0.15 * 0.5]))
    assert error == ([7], [3.5])
    assert "7 steps, 3 min, hrnet_w32, heatmap, 7 steps planned" in panel._description.text()


def test_an_earlier_run_is_chosen_with_the_keyboard(studio, path):
    panel = open_panel(studio, path)
    choose(panel, "Run 1")
    assert panel.choice.currentText() == "Run 1: stopped, 7.2 px"
    loss, error = curves(panel)
    assert (loss[0], error) == ([2, 5, 11], ([11], [7.25]))
    assert "4 min planned, learning rate 0.5" in panel._description.text()
    assert "view: subject" in panel._description.toolTip()
    choose(panel, "Run 2")
    assert panel.choice.currentText() == "Run 2: failed"
    assert "No room. It has no curves." in panel._description.text()
    assert curves(panel) == [([], []), ([], [])]
    assert not panel.curves.loss.isVisibleTo(panel)


def test_there_is_nothing_to_choose_before_the_first_run(studio, project):
    studio.open(project)
    panel = studio.window.training.curves
    assert not panel.isVisibleTo(studio.window)


def follow(studio, monkeypatch):
    """What the engine would say is said by the test."""
    training = studio.workspace.training
    monkeypatch.setattr(training._engine, "start", lambda: None)
    monkeypatch.setattr(training._engine, "send", lambda _: None)
    return training


def test_a_new_training_is_shown_and_stored_while_one_looks_at_another(studio, path, monkeypatch):
    panel = open_panel(studio, path)
    training = follow(studio, monkeypatch)
    QTest.mouseClick(studio.window.training.button, Qt.MouseButton.LeftButton)
    assert panel.choice.currentText() == "Run 4: training"
    training._receive(TrainingStarted(4, 1, 1, 100, "cpu"))
    training._receive(step(1, 6.0))
    training._receive(TrainingValidated(4, 1, 9.5, 10.0, True, 2.0))
    assert curves(panel) == [([1], [6.0]), ([1], [9.5])]
    assert "Step 1" in studio.window.training._state.text()
    choose(panel, "Run 3")
    training._receive(step(2, 5.0))
    assert curves(panel)[1] == ([7], [3.5])
    choose(panel, "Run 4")
    assert curves(panel)[0][0] == [1, 2]
    training._receive(TrainingEnded(4, "finished", None, 2, 9.5, 4.5))
    assert panel.choice.currentText() == "Run 4: finished, 9.5 px"
    assert training.losses == ((1, 6.0), (2, 5.0))
    studio.workspace.close_project()
    assert training.losses == ()
    assert not panel.isVisibleTo(studio.window)
    with Project.open(path, read_only=True) as stored:
        assert stored.runs.metrics(4).losses == ((1, 6.0), (2, 5.0))
        assert stored.runs.metrics(4).elapsed_s == 4.5


def test_a_run_that_goes_on_shows_its_whole_curve(studio, tmp_path, monkeypatch):
    path = make_project(tmp_path)
    with Project.open(path) as project:
        losses = {2: 8.0, 5: 4.0, 11: 2.0}
        run = add_run(project, TrainingSettings(), losses, 7.25, state="stopped")
        keep_state(run.folder / LAST_NAME)
    panel = open_panel(studio, path)
    training = follow(studio, monkeypatch)
    QTest.mouseClick(studio.window.training.go_on, Qt.MouseButton.LeftButton)
    assert curves(panel)[0][0] == [2, 5, 11]
    training._receive(TrainingStarted(1, 1, 1, 100, "cpu"))
    training._receive(step(8, 3.0))
    assert curves(panel) == [([2, 5, 8], pytest.approx([8.0, 7.4, 6.74])), ([], [])]


def test_a_training_whose_engine_dies_keeps_its_curves(studio, path, monkeypatch):
    studio.open(path)
    training = follow(studio, monkeypatch)
    QTest.mouseClick(studio.window.training.button, Qt.MouseButton.LeftButton)
    training._receive(TrainingStarted(4, 1, 1, 100, "cpu"))
    training._receive(step(13, 6.0))
    training._note_end("it was killed")
    assert studio.window.training.curves.choice.currentText() == "Run 4: interrupted"
    with Project.open(path, read_only=True) as stored:
        assert stored.runs.metrics(4).losses == ((13, 6.0),)
        assert stored.runs.one(4).steps == 13
