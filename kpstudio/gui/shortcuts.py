"""Which keys run which verb: the supplied ones, and what the user has made of them."""

import re
from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence

from kpstudio.core.errors import UserProblem
from kpstudio.gui.verbs.action_entry import ActionEntry, shown_key
from kpstudio.workspace.settings import Settings

_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_OF_THE_CANVAS = (Qt.Key.Key_Escape, Qt.Key.Key_Space)
_OF_THE_FOCUS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
_CONTROL = Qt.KeyboardModifier.ControlModifier
# Held down they snap to peaks, and hide all but the image.
_HELD = (Qt.Key.Key_S, Qt.Key.Key_W)
_STRONG = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_MNEMONIC = re.compile(r"&(\w)")

Keys = tuple[str, ...]


class Shortcuts(QObject):
    """The keys of every verb. Only what differs from the supplied ones is kept.

    Keys are written as Qt's portable text: "Ctrl+Shift+Z".

    Args:
        entries: All verbs.
        settings: Where the differences are kept.
        parent: Of the object.

    Signals:
        changed: Some verb has other keys.
    """

    changed = Signal()

    def __init__(
        self, entries: Sequence[ActionEntry], settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.entries = tuple(entries)
        self._settings = settings
        self._supplied = {entry.name: _portable(entry.keys) for entry in entries}
        self._mnemonics = {
            found[1].upper() for entry in entries if (found := _MNEMONIC.search(entry.menu))
        }
        self._own, self.problem = self._read()
        self._keys = self._merged(self._own)

    def keys(self, name: str) -> Keys:
        """The keys of a verb, the first of which is shown."""
        return self._keys[name]

    def shown(self, name: str) -> str:
        """The keys of a verb in one line."""
        return "  ".join(shown_key(key) for key in self._keys[name])

    def called(self, name: str) -> str:
        """How a text tells somebody to run a verb: its first key, else where it is found."""
        keys = self._keys[name]
        return shown_key(keys[0]) if keys else self.shown_title(name)

    def shown_title(self, name: str) -> str:
        """Where a verb without keys is found: its menu and its title."""
        entry = next(each for each in self.entries if each.name == name)
        return f"{entry.menu_title} ▸ {entry.title}"

    def supplied(self, name: str) -> Keys:
        return self._supplied[name]

    def is_own(self, name: str) -> bool:
        """Whether the user has given this verb other keys than the supplied ones."""
        return self._keys[name] != self._supplied[name]

    def owner(self, key: str) -> ActionEntry | None:
        """The verb that a key runs."""
        (key,) = _portable((key,)) or ("",)
        return next((each for each in self.entries if key in self._keys[each.name]), None)

    def reserved(self, key: str) -> str:
        """Why a key can belong to no verb; empty where it can."""
        sequence = QKeySequence(key)
        if sequence.count() != 1:
            return self.tr("This is not a key.")
        pressed = cast("Sequence[QKeyCombination]", sequence)[0]
        held, is_strong = pressed.keyboardModifiers(), bool(pressed.keyboardModifiers() & _STRONG)
        is_arrow = pressed.key() in _ARROWS
        if is_arrow and not held & ~(Qt.KeyboardModifier.ShiftModifier | _CONTROL):
            return self.tr("Arrow keys belong to the canvas and the lists.")
        if pressed.key() in _OF_THE_CANVAS and not is_strong:
            return self.tr("Escape and Space belong to the canvas.")
        if pressed.key() in _HELD and held == Qt.KeyboardModifier.NoModifier:
            return self.tr("S and W are held down on the canvas.")
        if pressed.key() in _OF_THE_FOCUS:
            return self.tr("Tab goes from one control to the next.")
        letter = chr(pressed.key()) if pressed.key() < 0x110000 else ""
        if held == Qt.KeyboardModifier.AltModifier and letter in self._mnemonics:
            return self.tr("{0} opens a menu.").format(shown_key(key))
        return ""

    def conflicts(self, name: str, keys: Sequence[str]) -> list[tuple[str, ActionEntry]]:
        """Which of these keys belong to other verbs."""
        found = [(key, self.owner(key)) for key in _portable(keys)]
        return [(key, owner) for key, owner in found if owner and owner.name != name]

    def set_keys(self, name: str, keys: Sequence[str]) -> None:
        """Give a verb these keys, and take them from whoever had them.

        Raises:
            UserProblem: A key cannot belong to a verb.
        """
        wanted = _portable(keys)
        for key in set(wanted) - set(self._supplied[name]):
            why = self.reserved(key)
            if why:
                raise UserProblem(why, self.tr("Press another key."))
        own = dict(self._own)
        for key, other in self.conflicts(name, wanted):
            left = own.get(other.name, self._supplied[other.name])
            own[other.name] = tuple(each for each in left if each != key)
        own[name] = wanted
        self._keep(own)

    def reset(self, name: str) -> None:
        """The supplied keys for one verb, also where another verb has them now."""
        self.set_keys(name, self._supplied[name])

    def reset_all(self) -> None:
        self._keep({})

    # Inside

    def _keep(self, own: dict[str, Keys]) -> None:
        self._own = {
            name: keys for name, keys in own.items() if keys != self._supplied.get(name, None)
        }
        self._keys = self._merged(self._own)
        self._settings.change(shortcuts={name: list(keys) for name, keys in self._own.items()})
        self.changed.emit()

    def _merged(self, own: dict[str, Keys]) -> dict[str, Keys]:
        return {**self._supplied, **{name: own[name] for name in own if name in self._supplied}}

    def _read(self) -> tuple[dict[str, Keys], UserProblem | None]:
        """What was kept, less what cannot be: a file may be of another version, or edited."""
        own: dict[str, Keys] = {}
        dropped: list[str] = []
        for name, keys in self._settings.preferences.shortcuts.items():
            supplied = self._supplied.get(name, ())
            own[name] = tuple(
                key for key in _portable(keys) if key in supplied or not self.reserved(key)
            )
            if len(own[name]) < len(keys):
                dropped.append(self._title(name))
        while doubles := self._doubles(own):
            for name in doubles:
                dropped.append(self._title(name))
                # A supplied key gives way to the user's; of two of the user's neither wins.
                if name in own:
                    del own[name]
                else:
                    others = {
                        key for each, keys in own.items() if each in self._supplied for key in keys
                    }
                    own[name] = tuple(key for key in self._supplied[name] if key not in others)
        if not dropped:
            return own, None
        names = ", ".join(dict.fromkeys(dropped))
        return own, UserProblem(
            self.tr("Some shortcuts that were kept cannot be: {0}.").format(names),
            self.tr("See Help ▸ Shortcuts for what they are now."),
        )

    def _doubles(self, own: dict[str, Keys]) -> list[str]:
        """Verbs that share a key and have to give way."""
        users: dict[str, list[str]] = {}
        for name, keys in self._merged(own).items():
            for key in keys:
                users.setdefault(key, []).append(name)
        shared = [names for names in users.values() if len(names) > 1]
        supplied = [name for names in shared for name in names if name not in own]
        return list(dict.fromkeys(supplied or [name for names in shared for name in names]))

    def _title(self, name: str) -> str:
        return next((each.title for each in self.entries if each.name == name), name)


def _portable(keys: Sequence[str]) -> Keys:
    """Keys as Qt writes them, each once; what is no key is left out."""
    texts = (
        QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
        for key in keys
        if QKeySequence(key).count() == 1
    )
    return tuple(dict.fromkeys(text for text in texts if text))
