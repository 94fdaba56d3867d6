"""One skeleton to draw over the image."""

from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kpstudio.core.geometry import Box

NINE_OF_TEN = float(np.sqrt(-2 * np.log(0.1)))  # standard deviations


class PoseKind(Enum):
    """A label that somebody made, or what a model predicts."""

    LABEL = "label"
    GHOST = "ghost"


@dataclass(frozen=True, eq=False)
class Pose:
    """One skeleton to draw.

    Args:
        kind: Label or ghost.
        xy: (K, 2) image pixels, NaN where there is nothing.
        visibility: (K,) 0, 1 or 2; for a ghost 2 where there is a position.
        is_selected: Drawn at full strength, with the keypoints that are not labelled.
        keypoint: The selected keypoint, or None.
        covariance: (2, 2) of the selected keypoint of a ghost, in square image pixels.
        other_peaks: (P, 2) where else its heatmap has a maximum, in image pixels.
        box: That was drawn around a label, in image pixels.
        chosen: Keypoints that are moved together.
    """

    kind: PoseKind
    xy: NDArray[np.float64]
    visibility: NDArray[np.integer]
    is_selected: bool
    keypoint: int | None = None
    covariance: NDArray[np.float64] | None = None
    other_peaks: NDArray[np.float64] | None = None
    box: Box | None = None
    chosen: frozenset[int] = frozenset()

    def changed_fields(self, before: "Pose") -> set[str]:
        """Which fields are others; positions are where it is not the same array."""
        changed = set()
        for field in fields(self):
            old, new = getattr(before, field.name), getattr(self, field.name)
            arrays = isinstance(old, np.ndarray), isinstance(new, np.ndarray)
            if old is new:
                is_same = True
            elif all(arrays):
                is_same = field.name != "xy" and np.array_equal(old, new, equal_nan=True)
            else:
                is_same = not any(arrays) and bool(old == new)
            if not is_same:
                changed.add(field.name)
        return changed

    @cached_property
    def ellipse(self) -> NDArray[np.float64] | None:
        """(M, 2) around the selected keypoint, image pixels: nine of ten positions are in it."""
        if self.keypoint is None or self.covariance is None:
            return None
        centre = self.xy[self.keypoint]
        if not np.isfinite(centre).all() or not np.isfinite(self.covariance).all():
            return None
        return _ellipse(centre, self.covariance)

    def has_look_of(self, other: "Pose") -> bool:
        """Whether it is drawn as the other one, however that is known."""
        if self is other:
            return True
        ignored = set() if self._shows_selection else {"keypoint", "chosen"}
        same = self.xy is other.xy and self.visibility is other.visibility
        return same and not self.changed_fields(other) - ignored

    @property
    def _shows_selection(self) -> bool:
        return self.is_selected or self.covariance is not None


def _ellipse(centre: NDArray[np.float64], covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(M, 2) its outline."""
    angles = np.linspace(0, 2 * np.pi, 49)[:-1]
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    variances, axes = np.linalg.eigh(covariance)
    radii = NINE_OF_TEN * np.sqrt(np.maximum(variances, 0))
    outline: NDArray[np.float64] = centre + (circle * radii) @ axes.T
    return outline
