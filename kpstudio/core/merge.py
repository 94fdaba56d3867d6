"""What two copies of a project say of the same subject where they differ."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kpstudio.core.annotation import Annotation

Choice = Literal["both", "ours", "theirs"]


@dataclass(frozen=True)
class Conflict:
    """One subject that was changed in both copies, in two ways.

    Args:
        image_id: In our copy.
        ours: As it is here; None where it was deleted here.
        theirs: As it is there, in our image and keypoints; None where it was deleted there.
    """

    image_id: int
    ours: Annotation | None
    theirs: Annotation | None

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

    def largest_distance(self) -> float | None:
        """Pixels between the two positions of a keypoint that both have labelled, at most."""
        if self.ours is None or self.theirs is None:
            return None
        both = self.ours.is_labelled & self.theirs.is_labelled
        if not both.any():
            return None
        return float(np.linalg.norm(self.ours.xy[both] - self.theirs.xy[both], axis=1).max())
