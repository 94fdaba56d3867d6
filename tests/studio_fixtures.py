"""Fixtures of the tests that drive the window."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from studio import Studio, make_project

from kpstudio import app
from kpstudio.gui.main_window import MainWindow
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.workspace import Workspace


@pytest.fixture
def open_studio(qtbot) -> Iterator[Callable[[], Studio]]:
    """Opens windows as a start of the program does; they end with the test."""
    app.make_application()
    opened: list[MainWindow] = []

    def open_window() -> Studio:
        workspace = Workspace()
        window = MainWindow(workspace, ThemeSwitch("dark", workspace))
        window.resize(1280, 720)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        window.canvas.setFocus()
        opened.append(window)
        return Studio(window, qtbot.waitUntil)

    yield open_window
    for window in opened:
        window.close()
        window.deleteLater()
    QApplication.processEvents()
    assert not [w for w in QApplication.topLevelWidgets() if w.isVisible()]


@pytest.fixture
def studio(open_studio) -> Studio:
    return open_studio()


@pytest.fixture
def project(tmp_path) -> Path:
    """Three small images, two of them labelled."""
    return make_project(tmp_path)
