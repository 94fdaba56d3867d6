"""The window while its disk goes away or is full, and while another window has the project."""

import os
import sys
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from kpstudio.app import install_crash_hook
from kpstudio.store import backups
from kpstudio.store.project import Project

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's open files")

if sys.platform == "linux":
    from disk_trouble import full_disk, lost_disk

DAY_S = 86400


@pytest.fixture
def hooked(studio, monkeypatch):
    """A window that says what goes wrong as in the program, where bugs open a dialog."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    install_crash_hook(studio.window)
    yield studio
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]


def use_everything(studio):
    """What a person does who has not noticed."""
    x, y = studio.annotation.xy[0]
    studio.drag((x, y), (x + 11, y + 7))
    studio.undo()
    studio.redo()
    studio.key(Qt.Key.Key_V)
    for key in (Qt.Key.Key_D, Qt.Key.Key_A, Qt.Key.Key_Delete):
        studio.key(key)
        QApplication.processEvents()


def moved_again(studio):
    x, y = studio.annotation.xy[0]
    studio.drag((x, y), (x + 11, y + 7))
    return pytest.approx([x + 11, y + 7], abs=0.3)


def test_a_folder_that_goes_away_is_said_and_work_goes_on_when_it_is_back(
    hooked, project, tmp_path
):
    folder = tmp_path / "network"
    folder.mkdir()
    for each in tmp_path.glob("*.*"):
        each.rename(folder / each.name)
    hooked.open(folder / project.name)
    expected = moved_again(hooked)
    assert hooked.annotation.xy[0] == expected
    before = hooked.annotation
    with hooked.workspace._project.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    with lost_disk(folder):
        use_everything(hooked)
        assert "is not in" in hooked.notice
        assert "everything stored before is safe" in hooked.notice
    hooked.workspace.selection.open_image(2)
    hooked.workspace.selection.open_image(1)
    hooked.wait_for_image()
    assert hooked.annotation == before
    expected = moved_again(hooked)
    assert hooked.annotation.xy[0] == expected
    hooked.workspace.close_project()
    with Project.open(folder / project.name) as again:
        assert [entry.kind for entry in again.history.entries()] == ["edit"] * 3
        assert again.annotations(1)[0].xy[0] == expected


def test_a_window_can_be_closed_while_its_folder_is_away(hooked, project, tmp_path):
    folder = tmp_path / "network"
    folder.mkdir()
    for each in tmp_path.glob("*.*"):
        each.rename(folder / each.name)
    hooked.open(folder / project.name)
    moved_again(hooked)
    stored = hooked.annotation
    with lost_disk(folder):
        hooked.window.close()
        assert not hooked.window.isVisible()
    with Project.open(folder / project.name) as again:
        assert again.annotations(1) == (stored,)


def test_on_a_full_disk_the_window_shows_what_is_stored(hooked, project):
    hooked.open(project)
    before = hooked.annotation
    with full_disk():
        use_everything(hooked)
        assert "the disk is full" in hooked.notice
    hooked.workspace.selection.open_image(1)
    hooked.wait_for_image()
    assert hooked.annotation == before
    expected = moved_again(hooked)
    assert hooked.annotation.xy[0] == expected


def test_a_second_window_says_that_the_project_is_open_in_the_first(open_studio, project):
    first, second = open_studio(), open_studio()
    first.open(project)
    assert not second.workspace.open_project(project)
    assert "already open" in second.notice
    assert "other window" in second.notice
    assert second.workspace.path is None
    expected = moved_again(first)
    assert first.annotation.xy[0] == expected
    first.workspace.close_project()
    second.open(project)
    assert second.annotation.xy[0] == expected


def test_closing_the_window_waits_only_a_moment_for_the_copy_of_the_day(
    studio, project, monkeypatch
):
    monkeypatch.setattr(backups, "_PAGES_AT_ONCE", 1)
    monkeypatch.setattr(os, "fsync", lambda _file: time.sleep(0.1))
    yesterday = time.time() - 2 * DAY_S
    os.utime(project, (yesterday, yesterday))
    studio.open(project)
    start = time.monotonic()
    studio.window.close()
    assert time.monotonic() - start < 3
    assert not list(backups.backups_folder(project).iterdir())
