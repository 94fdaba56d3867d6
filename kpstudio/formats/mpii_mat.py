"""MATLAB's file of MPII Human Pose: the structure RELEASE."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kpstudio.core.annotation import OCCLUDED, VISIBLE
from kpstudio.core.errors import UserProblem
from kpstudio.formats.mat_file import DamagedMatFile, NewerMatFile, read_variable
from kpstudio.formats.mpii_person import FIRST_PIXEL, MPII, MpiiPerson
from kpstudio.formats.text_file import read_bytes

_HEAD_BOX = ("x1", "y1", "x2", "y2")


def looks_like_mat(path: Path) -> bool:
    """Whether a file begins as MATLAB's do."""
    try:
        with path.open("rb") as file:
            return file.read(6) == b"MATLAB"
    except OSError:
        return False


def read_mat(path: Path) -> tuple[list[str], list[MpiiPerson]]:
    """The names of the images, and the labelled persons.

    Raises:
        UserProblem: It cannot be read, or is not MPII's.
    """
    data = read_bytes(path)
    try:
        release = read_variable(data, "RELEASE")
    except NewerMatFile as error:
        raise UserProblem(
            f"{path.name} was saved in MATLAB's layout 7.3, which kpstudio does not read.",
            "Save it in MATLAB with save(..., '-v7').",
        ) from error
    except DamagedMatFile as error:
        raise UserProblem(
            f"{path.name} is damaged or cut off: {error}.", "Copy it again from where it came."
        ) from error
    try:
        images = _listed(release["annolist"])
        names = [str(each["image"]["name"]) for each in images]
        persons = [person for place, each in enumerate(images) for person in _persons(place, each)]
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise UserProblem(
            f"{path.name} is not MPII's file: it has no RELEASE.annolist with image and annorect"
            f" ({type(error).__name__}: {error}).",
            "Choose mpii_human_pose_v1_u12_1.mat.",
        ) from error
    return names, persons


def _persons(place: int, image: dict[str, Any]) -> Iterator[MpiiPerson]:
    for number, person in enumerate(_listed(image.get("annorect"))):
        points = person.get("annopoints") if isinstance(person, dict) else None
        if not isinstance(points, dict):
            continue
        xy = np.full((len(MPII), 2), np.nan)
        visibility = np.zeros(len(MPII), dtype=np.int8)
        for point in _listed(points.get("point")):
            keypoint = int(point["id"])
            xy[keypoint] = float(point["x"]) - FIRST_PIXEL, float(point["y"]) - FIRST_PIXEL
            visibility[keypoint] = OCCLUDED if _is_hidden(point.get("is_visible")) else VISIBLE
        yield MpiiPerson(place, str(number), xy, visibility, _about(person))


def _is_hidden(value: Any) -> bool:
    """0, as a number or as text; nothing is said of the neck and the head."""
    return str(value).strip() in ("0", "0.0", "False")


def _about(person: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {}
    position = person.get("objpos")
    if isinstance(position, dict):
        about["center"] = [float(position["x"]), float(position["y"])]
    if isinstance(person.get("scale"), int | float):
        about["scale"] = float(person["scale"])
    if all(isinstance(person.get(each), int | float) for each in _HEAD_BOX):
        about["head_box"] = [float(person[each]) for each in _HEAD_BOX]
    return about


def _listed(value: Any) -> list[Any]:
    """MATLAB has a structure where a list has one entry, and an empty array where it has none."""
    if isinstance(value, dict):
        return [value]
    return [] if value is None else list(np.atleast_1d(value))
