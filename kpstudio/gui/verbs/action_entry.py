"""Every verb of the window in one table: menus, tooltips and the cheat sheet come from it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from kpstudio.gui.icons import icon


@dataclass(frozen=True)
class ActionEntry:
    """One verb.

    Args:
        name: Of the action, unique, for tests and settings.
        menu: In which menu it stands.
        text: As the menu says it.
        run: What it does.
        keys: Shortcuts, the first of which is shown.
        icon: Name in `resources/icons`, or empty.
        needs_project: Greyed while no project is open.
        starts_group: A line stands above it.
    """

    name: str
    menu: str
    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    icon: str = ""
    needs_project: bool = True
    starts_group: bool = False


def make_action(entry: ActionEntry, parent: QObject) -> QAction:
    """The Qt action of an entry, without its icon: that is drawn anew for every theme."""
    action = QAction(entry.text, parent)
    action.setObjectName(entry.name)
    action.setShortcuts([QKeySequence(key) for key in entry.keys])
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.triggered.connect(lambda _checked=False: entry.run())
    tip = entry.text.rstrip("…").replace("&", "")
    action.setToolTip(f"{tip} ({entry.keys[0]})" if entry.keys else tip)
    return action


def paint_action(action: QAction, entry: ActionEntry, colour: str) -> None:
    """Give an action its icon in the colour of the theme."""
    if entry.icon:
        action.setIcon(icon(entry.icon, colour))
