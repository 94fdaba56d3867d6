"""Times as people say them."""

from PySide6.QtCore import QCoreApplication


def duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return QCoreApplication.translate("Duration", "{0:.0f} s").format(seconds)
    return QCoreApplication.translate("Duration", "{0:.0f} min").format(seconds / 60)
