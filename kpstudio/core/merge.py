"""What two copies of a project say of the same subject where they differ."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Image
from kpstudio.core.geometry import Box
from kpstudio.core.history_entry import HistoryEntry

Choice = Literal["both", "ours", "theirs"]
CONFLICT_TAG = "merge conflict"


@dataclass(frozen=True)
class Conflict:
    """One subject that was changed in both copies, in two ways.

    Args:
        image_id: In our copy.
        ours: As it is here; None where it was deleted here.
        theirs: As it is there, in our image and keypoints; None where it was deleted there.
        our_entry: The newest of our history that touched it; None where nobody knows.
        their_entry: The newest of theirs.
    """

    image_id: int
    ours: Annotation | None
    theirs: Annotation | None
    our_entry: HistoryEntry | None = None
    their_entry: HistoryEntry | None = None

    @property
    def key(self) -> str:
        """Unique among the conflicts of a merge."""
        known = self.theirs or self.ours
        assert known is not None
        return known.id

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be done, the first of which loses nothing."""
        if self.ours is None:
            return ("theirs", "ours")
        return ("ours", "theirs") if self.theirs is None else ("both", "ours", "theirs")

    def distances(self) -> Float[np.ndarray, " K"]:
        """Pixels between the two positions of each keypoint; NaN where not both have labelled it.

        Empty where it was deleted in one copy.
        """
        if self.ours is None or self.theirs is None:
            return np.empty(0)
        both = self.ours.is_labelled & self.theirs.is_labelled
        apart = np.linalg.norm(self.ours.xy - self.theirs.xy, axis=1)
        return np.where(both, apart, np.nan)

    def differs_in_visibility(self) -> Bool[np.ndarray, " K"]:
        """For each keypoint; empty where it was deleted in one copy."""
        if self.ours is None or self.theirs is None:
            return np.empty(0, dtype=bool)
        return np.asarray(self.ours.visibility != self.theirs.visibility)

    def largest_distance(self) -> float | None:
        """Pixels between the two positions of a keypoint that both have labelled, at most."""
        apart = self.distances()
        known = apart[np.isfinite(apart)]
        return float(known.max()) if known.size else None

    def keypoint_that_differs_most(self) -> int | None:
        """One that only one has labelled, else the one farthest apart, else of other visibility."""
        if self.ours is None or self.theirs is None:
            return None
        one_sided = np.flatnonzero(self.ours.is_labelled != self.theirs.is_labelled)
        if one_sided.size:
            return int(one_sided[0])
        apart = np.nan_to_num(self.distances())
        if apart.any():
            return int(apart.argmax())
        differs = np.flatnonzero(self.differs_in_visibility())
        return int(differs[0]) if differs.size else None

    def bounds(self) -> Box | None:
        """The smallest box around all positions of either; None where there are none."""
        positions = [each.xy for each in (self.ours, self.theirs) if each is not None]
        xy = np.concatenate(positions)
        known = xy[np.isfinite(xy).all(axis=1)]
        return Box.around(known) if len(known) else None


@dataclass(frozen=True)
class MergePlan:
    """What a merge would do.

    Args:
        name: Of the other copy.
        images: Only it has, as they are there.
        changes: What only it changed, by id, in our images once the new ones are there: what is
            here now, and what it is there.
        conflicts: To be decided.
        tags: That its images have and ours have not, by their id there.
        image_ids: Ours by theirs; of its new images none.
    """

    name: str
    images: tuple[Image, ...]
    changes: tuple[tuple[Annotation | None, Annotation | None], ...]
    conflicts: tuple[Conflict, ...]
    tags: dict[int, tuple[str, ...]]
    image_ids: dict[int, int]

    @property
    def is_empty(self) -> bool:
        """Whether all that the other copy has is here already."""
        return not (self.images or self.changes or self.conflicts or self.tags)


@dataclass(frozen=True)
class MergeReport:
    """What a merge has done.

    Args:
        images: New here.
        annotations: Taken over, changed or deleted, beside conflicts.
        conflicts: How many there were.
    """

    images: int
    annotations: int
    conflicts: int
