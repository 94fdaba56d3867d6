"""The projects that were open last, and what the user has set, kept between sessions."""

import logging
from pathlib import Path

import msgspec

from kpstudio.core.adjustment import Adjustment
from kpstudio.core.places import config_folder

log = logging.getLogger(__name__)

MOST = 12


class Preferences(msgspec.Struct):
    """What the studio remembers of its user."""

    recent: list[str] = []
    theme: str = "system"
    geometry: str = ""
    docks: str = ""
    network: str = "efficientnet_lite0"
    head: str = "heatmap"
    clamps_to_image: bool = False
    loupe: bool = True
    loupe_magnification: float = 6.0
    low_score: float = 0.5
    has_grid: bool = False
    adjustment: Adjustment = Adjustment()


def read_preferences() -> Preferences:
    """What was kept; the defaults where nothing was, or where it is damaged."""
    try:
        return msgspec.json.decode(
            (config_folder() / "preferences.json").read_bytes(), type=Preferences
        )
    except FileNotFoundError:
        return Preferences()
    except (OSError, msgspec.DecodeError) as error:
        log.warning("the preferences cannot be read, so the defaults are used: %s", error)
        return Preferences()


def write_preferences(preferences: Preferences) -> None:
    """Keep them; a folder that cannot be written costs only the memory of these settings."""
    path = config_folder() / "preferences.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(preferences)))
        temporary.replace(path)
    except OSError as error:
        log.warning("the preferences cannot be kept: %s", error)


def remember_project(preferences: Preferences, path: Path) -> None:
    """Put a project first among the recent ones."""
    name = str(path.resolve())
    preferences.recent = [name, *(each for each in preferences.recent if each != name)][:MOST]
