"""What two copies of a project say of the same subject where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Image, Split
from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.core.history_entry import HistoryEntry
from kpstudio.core.issue_merge import IssueChange
from kpstudio.core.mark_merge import MarkPlan
from kpstudio.core.shapes import Bool, Float

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
class TheirEntry:
    """Something that was done in the other copy, which is to be kept here.

    Args:
        entry: As its history, or what was merged into it, has it.
        payload: What it changed, as the other copy's file has it.
    """

    entry: HistoryEntry
    payload: bytes | None


@dataclass(frozen=True)
class MergePlan:
    """What a merge would do.

    Args:
        name: Of the other copy.
        images: Only it has, as they are there.
        changes: What only it changed, by id, in our images once the new ones are there: what is
            here now, and what it is there.
        conflicts: To be decided.
        marks: Tags and review states that it changed.
        splits: Of our images that have none, theirs.
        issues: Questions and answers that ours has not.
        entries: Of its history, that ours does not know of.
        notes: What stays as it is in either copy, a sentence each.
        image_ids: Ours by theirs; of its new images none.
        keypoint_ids: Ours by theirs.
        newest: Of its history; None where it has none.
    """

    name: str
    images: tuple[Image, ...] = ()
    changes: tuple[tuple[Annotation | None, Annotation | None], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    marks: MarkPlan = field(default_factory=MarkPlan)
    splits: Mapping[int, Split] = field(default_factory=dict)
    issues: tuple[IssueChange, ...] = ()
    entries: tuple[TheirEntry, ...] = ()
    notes: tuple[str, ...] = ()
    image_ids: Mapping[int, int] = field(default_factory=dict)
    keypoint_ids: Mapping[int, int] = field(default_factory=dict)
    newest: HistoryEntry | None = None

    @property
    def is_empty(self) -> bool:
        """Whether all that the other copy has is here already."""
        return self.marks.is_empty and not (
            self.images
            or self.changes
            or self.conflicts
            or self.splits
            or self.issues
            or self.entries
        )


@dataclass(frozen=True)
class MergeReport:
    """What a merge has done.

    Args:
        images: New here.
        annotations: Taken over, changed or deleted, beside conflicts.
        conflicts: How many there were.
        entries: Of the other copy's history.
        edit: What became of the annotations.
    """

    images: int
    annotations: int
    conflicts: int
    entries: int
    edit: Edit
