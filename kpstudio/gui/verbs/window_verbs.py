"""The panels of the window and its theme."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDockWidget

from kpstudio.gui.panel_cycle import PanelCycle
from kpstudio.gui.theme import THEMES
from kpstudio.gui.verbs.action_entry import ActionEntry


class WindowVerbs(QObject):
    """The verbs of the submenus of the view menu.

    Args:
        docks: The panels.
        panels: Gives one of them the keyboard.
        choose_theme: Called with one of `THEMES`.
        parent: Of the object.
    """

    def __init__(
        self,
        docks: Sequence[QDockWidget],
        panels: PanelCycle,
        choose_theme: Callable[[str], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._docks = docks
        self._panels = panels
        self._choose_theme = choose_theme

    def entries(self) -> list[ActionEntry]:
        menu = self.tr("&View")
        texts = self.tr("As the &system"), self.tr("&Light"), self.tr("&Dark")
        return [
            *(
                ActionEntry(
                    f"panel_{dock.objectName()}",
                    menu,
                    dock.windowTitle(),
                    lambda dock=dock: self._panels.go_to(dock),  # type: ignore[misc]
                    needs_project=False,
                    submenu=self.tr("Go to a &panel"),
                )
                for dock in self._docks
            ),
            *(
                ActionEntry(
                    f"theme_{choice}",
                    menu,
                    text,
                    lambda choice=choice: self._choose_theme(choice),  # type: ignore[misc]
                    needs_project=False,
                    submenu=self.tr("&Theme"),
                )
                for choice, text in zip(THEMES, texts, strict=True)
            ),
        ]
