"""A file that was written, read again: does it say what it should?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED, VISIBLE, Annotation, Prediction
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.shapes import Float
from kpstudio.formats.checks.finding import counted
from kpstudio.imaging.portable_path import plain_path

EQUAL_PX = 1e-6
"""Below it two positions are the same: what is lost in decimal digits."""

_Place = tuple[str, int | None]


@dataclass(frozen=True)
class ReadBack:
    """What a file says that was just written, against what it should say.

    Args:
        images: With labels, or with predictions, as the file says.
        annotations: With at least one keypoint, as the file says.
        visible: Keypoints, as the file says.
        occluded: As the file says.
        not_labelled: Of the annotations in the file.
        largest_difference_px: Of any keypoint from where it should be.
        differences: What is not as it should be, a sentence each; empty where nothing is.
    """

    images: int
    annotations: int
    visible: int
    occluded: int
    not_labelled: int
    largest_difference_px: float = 0.0
    differences: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.differences:
            return "read back equal"
        return f"read back, and not the same: {' '.join(self.differences)}"


def compare(
    wanted: Dataset, read: Dataset, *, predictions: Sequence[Prediction] | None = None
) -> ReadBack:
    """Compare what a file says with what was to be written.

    Subjects of one image may be in another order. What no format of labels holds (ids, authors,
    positions of what is not labelled) is not compared.

    Args:
        wanted: Its annotations were to be written.
        read: What the file says.
        predictions: Were to be written instead of the annotations.
    """
    shoulds = _by_place(
        wanted.images, wanted.annotations if predictions is None else _as_poses(predictions)
    )
    found = _aligned(shoulds, _by_place(read.images, read.annotations))
    missing = [place for place in shoulds if place not in found]
    extra = [place for place in found if place not in shoulds]
    pairs = []
    differences = [
        *_sentence(
            len(missing), "image with labels is missing.", "images with labels are missing."
        ),
        *_sentence(len(extra), "image too many.", "images too many."),
    ]
    lost = gained = 0
    for place, poses in shoulds.items():
        there = found.get(place, [])
        matched = _match(poses, there)
        lost += len(poses) - len(matched) if place in found else 0
        gained += len(there) - len(matched)
        pairs += [(poses[a], there[b]) for a, b in matched]
    differences += _sentence(lost, "annotation is missing.", "annotations are missing.")
    differences += _sentence(gained, "annotation too many.", "annotations too many.")
    should_see = np.array([a.visibility for a, _ in pairs]).reshape(-1, len(wanted.skeleton))
    does_see = np.array([b.visibility for _, b in pairs]).reshape(should_see.shape)
    differences += _visibilities(should_see, does_see)
    both = (should_see > NOT_LABELLED) & (does_see > NOT_LABELLED)
    should_be = np.array([a.xy for a, _ in pairs]).reshape(*both.shape, 2)[both]
    apart = np.abs(should_be - np.array([b.xy for _, b in pairs]).reshape(*both.shape, 2)[both])
    largest = float(apart.max()) if apart.size else 0.0
    # Of large numbers the last digits are larger.
    if (apart > EQUAL_PX * np.maximum(1, np.abs(should_be))).any():
        differences.append(f"Keypoints lie up to {largest:.3g} px from where they should.")
    poses = [pose for each in found.values() for pose in each]
    levels = np.array([pose.visibility for pose in poses], np.int64).ravel()
    counts = np.bincount(levels, minlength=3)
    return ReadBack(
        images=len(found),
        annotations=len(poses),
        visible=int(counts[VISIBLE]),
        occluded=int(counts[OCCLUDED]),
        not_labelled=int(counts[NOT_LABELLED]),
        largest_difference_px=largest,
        differences=tuple(differences),
    )


@dataclass(frozen=True, eq=False)
class _Pose:
    image_id: int
    xy: Float[np.ndarray, "K 2"]
    visibility: np.ndarray


def _as_poses(predictions: Sequence[Prediction]) -> list[_Pose]:
    poses = []
    for each in predictions:
        is_found = np.isfinite(each.xy).all(axis=1)
        poses.append(_Pose(each.image_id, each.xy, np.where(is_found, VISIBLE, NOT_LABELLED)))
    return poses


def _by_place(
    images: Sequence[Image], annotations: Sequence[Annotation] | list[_Pose]
) -> dict[_Place, list[_Pose]]:
    """What has at least one keypoint, by image."""
    seen = [each for each in annotations if (each.visibility > NOT_LABELLED).any()]
    needed = {each.image_id for each in seen}
    # To make a path plain costs more than all else, and most images may have no labels.
    places = {
        image.id: (str(plain_path(image.path)), image.frame)
        for image in images
        if image.id in needed
    }
    found: dict[_Place, list[_Pose]] = defaultdict(list)
    for each in seen:
        found[places[each.image_id]].append(_Pose(each.image_id, each.xy, each.visibility))
    return dict(found)


def _aligned(
    wanted: dict[_Place, list[_Pose]], found: dict[_Place, list[_Pose]]
) -> dict[_Place, list[_Pose]]:
    """The same with the places of `wanted`, where they differ by links, or lie in a copy.

    Some formats need the images beside their labels, and copy them there: those have their names,
    or at least their order.
    """
    names: dict[_Place, _Place] = {}
    for key in (_itself, _real, _name):
        taken = set(names.values())
        if len(taken) == len(wanted) or len(names) == len(found):
            break
        left = {key(place): place for place in wanted if place not in taken}
        for place in found:
            if place not in names and key(place) in left:
                names[place] = left.pop(key(place))
    taken = set(names.values())
    rest = [place for place in wanted if place not in taken]
    new = [place for place in found if place not in names]
    if len(rest) == len(new):
        names |= dict(zip(new, rest, strict=True))
    return {names.get(place, place): poses for place, poses in found.items()}


def _itself(place: _Place) -> _Place:
    return place


def _name(place: _Place) -> _Place:
    return Path(place[0]).name, place[1]


def _real(place: _Place) -> _Place:
    return str(Path(place[0]).resolve()), place[1]


def _match(wanted: list[_Pose], found: list[_Pose]) -> list[tuple[int, int]]:
    """Pairs of indices: the order of the file where it fits, else the nearest first."""
    if len(wanted) == len(found) and all(
        _distance(a, b) <= EQUAL_PX for a, b in zip(wanted, found, strict=True)
    ):
        return [(index, index) for index in range(len(wanted))]
    candidates = sorted(
        (_distance(a, b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(found)
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in candidates:
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return sorted(pairs.items())


def _distance(a: _Pose, b: _Pose) -> float:
    both = (a.visibility > NOT_LABELLED) & (b.visibility > NOT_LABELLED)
    if not both.any():
        return float("inf")
    return float(np.abs(a.xy[both] - b.xy[both]).mean())


def _visibilities(wanted: np.ndarray, found: np.ndarray) -> list[str]:
    sentences = []
    for before, now, what in (
        (VISIBLE, NOT_LABELLED, "visible, but not labelled"),
        (VISIBLE, OCCLUDED, "visible, but occluded"),
        (OCCLUDED, NOT_LABELLED, "occluded, but not labelled"),
        (OCCLUDED, VISIBLE, "occluded, but visible"),
        (NOT_LABELLED, OCCLUDED, "not labelled, but occluded"),
        (NOT_LABELLED, VISIBLE, "not labelled, but visible"),
    ):
        count = int(((wanted == before) & (found == now)).sum())
        sentences += _sentence(
            count, f"keypoint is {what} in the file.", f"keypoints are {what} in the file."
        )
    return sentences


def _sentence(count: int, one: str, many: str) -> list[str]:
    return [counted(count, one, many)] if count else []
