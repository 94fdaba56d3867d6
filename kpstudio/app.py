"""Starts the studio: the only place that knows the window and the process around it."""

import gc
import logging
import os
import sys
import traceback
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

# opencv-python points Qt to plug-ins and fonts of its own, which are not those of this Qt.
import cv2  # noqa: F401
from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

from kpstudio import __version__
from kpstudio.core.errors import UserProblem
from kpstudio.core.places import config_folder
from kpstudio.gui.languages import install_language
from kpstudio.gui.main_window import MainWindow
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.workspace.inference import EngineState
from kpstudio.workspace.workspace import Workspace

log = logging.getLogger(__name__)

LOG_BYTES, LOG_FILES = 1 << 20, 3
SCREENSHOT_TIMEOUT_MS = 90_000
SWITCH_INTERVAL_S = 0.0005
# What opening a project needs, and then what people do next that takes long to import.
STORE = "kpstudio.store.project"
# Nothing of Qt: importing that in a thread, while the window uses it, ends the program.
AHEAD = (STORE, "kpstudio.formats")


def run(project: Path | None = None, *, screenshot: Path | None = None) -> int:
    """Open the window and return its exit code.

    Args:
        project: To open in it.
        screenshot: Save a picture of the window there when all is there, then end.

    Raises:
        UserProblem: There is no display.
    """
    start_log()
    check_display()
    application = make_application()
    workspace = Workspace()
    install_language(application, workspace.preferences.language)
    themes = ThemeSwitch(workspace.preferences.theme)
    window = MainWindow(workspace, themes)
    install_crash_hook(window)
    window.show()
    # What is there now stays: looking through it for garbage would make the window stand still.
    gc.freeze()
    workspace.inference.start_engine()
    if project is not None:
        workspace.imports.want(STORE, lambda: workspace.open_project(project))
    # Once the window has been drawn.
    QTimer.singleShot(0, lambda: workspace.imports.read_ahead(AHEAD))
    if screenshot is not None:
        Screenshot(window, screenshot, application.exit)
    code = application.exec()
    workspace.close()
    return code


def make_application() -> QApplication:
    """The application, with the surroundings that Qt needs put right."""
    # Whoever works in a thread beside the window keeps Python for so long at most each time that
    # the window has let go of it, which it does at every statement of the database.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # Qt would share out each longer line among threads, and wait for them longer than it takes.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if "cv2" in os.environ.get(name, ""):
            del os.environ[name]
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("kpstudio")
    application.setApplicationVersion(__version__)
    application.setStyle("Fusion")
    QGuiApplication.setDesktopFileName("kpstudio")
    return application


def check_display() -> None:
    """Say what is missing where Qt would abort.

    Raises:
        UserProblem: On Linux without a display.
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise UserProblem(
            "There is no display to open a window on.",
            "On a server connect with “ssh -X”, or set QT_QPA_PLATFORM=offscreen for pictures; "
            "training and export work without a window (kpstudio --help).",
        )


def start_log() -> None:
    """Log into a file that does not grow for ever."""
    folder = config_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            folder / "kpstudio.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def install_crash_hook(window: MainWindow) -> None:
    """A bug shows a report that can be copied, and the window stays open."""

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        if isinstance(error, UserProblem):
            window.notice.show_problem(error)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("unexpected error\n%s", text)
        box = QMessageBox(window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("kpstudio")
        box.setText(
            QCoreApplication.translate(
                "MainWindow", "Something went wrong in kpstudio. Your labels are stored."
            )
        )
        box.setInformativeText(
            QCoreApplication.translate(
                "MainWindow", "You can go on. Please report this; the text below can be copied."
            )
        )
        box.setDetailedText(f"kpstudio {__version__}\n{text}")
        box.open()

    sys.excepthook = report


class Screenshot(QObject):
    """Waits until the window shows all that it is going to show, then saves a picture of it."""

    def __init__(self, window: MainWindow, path: Path, leave: Callable[[int], None]) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self._leave = leave
        self._waited_ms = 0
        self._timer = QTimer(self)
        self._timer.setInterval(50)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        self._waited_ms += self._timer.interval()
        if not self._is_ready() and self._waited_ms < SCREENSHOT_TIMEOUT_MS:
            return
        self._timer.stop()
        # One more turn, so that what has just arrived is painted.
        QTimer.singleShot(200, self._save)

    def _is_ready(self) -> bool:
        workspace, canvas = self._window.workspace, self._window.canvas
        if not workspace.imports.is_idle:
            return False
        if workspace.inference.state in (EngineState.STARTING, EngineState.LOADING):
            return False
        image = workspace.current_image
        if image is None:
            return self._waited_ms > 500
        is_shown = canvas.shown_image_id == image.id or bool(workspace.pixels.problem(image.id))
        needs_prediction = workspace.inference.state in (EngineState.READY, EngineState.PREDICTING)
        is_predicted = workspace.inference.subjects_decoder is not None or not needs_prediction
        return is_shown and is_predicted and workspace.pixels.has_all_thumbnails()

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        is_saved = self._window.grab().save(str(self._path))
        if not is_saved:
            sys.stderr.write(f"kpstudio: the picture {self._path} cannot be written.\n")
        self._window.close()
        self._leave(0 if is_saved else 1)
