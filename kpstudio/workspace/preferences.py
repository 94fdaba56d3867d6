"""The projects that were open last, and what the user has set, kept between sessions."""

import logging
import shutil
from pathlib import Path
from typing import Annotated

import msgspec
from PySide6.QtCore import QCoreApplication

from kpstudio.core.adjustment import Adjustment
from kpstudio.core.errors import UserProblem
from kpstudio.core.places import config_folder

log = logging.getLogger(__name__)

MOST = 12
LEAST_SCALE, LARGEST_SCALE = 0.5, 3.0
LEAST_MAGNIFICATION, LARGEST_MAGNIFICATION = 4.0, 12.0
LEAST_NUDGE, LARGEST_NUDGE = 0.05, 100.0

Score = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Scale = Annotated[float, msgspec.Meta(ge=LEAST_SCALE, le=LARGEST_SCALE)]
Magnification = Annotated[float, msgspec.Meta(ge=LEAST_MAGNIFICATION, le=LARGEST_MAGNIFICATION)]
Nudge = Annotated[float, msgspec.Meta(ge=LEAST_NUDGE, le=LARGEST_NUDGE)]


class Preferences(msgspec.Struct):
    """What the studio remembers of its user.

    Args:
        recent: Project files, the newest first.
        theme: "system", "light" or "dark".
        geometry: Of the window, as Qt writes it.
        docks: Where the panels are, as Qt writes it.
        network: Chosen for the next training.
        head: Chosen for the next training.
        language: "system", or the name of a translation.
        keypoint_palette: Name of the colours by side.
        marker_scale: Size of keypoints on the canvas, as a share of the usual one.
        subject_tags: Where there are several subjects, each bears its name or number.
        loupe: An enlarged part of the image is shown while a keypoint is held.
        loupe_magnification: Of the loupe, screen pixels per pixel of the canvas.
        clamps_to_image: A keypoint cannot be put outside the image.
        nudge_px: Image pixels that a key moves a keypoint by.
        large_nudge_px: The same with Shift.
        accept_score: From which score on several predictions are accepted at once.
        low_score: Below which score a prediction is a low one.
        has_grid: The images are listed as a grid.
        adjustment: How images are shown.
        shortcuts: Keys of verbs whose keys are not the supplied ones, by the verb's name.
        recent_verbs: Names of verbs that were run from the command palette, the newest first.
        done_hints: Names of hints that are not to be shown again.
    """

    recent: list[str] = []
    theme: str = "system"
    geometry: str = ""
    docks: str = ""
    network: str = "efficientnet_lite0"
    head: str = "heatmap"
    language: str = "system"
    keypoint_palette: str = "vivid"
    marker_scale: Scale = 1.0
    subject_tags: bool = True
    loupe: bool = True
    loupe_magnification: Magnification = 6.0
    clamps_to_image: bool = False
    nudge_px: Nudge = 1.0
    large_nudge_px: Nudge = 10.0
    accept_score: Score = 0.5
    low_score: Score = 0.5
    has_grid: bool = False
    adjustment: Adjustment = Adjustment()
    shortcuts: dict[str, list[str]] = {}
    recent_verbs: list[str] = []
    done_hints: list[str] = []


def load_preferences() -> tuple[Preferences, UserProblem | None]:
    """What was kept, with the defaults in place of what is damaged, and what that was."""
    path = config_folder() / "preferences.json"
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
    except FileNotFoundError:
        return Preferences(), None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("the preferences cannot be read, so the defaults are used: %s", error)
        return Preferences(), _damaged(str(error), path)
    preferences, damaged = Preferences(), []
    for field in msgspec.structs.fields(Preferences):
        if field.name not in kept:
            continue
        try:
            setattr(preferences, field.name, msgspec.json.decode(kept[field.name], type=field.type))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("the preference %s cannot be read: %s", field.name, error)
            damaged.append(field.name)
    return preferences, _damaged(", ".join(damaged), path) if damaged else None


def read_preferences() -> Preferences:
    """What was kept; the defaults where nothing was, or where it is damaged."""
    return load_preferences()[0]


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
    preferences.recent = put_first(preferences.recent, str(path.resolve()))


def put_first(names: list[str], name: str) -> list[str]:
    """The newest names, this one first."""
    return [name, *(each for each in names if each != name)][:MOST]


def _damaged(what: str, path: Path) -> UserProblem:
    """What is to be told; the file is copied before the next change writes it anew."""
    copy = path.with_name("preferences.damaged.json")
    try:
        shutil.copyfile(path, copy)
    except OSError as error:
        log.warning("the damaged preferences cannot be copied: %s", error)
        copy = path
    return UserProblem(
        QCoreApplication.translate("Preferences", "Some settings could not be read ({0}).").format(
            what
        ),
        QCoreApplication.translate(
            "Preferences",
            "The supplied ones are used in their place. Check them in Edit ▸ Settings; what was"
            " there is in {0}.",
        ).format(copy),
    )
