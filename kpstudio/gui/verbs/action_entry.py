"""Every verb of the window in one table: menus, tooltips, palette and cheat sheet use it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from kpstudio.gui.icons import icon

_MNEMONIC = re.compile(r"&(\w)")
# Where a translation has no letter for the key, it stands behind the text: "打开(&O)…".
_MNEMONIC_BEHIND = re.compile(r"\(&\w\)")


@dataclass(frozen=True)
class ActionEntry:
    """One verb.

    Args:
        name: Of the action, unique, for tests and settings.
        menu: In which menu it stands.
        text: As the menu says it.
        run: What it does.
        keys: Supplied shortcuts, the first of which is shown; the user may have set others.
        icon: Name in `resources/icons`, or empty.
        needs_project: Greyed while no project is open.
        starts_group: A line stands above it.
        greyed_because: Why it is greyed while a project is open, if it can be.
        submenu: In which menu of that menu it stands; empty where in the menu itself.
    """

    name: str
    menu: str
    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    icon: str = ""
    needs_project: bool = True
    starts_group: bool = False
    greyed_because: str = ""
    submenu: str = ""

    @property
    def title(self) -> str:
        """Its text without what only a menu needs."""
        return plain_text(self.text)

    @property
    def menu_title(self) -> str:
        """The menu, and the menu in it, without what only a menu needs."""
        return " › ".join(plain_text(each) for each in (self.menu, self.submenu) if each)


def plain_text(text: str) -> str:
    """A menu's text without mnemonic and without the dots that promise a question."""
    return _MNEMONIC_BEHIND.sub("", text).replace("&", "").rstrip("…")


def with_free_letter(text: str, taken: set[str]) -> str:
    """A menu's text whose underlined letter no other has; the letter is added to those taken.

    The letter that the text asks for comes first, then the first letters of its words, then any.
    """
    found = _MNEMONIC.search(text)
    if _MNEMONIC_BEHIND.search(text) and found:
        free = [each for each in (found[1].upper(), *ascii_uppercase) if each not in taken]
        taken.update(free[:1])
        return _MNEMONIC_BEHIND.sub(f"(&{free[0]})" if free else "", text)
    bare = plain_text(text) + ("…" if text.endswith("…") else "")
    starts = [i for i in range(len(bare)) if i == 0 or bare[i - 1] == " "]
    wanted = [found[1].upper()] if found else []
    free = [
        letter
        for letter in (*wanted, *(bare[i].upper() for i in starts), *bare.upper())
        if letter.isascii() and letter.isalpha() and letter not in taken
    ]
    if not free:
        return bare
    letter = free[0]
    taken.add(letter)
    if wanted and letter == wanted[0]:
        return text
    place = next(i for i in (*starts, *range(len(bare))) if bare[i].upper() == letter)
    return f"{bare[:place]}&{bare[place:]}"


def shown_key(key: str) -> str:
    """A shortcut as people of this system write it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def make_action(entry: ActionEntry, parent: QObject) -> QAction:
    """The Qt action of an entry, without its icon: that is drawn anew for every theme."""
    action = QAction(entry.text, parent)
    action.setObjectName(entry.name)
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.triggered.connect(lambda _checked=False: entry.run())
    set_keys(action, entry, entry.keys)
    return action


def set_keys(action: QAction, entry: ActionEntry, keys: Sequence[str]) -> None:
    """Let these keys trigger an action, and its tooltip name the first of them."""
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.setToolTip(f"{entry.title} ({shown_key(keys[0])})" if keys else entry.title)


def paint_action(action: QAction, entry: ActionEntry, colour: str) -> None:
    """Give an action its icon in the colour of the theme."""
    if entry.icon:
        action.setIcon(icon(entry.icon, colour))
