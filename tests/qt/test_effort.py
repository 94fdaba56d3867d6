"""What labelling costs: counted by real events and a clock of the test's."""

import json

import pytest
from PySide6.QtCore import Qt
from studio import POSE, RIGHT, add_stored_run

from kpstudio.core.effort import effort_path, read_effort
from kpstudio.workspace import effort as effort_module


@pytest.fixture
def clock(studio):
    """Seconds that pass only when the test says so."""
    now = [100.0]
    studio.workspace.effort._clock = lambda: now[0]
    return now


def effort_of(studio, annotation_id):
    return studio.workspace.effort.log.subjects[annotation_id]


def test_clicks_and_seconds_go_to_the_annotation_that_they_change(studio, project, clock):
    studio.open(project)
    clock[0] += 2
    studio.press(*POSE[0])
    clock[0] += 3
    studio.move(60, 50)
    studio.release(60, 50)
    found = effort_of(studio, studio.annotation.id)
    assert (found.clicks, found.keys, found.edits) == (1, 0, 1)
    assert found.seconds == pytest.approx(3)
    assert found.corrections == {"nose": 1}


def test_a_pause_is_no_work(studio, project, clock):
    studio.open(project)
    studio.move(5, 5)
    clock[0] += effort_module.IDLE_S + 1
    studio.move(6, 6)
    clock[0] += 4
    studio.click(*POSE[1], RIGHT)
    assert effort_of(studio, studio.annotation.id).seconds == pytest.approx(4)


def test_a_key_counts_once_also_where_it_is_a_shortcut(studio, project, clock):
    studio.open(project)
    studio.workspace.selection.select_annotation(studio.annotation.id, 2)
    studio.key(Qt.Key.Key_2)
    found = effort_of(studio, studio.annotation.id)
    assert (found.clicks, found.keys) == (0, 1)


def test_what_was_accepted_and_then_moved_is_not_unchanged(studio, project, clock):
    add_stored_run(project, {2: POSE + 9.0})
    studio.open(project)
    studio.key(Qt.Key.Key_U)
    studio.wait_for_image()
    studio.key(Qt.Key.Key_Return)
    effort = studio.workspace.effort
    assert effort.log.summary().accepted_unchanged == 1
    studio.drag(tuple(studio.annotation.xy[0]), (70, 90))
    summary = effort.log.summary()
    assert (summary.accepted, summary.accepted_unchanged) == (1, 0)
    assert "0 % without a change" in studio.window.effort.accepted.text()


def test_the_effort_is_kept_beside_the_preferences_and_exported_when_asked(
    studio, project, clock, tmp_path
):
    studio.open(project)
    studio.click(*POSE[1], RIGHT)
    effort = studio.workspace.effort
    for name in ("effort.csv", "effort.json"):
        effort.export(tmp_path / name)
    assert studio.notice == "effort.json is written."
    rows = (tmp_path / "effort.csv").read_text().splitlines()
    assert rows[1].startswith(f"{studio.annotation.id},0.00,1,0,1,0,0")
    whole = json.loads((tmp_path / "effort.json").read_text())
    assert whole["summary"]["clicks_each"] == 1
    name = studio.annotation.id
    studio.workspace.close_project()
    assert read_effort(project).subjects[name].clicks == 1
    studio.open(project)
    assert effort_of(studio, name).clicks == 1


def test_a_damaged_record_costs_nothing_but_the_record(studio, project):
    path = effort_path(project)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{broken")
    studio.open(project)
    assert str(path) in studio.notice
    assert studio.workspace.effort.log.subjects == {}


def test_an_export_that_cannot_be_written_says_why(studio, project, tmp_path):
    studio.open(project)
    studio.workspace.effort.export(tmp_path / "missing" / "effort.csv")
    assert "effort.csv was not written" in studio.notice
