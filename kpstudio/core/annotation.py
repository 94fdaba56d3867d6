"""One labelled subject, and what a model thinks of one: two types that are never mixed.

Positions are image pixels with pixel centres at integers (see `kpstudio.core.geometry`).
Visibility is COCO's: 0 not labelled, 1 occluded, 2 visible.
"""

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpstudio.core.geometry import Affine, Box
from kpstudio.core.shapes import Bool, Float, Int
from kpstudio.core.skeleton import Skeleton

NOT_LABELLED, OCCLUDED, VISIBLE = 0, 1, 2
_VISIBILITIES = bytes((NOT_LABELLED, OCCLUDED, VISIBLE))
HUMAN = "human"
RUN_SOURCE = "run:"
COPIED, INTERPOLATED, PROPAGATED = "copied", "interpolated", "propagated"


def new_annotation_id() -> str:
    return uuid.uuid4().hex


def run_source(run_id: int) -> str:
    """The source of an annotation that was accepted from a run's prediction."""
    return f"{RUN_SOURCE}{run_id}"


def _read_only(values: ArrayLike, dtype: Any) -> NDArray[Any]:
    array = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Annotation:
    """One labelled subject in one image.

    Args:
        id: Unique for ever, also across copies of a project.
        image_id: Of the image in its project or dataset.
        xy: (K, 2) image pixels; NaN where no position is known. A keypoint of visibility 0 may
            keep the position that it had, so that nothing is lost by cycling visibility.
        visibility: (K,) 0 not labelled, 1 occluded, 2 visible.
        source: "human", "run:N" (accepted from run N), "import:FORMAT", "copied" (from another
            image), "interpolated" (between two) or "propagated" (followed from one on).
        author: Who made it.
        time: When, in seconds since 1970 (UTC).
        box: The subject's box where one was drawn or imported.
        track: Which individual it is, the same in all images; empty where nobody said.
        extra: A JSON object of what the file that it was imported from says of it and kpstudio
            has no word for, so that an export can say it again; empty where there is nothing.
    """

    id: str
    image_id: int
    xy: Float[np.ndarray, "K 2"]
    visibility: Int[np.ndarray, " K"]
    source: str = HUMAN
    author: str = ""
    time: float = field(default_factory=time.time)
    box: Box | None = None
    track: str = ""
    extra: str = ""

    def __post_init__(self) -> None:
        xy = _read_only(self.xy, np.float64)
        visibility = _read_only(self.visibility, np.int8)
        if xy.ndim != 2 or xy.shape[1] != 2 or visibility.shape != xy.shape[:1]:
            raise ValueError(f"xy {xy.shape} and visibility {visibility.shape} do not fit")
        # As bytes: a file has a hundred thousand of these, and a reduction takes microseconds.
        if visibility.tobytes().strip(_VISIBILITIES):
            raise ValueError("visibility must be 0, 1 or 2")
        if not np.isfinite(xy[visibility > NOT_LABELLED]).all():
            raise ValueError("a labelled keypoint needs a finite position")
        object.__setattr__(self, "xy", xy)
        object.__setattr__(self, "visibility", visibility)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Annotation):
            return NotImplemented
        return (
            self._plain() == other._plain()
            and np.array_equal(self.xy, other.xy, equal_nan=True)
            and np.array_equal(self.visibility, other.visibility)
        )

    __hash__ = None  # type: ignore[assignment]

    def _plain(self) -> tuple[object, ...]:
        return (
            self.id,
            self.image_id,
            self.source,
            self.author,
            self.time,
            self.box,
            self.track,
            self.extra,
        )

    @classmethod
    def empty(cls, image_id: int, skeleton: Skeleton, *, author: str = "") -> "Annotation":
        """An annotation without a single labelled keypoint."""
        count = len(skeleton)
        return cls(
            id=new_annotation_id(),
            image_id=image_id,
            xy=np.full((count, 2), np.nan),
            visibility=np.zeros(count, dtype=np.int8),
            author=author,
        )

    @property
    def is_labelled(self) -> Bool[np.ndarray, " K"]:
        return np.asarray(self.visibility > NOT_LABELLED)

    def bounds(self) -> Box | None:
        """The drawn box, else the smallest box around the labelled keypoints, else None."""
        if self.box is not None:
            return self.box
        if not self.is_labelled.any():
            return None
        return Box.around(self.xy[self.is_labelled])

    def with_keypoint(self, index: int, xy: tuple[float, float], visibility: int) -> "Annotation":
        """A copy in which one keypoint lies elsewhere."""
        new_xy, new_visibility = self.xy.copy(), self.visibility.copy()
        new_xy[index], new_visibility[index] = xy, visibility
        return replace(self, xy=new_xy, visibility=new_visibility)

    def in_order(self, order: Sequence[int]) -> "Annotation":
        """A copy in which each keypoint has the position and visibility of another.

        Args:
            order: (K,) for each keypoint the index of the one whose place it takes.
        """
        index = np.asarray(order, dtype=np.intp)
        return replace(self, xy=self.xy[index], visibility=self.visibility[index])

    def transformed(
        self,
        affine: Affine,
        keypoints: Bool[np.ndarray, " K"] | None = None,
        *,
        limit: Callable[[Float[np.ndarray, "K 2"]], Float[np.ndarray, "K 2"]] | None = None,
    ) -> "Annotation":
        """A copy that is moved, turned or scaled.

        Args:
            affine: From where it is to where it shall be, image pixels.
            keypoints: Which of them; the whole annotation with its box where None. A box stays
                upright: it becomes the smallest around the one that is turned.
            limit: Of where a keypoint may go, image pixels; none where None.
        """
        moves = np.ones(len(self.xy), dtype=bool) if keypoints is None else keypoints
        there = affine.apply(self.xy)
        xy = np.where(moves[:, None], there if limit is None else limit(there), self.xy)
        box = self.box
        if keypoints is None and box is not None:
            box = Box.around(affine.apply(box.corners()))
        return replace(self, xy=xy, box=box)


def known_boxes(annotations: Iterable[Annotation]) -> tuple[Box, ...]:
    """Where labelled subjects are; one keypoint alone does not tell how large its subject is."""
    bounds = [each.bounds() for each in annotations]
    return tuple(box for box in bounds if box is not None and max(box.width, box.height) > 0)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a run's network and a decoder say about one subject in one image.

    Args:
        image_id: Of the image in its project.
        run_id: Of the run whose network it was.
        xy: (K, 2) image pixels; NaN where the decoder found nothing.
        scores: (K,) confidence per keypoint, 0 to 1.
        box: Where the subject was found, in image pixels.
        score: Confidence that there is a subject, 0 to 1.
    """

    image_id: int
    run_id: int
    xy: Float[np.ndarray, "K 2"]
    scores: Float[np.ndarray, " K"]
    box: Box
    score: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "xy", _read_only(self.xy, np.float64))
        object.__setattr__(self, "scores", _read_only(self.scores, np.float64))
