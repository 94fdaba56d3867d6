"""Projects, and what comes into and goes out of one."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from kpstudio.gui.file_questions import FileQuestions
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace


class FileVerbs(QObject):
    """The verbs of the file menu."""

    def __init__(
        self,
        workspace: Workspace,
        questions: FileQuestions,
        ask_export: Callable[[], None],
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._questions = questions
        self._ask_export = ask_export
        self._window = window

    def entries(self) -> list[ActionEntry]:
        menu, ask = self.tr("&File"), self._questions
        return [
            ActionEntry(
                "new",
                menu,
                self.tr("&New project…"),
                ask.ask_new,
                keys=("Ctrl+N",),
                needs_project=False,
            ),
            ActionEntry(
                "open",
                menu,
                self.tr("&Open project…"),
                ask.ask_open,
                keys=("Ctrl+O",),
                icon="open",
                needs_project=False,
            ),
            ActionEntry("demo", menu, self.tr("Open the &demo"), ask.ask_demo, needs_project=False),
            ActionEntry(
                "import_folder",
                menu,
                self.tr("&Import folder…"),
                ask.ask_import_folder,
                keys=("Ctrl+I",),
                icon="import",
                starts_group=True,
            ),
            ActionEntry(
                "import_file",
                menu,
                self.tr("Import &file or video…"),
                ask.ask_import_file,
                keys=("Ctrl+Shift+I",),
            ),
            ActionEntry(
                "look_for_new",
                menu,
                self.tr("Look for ne&w images"),
                self._workspace.look_for_new_images,
                keys=("F5",),
            ),
            ActionEntry("merge", menu, self.tr("&Merge a copy…"), ask.ask_merge),
            ActionEntry("relocate", menu, self.tr("Re&locate images…"), ask.ask_relocate),
            ActionEntry(
                "export",
                menu,
                self.tr("&Export…"),
                self._ask_export,
                keys=("Ctrl+E",),
                icon="export",
                starts_group=True,
            ),
            ActionEntry(
                "quit",
                menu,
                self.tr("&Quit"),
                self._window.close,
                keys=("Ctrl+Q",),
                needs_project=False,
                starts_group=True,
            ),
        ]
