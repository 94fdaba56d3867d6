"""Where suggestions of a model were taken: no person has put a keypoint there.

A label does not say it, because whoever moves one keypoint of it makes the whole of it theirs.
"""

from typing import TYPE_CHECKING

import numpy as np

from kpstudio.core.shapes import Float

if TYPE_CHECKING:
    from kpstudio.store.project import Project

# Of one keypoint on one image; an undo may bring back any of the last ones.
MOST_PLACES = 20

_Places = dict[str, list[tuple[float, float]]]


def remember_taken(project: "Project", image_id: int, xy: Float[np.ndarray, "K 2"]) -> None:
    """Remember that suggestions were taken.

    Args:
        project: That the image is in.
        image_id: Of the image.
        xy: Image pixels, NaN for keypoints of which none was taken.

    Raises:
        UserProblem: It could not be stored.
    """
    places = project.settings.read(_key(image_id), _Places) or {}
    for name, (x, y) in zip(project.skeleton.keypoints, xy.tolist(), strict=True):
        if np.isfinite([x, y]).all():
            places[name] = [*places.get(name, []), (x, y)][-MOST_PLACES:]
    project.settings.write(_key(image_id), places)


def taken_places(project: "Project", image_id: int) -> list[Float[np.ndarray, "K 2"]]:
    """Where suggestions were taken on an image, in image pixels.

    Returns:
        Arrays of positions, NaN for keypoints with fewer of them; no order means anything.

    Raises:
        UserProblem: What is stored cannot be understood.
    """
    stored = project.settings.read(_key(image_id), _Places) or {}
    columns = [stored.get(name, []) for name in project.skeleton.keypoints]
    places = np.full((max(map(len, columns), default=0), len(columns), 2), np.nan)
    for index, column in enumerate(columns):
        places[: len(column), index] = np.reshape(column, (-1, 2))
    return list(places)


def _key(image_id: int) -> str:
    return f"taken_suggestions.{image_id}"
