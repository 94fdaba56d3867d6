"""What the labels say about the subjects: how large they are, how they lie, how many there are."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from kpstudio.core.annotation import Annotation
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.models.framing import Framing

UPRIGHT_ROTATION = math.pi / 6
_FIXED_SPREAD = 0.15
_FIND_GRAIN = 32
# Sides in pixels of the inputs, and how large the subject is there.
_FIND_RANGE = (128, 320)
_FIND_SUBJECT = 40.0
_SMALLEST_SIDE, LARGEST_SIDE = 96, 192
_LOOK_GRAIN = 32
# Larger ones show no more, and cost steps: faces of 74 pixels had 0.067 instead of 0.095 of the
# distance of their eyes after two minutes.
_MOST_ENLARGED = 1.4
_FREE_MARGIN, _UPRIGHT_MARGIN = 1.35, 1.25
_FEWEST_OF_HALF = 3
_HALF_MARGIN = 1.5


class FramingChoice(NamedTuple):
    """What is not left to the labels.

    Args:
        size_multiple: The sides of the second pass's input are multiples of this.
        is_whole_image: The second pass sees the whole image, and there is no first one.
        input_side: Longer side of the second pass's input in pixels; None leaves it to the labels,
            which ask for at most
        largest_side: as much as there is time for.
    """

    size_multiple: int = 32
    is_whole_image: bool = False
    input_side: int | None = None
    largest_side: int = LARGEST_SIDE


def labelled_xy(annotation: Annotation) -> Float[np.ndarray, "K 2"]:
    """Positions of the labelled keypoints, NaN for the others."""
    return np.where(annotation.is_labelled[:, None], annotation.xy, np.nan)


def subject_centre(xy: Float[np.ndarray, "K 2"]) -> tuple[float, float]:
    """Middle of the box around the keypoints that there are."""
    return Box.around(xy[np.isfinite(xy).all(axis=1)]).centre


def subject_size(xy: Float[np.ndarray, "K 2"], *, is_upright: bool) -> float:
    """Size in pixels: the longer side of its box, or what does not change as it turns.

    Args:
        xy: NaN where not labelled.
        is_upright: Subjects of this dataset do not turn.
    """
    known = xy[np.isfinite(xy).all(axis=1)]
    box = Box.around(known)
    if is_upright:
        return max(box.width, box.height)
    return 2 * float(np.linalg.norm(known - box.centre, axis=1).max())


def halves(xy: Float[np.ndarray, "K 2"], *, smallest: float) -> tuple[Box, ...]:
    """Boxes around both halves of a subject, divided across its longest direction.

    Args:
        xy: NaN where not labelled.
        smallest: Sides are not shorter than this.

    Returns:
        Two boxes with a margin; none where a half would have fewer than three keypoints.

    Source: Wang et al.: HRNet (half body augmentation), with the subject's own longest direction
    in place of a list of upper and lower keypoints.
    """
    known = xy[np.isfinite(xy).all(axis=1)]
    if len(known) < 2 * _FEWEST_OF_HALF:
        return ()
    away = known - known.mean(axis=0)
    along = away @ np.linalg.svd(away, full_matrices=False)[2][0]
    order = np.argsort(along, kind="stable")
    middle = len(order) // 2
    boxes = [Box.around(known[part]) for part in (order[:middle], order[middle:])]
    sides = [max(_HALF_MARGIN * max(box.width, box.height), smallest) for box in boxes]
    return tuple(
        Box.centred(*box.centre, side, side) for box, side in zip(boxes, sides, strict=True)
    )


def rotation_range(subjects: Sequence[Float[np.ndarray, "K 2"]]) -> float:
    """By how many radians to turn training samples, in both directions.

    All the way round, unless the labelled subjects, laid over each other, show that they hardly
    ever turn: then an upside-down one would only cost what the network can learn.
    """
    if len(subjects) < 4:
        return math.pi
    reference = subjects[0]
    directions = []
    for xy in subjects[1:]:
        both = np.isfinite(xy).all(axis=1) & np.isfinite(reference).all(axis=1)
        if both.sum() < 3:
            continue
        a, b = reference[both], xy[both]
        a = (a - a.mean(axis=0)) @ np.array([1, 1j])
        b = (b - b.mean(axis=0)) @ np.array([1, 1j])
        product = np.vdot(a, b)
        if abs(product) > 0:
            directions.append(product / abs(product))
    if len(directions) < 3 or abs(np.mean(directions)) < 0.95:
        return math.pi
    return UPRIGHT_ROTATION


def choose_framing(
    subjects_by_image: Sequence[Sequence[Float[np.ndarray, "K 2"]]],
    image_sizes: Sequence[tuple[int, int]],
    *,
    is_upright: bool,
    choice: FramingChoice,
) -> Framing:
    """Sizes of both inputs, from the sizes of the labelled subjects.

    Args:
        subjects_by_image: Per image its subjects, (K, 2) pixels, NaN where not labelled.
        image_sizes: (width, height) of the images.
        is_upright: Subjects do not turn, so their crop can be narrower.
        choice: What is not left to the labels.

    Raises:
        UserProblem: Whole images are to be seen, and one has several subjects.
    """
    subjects = [xy for subjects in subjects_by_image for xy in subjects]
    width, height = (float(v) for v in np.median(np.array(image_sizes), axis=0))
    # A subject with few labelled keypoints looks smaller than it is.
    counts = np.array([np.isfinite(xy).all(axis=1).sum() for xy in subjects])
    whole = [
        xy for xy, n in zip(subjects, counts, strict=True) if n >= 0.6 * np.quantile(counts, 0.9)
    ]
    sizes = np.array([subject_size(xy, is_upright=is_upright) for xy in whole])
    usual = float(np.median(sizes))
    if usual < 4:
        # One keypoint has no extent: let it have an eighth of the image.
        usual, sizes = max(width, height) / 8, np.full(len(sizes), max(width, height) / 8)
    margin = _UPRIGHT_MARGIN if is_upright else _FREE_MARGIN
    per_image = [len(subjects) for subjects in subjects_by_image]
    most = max(per_image)
    if choice.is_whole_image and most > 1:
        raise UserProblem(
            "Some images show several subjects, and whole images are to be looked at.",
            "Train with the view “subject”, which finds each of them.",
        )
    find_size = _find_size(width, height, float(np.quantile(sizes, 0.1)))
    return Framing(
        find_size=find_size,
        look_size=_look_size((width, height), margin * usual, choice),
        subject_size=usual,
        find_subject_size=usual * min(find_size[0] / width, find_size[1] / height),
        margin=margin,
        is_upright=is_upright,
        is_fixed_size=bool(np.std(np.log(np.maximum(sizes, 1.0))) < _FIXED_SPREAD),
        fewest_subjects=min(per_image),
        # Images with more subjects than any labelled one has are to be expected.
        most_subjects=most if min(per_image) == most else 2 * most,
        is_whole_image=choice.is_whole_image,
    )


def _find_size(width: float, height: float, smallest: float) -> tuple[int, int]:
    longer = max(width, height)
    low, high = _FIND_RANGE
    side = min(max(longer * _FIND_SUBJECT / smallest, low), high)
    scale = side / longer
    grain = _FIND_GRAIN
    return (
        max(grain, grain * round(width * scale / grain)),
        max(grain, grain * round(height * scale / grain)),
    )


def _look_size(
    image_size: tuple[float, float], crop_side: float, choice: FramingChoice
) -> tuple[int, int]:
    """(width, height) of the second pass's input."""
    width, height = image_size if choice.is_whole_image else (crop_side, crop_side)
    longer = max(width, height)
    grain = math.lcm(_LOOK_GRAIN, choice.size_multiple)
    wanted = min(max(longer * _MOST_ENLARGED, _SMALLEST_SIDE), choice.largest_side)
    side = choice.input_side or wanted
    if choice.input_side is not None:
        grain = choice.size_multiple
    return (
        max(grain, grain * round(side * width / longer / grain)),
        max(grain, grain * round(side * height / longer / grain)),
    )
