"""What of the canvas looks other than before, so that only that is drawn anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QRegion, QTransform

from kpstudio.gui.canvas.pose import Pose
from kpstudio.gui.canvas.pose_painter import PosePainter
from kpstudio.gui.canvas.subject_tags import SubjectTag, changed_tag_areas

# Drawing one area costs as much as so many times its pixels more in another one.
_WORTH = 3


@dataclass(frozen=True, eq=False)
class Seen:
    """What was drawn over the image.

    Args:
        poses: Skeletons.
        hovered: (subject, keypoint) under the cursor.
        floating: Where names, tags and the loupe are, screen pixels: they do not move along with
            the image.
        tags: Of the subjects.
    """

    poses: Sequence[Pose]
    hovered: tuple[int, int] | None
    floating: tuple[QRectF, ...]
    tags: tuple[SubjectTag, ...] = ()


def changed_areas(
    before: Seen, now: Seen, painter: PosePainter, to_screen: QTransform
) -> list[QRectF] | None:
    """Where poses and tags look other than before, screen pixels; None if that may be anywhere.

    Args:
        before: What is on the screen.
        now: What shall be.
        painter: Draws the poses.
        to_screen: Maps image pixels to the screen.
    """
    if len(before.poses) != len(now.poses):
        return None
    areas: list[QRectF] = []
    for old, new in zip(before.poses, now.poses, strict=True):
        changed = painter.changed_area(old, new, to_screen)
        if changed is None:
            return None
        areas += changed
    return areas + changed_tag_areas(before.tags, now.tags, to_screen)


def exposed_areas(region: QRegion) -> list[QRect]:
    """The rectangles to draw: those of the region, or that around it where it is little larger."""
    parts = [QRect(each) for each in cast("Iterable[QRect]", region)]
    around = region.boundingRect()
    pixels = sum(each.width() * each.height() for each in parts)
    return [around] if around.width() * around.height() < _WORTH * pixels else parts
