"""Finding out what can be done, and by which keys."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from kpstudio.gui.verbs.action_entry import ActionEntry


class HelpVerbs(QObject):
    """The verbs of the help menu.

    Args:
        show_palette: Opens the command palette.
        show_cheat_sheet: Opens the page of all shortcuts.
        edit_shortcuts: Opens the dialog in which keys are chosen.
        parent: Of the object.
    """

    def __init__(
        self,
        show_palette: Callable[[], object],
        show_cheat_sheet: Callable[[], object],
        edit_shortcuts: Callable[[], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._show_palette = show_palette
        self._show_cheat_sheet = show_cheat_sheet
        self._edit_shortcuts = edit_shortcuts

    def entries(self) -> list[ActionEntry]:
        menu = self.tr("&Help")
        return [
            ActionEntry(
                "palette",
                menu,
                self.tr("&Commands…"),
                self._show_palette,
                keys=("Ctrl+K",),
                icon="search",
                needs_project=False,
            ),
            ActionEntry(
                "cheat_sheet",
                menu,
                self.tr("&Keyboard and mouse"),
                self._show_cheat_sheet,
                keys=("F1",),
                needs_project=False,
            ),
            ActionEntry(
                "shortcuts",
                menu,
                self.tr("&Shortcuts…"),
                self._edit_shortcuts,
                needs_project=False,
            ),
        ]
