"""What of a pose is the same at every zoom, worked out once and not at every frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED
from kpstudio.gui.canvas.limbs import Limbs
from kpstudio.gui.canvas.markers import Marker
from kpstudio.gui.canvas.pose import Pose, PoseKind


@dataclass(frozen=True, eq=False)
class PoseShape:
    """The lines and markers of a pose.

    Args:
        pose: Whose they are.
        edges: (E, 2) pairs of keypoint indices.
        colours: One per keypoint.
    """

    pose: Pose
    edges: NDArray[np.intp]
    colours: Sequence[QColor]

    def fits(self, pose: Pose) -> bool:
        """Whether another pose has the same lines and markers."""
        mine = self.pose
        return (
            mine.xy is pose.xy
            and mine.visibility is pose.visibility
            and mine.kind is pose.kind
            and mine.is_selected == pose.is_selected
        )

    @cached_property
    def bounds(self) -> QRectF | None:
        """Around its keypoints, image pixels; None where it has none."""
        there = self.pose.xy[np.isfinite(self.pose.xy).all(axis=1)]
        if not len(there):
            return None
        (x0, y0), (x1, y1) = there.min(axis=0).tolist(), there.max(axis=0).tolist()
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    @cached_property
    def limbs(self) -> Limbs:
        return Limbs.of(
            self.edges,
            self.colours,
            self.pose.xy,
            self.pose.visibility,
            is_dashed=self.pose.kind is PoseKind.GHOST,
        )

    @cached_property
    def markers(self) -> "Markers":
        return Markers.of(self.pose, self.colours)


@dataclass(frozen=True, eq=False)
class Markers:
    """How each keypoint of a pose is marked, of those that are.

    Args:
        keypoints: (M,) their indices.
        xy: (M, 2) image pixels.
        styles: Markers and colours that occur.
        style_of: (M,) which of them each has.
    """

    keypoints: NDArray[np.intp]
    xy: NDArray[np.float64]
    styles: list[tuple[Marker, QColor]]
    style_of: NDArray[np.intp]

    @classmethod
    def of(cls, pose: Pose, colours: Sequence[QColor]) -> "Markers":
        """The markers of a pose, with one colour per keypoint."""
        known: dict[tuple[Marker, int], int] = {}
        styles: list[tuple[Marker, QColor]] = []
        keypoints, style_of = [], []
        is_there = np.all(np.isfinite(pose.xy), axis=1).tolist()
        for index, marker in enumerate(_markers(pose)):
            if marker is None or not is_there[index]:
                continue
            key = marker, colours[index].rgba()
            if key not in known:
                known[key] = len(styles)
                styles.append((marker, colours[index]))
            keypoints.append(index)
            style_of.append(known[key])
        chosen = np.array(keypoints, dtype=np.intp)
        return cls(chosen, pose.xy[chosen], styles, np.array(style_of, dtype=np.intp))


def _markers(pose: Pose) -> list[Marker | None]:
    """One per keypoint; none where it is not labelled and not selected."""
    if pose.kind is PoseKind.GHOST:
        return [Marker.DIAMOND] * len(pose.xy)
    by_visibility = {
        NOT_LABELLED: Marker.CROSS if pose.is_selected else None,
        OCCLUDED: Marker.DOTTED,
    }
    return [by_visibility.get(each, Marker.DISC) for each in pose.visibility.tolist()]
