"""What the user has set, and word of every change of it."""

import msgspec
from PySide6.QtCore import QObject, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.workspace.preferences import (
    LARGEST_MAGNIFICATION,
    LEAST_MAGNIFICATION,
    Preferences,
    write_preferences,
)


class Settings(QObject):
    """The one place where preferences are changed while views show them.

    Args:
        preferences: What there is at first; views read them from here.
        parent: Of the object.

    Signals:
        changed: Some preference is another now, and is kept.
    """

    changed = Signal()

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.preferences = preferences

    def change(self, **values: object) -> None:
        """Set preferences by name; it is stored when this returns.

        Raises:
            UserProblem: A value is not possible; nothing is changed then.
        """
        fields = {field.name: field for field in msgspec.structs.fields(Preferences)}
        try:
            checked = {
                name: msgspec.convert(value, fields[name].type) for name, value in values.items()
            }
        except msgspec.ValidationError as error:
            raise UserProblem(
                self.tr("This setting is not possible: {0}.").format(error),
                self.tr("Choose another value in Edit ▸ Settings."),
            ) from error
        fresh = {
            name: value
            for name, value in checked.items()
            if value != getattr(self.preferences, name)
        }
        if not fresh:
            return
        for name, value in fresh.items():
            setattr(self.preferences, name, value)
        write_preferences(self.preferences)
        self.changed.emit()

    def magnify_loupe(self, steps: float) -> None:
        """Let the loupe magnify more, or less where `steps` is negative, as far as it can."""
        wanted = self.preferences.loupe_magnification + steps
        self.change(
            loupe_magnification=min(max(wanted, LEAST_MAGNIFICATION), LARGEST_MAGNIFICATION)
        )

    def reset(self, *names: str) -> None:
        """Set preferences back to what they are supplied as."""
        supplied = Preferences()
        self.change(**{name: getattr(supplied, name) for name in names})
