"""Draws skeletons over the image, in sizes of the screen and not of the image."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QTransform

from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.gui.canvas.pose_layer import REACH, DressedPose, PoseLayer, Sight, mapped, on_screen
from kpstudio.gui.canvas.tag import paint_tag, tag_area


class _Still:
    """The poses below the selected one, which stay as they are while that one is worked on.

    Only the second painting of the same sight draws all of them and keeps the picture: while one
    pans or zooms, each painting is the first.
    """

    def __init__(self) -> None:
        self._sight: Sight | None = None
        self._poses: list[DressedPose] = []
        self.picture: QImage | None = None

    def is_known(self, sight: Sight, poses: list[DressedPose]) -> bool:
        """Whether the last painting was of the same; if not, what was kept is forgotten."""
        is_same = (
            sight == self._sight
            and len(poses) == len(self._poses)
            and all(new.has_look_of(old) for new, old in zip(poses, self._poses, strict=True))
        )
        if not is_same:
            self.picture = None
        self._sight, self._poses = sight, poses
        return is_same


class PosePainter:
    """Draws poses with a painter whose transform maps image pixels to the screen.

    All of it is first drawn on a transparent picture, on which it is much faster (see `limbs`).

    Args:
        edges: Pairs of keypoint indices.
        colours: One per keypoint.
        names: One per keypoint.
        scale: Of the keypoints' size, 1 for the usual one.
    """

    def __init__(
        self,
        edges: Sequence[tuple[int, int]],
        colours: Sequence[QColor],
        names: Sequence[str],
        *,
        scale: float = 1.0,
    ) -> None:
        self._edges = np.array(edges, dtype=np.intp).reshape(-1, 2)
        self._colours = colours
        self._names = names
        self._layer = PoseLayer(self._edges, colours, scale=scale)
        self._still = _Still()

    def paint(
        self,
        painter: QPainter,
        poses: Sequence[Pose],
        areas: Sequence[QRect] | None = None,
    ) -> None:
        """Draw all poses, ghosts below labels.

        Args:
            painter: Maps image pixels to the screen.
            poses: The subjects.
            areas: What of the screen is drawn anew, logical pixels, apart from each other; all of
                it where None.
        """
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        whole = painter.viewport()
        sight = Sight(to_screen, whole.size(), painter.device().devicePixelRatio())
        parts = [whole] if areas is None else [each.intersected(whole) for each in areas]
        self._paint_layers(painter, poses, sight, [each for each in parts if not each.isEmpty()])
        painter.restore()

    def paint_names(
        self, painter: QPainter, poses: Sequence[Pose], hovered: tuple[int, int] | None
    ) -> None:
        """Draw the names of what is selected and hovered.

        Args:
            painter: Maps image pixels to the screen.
            poses: The subjects.
            hovered: (subject, keypoint) under the cursor.
        """
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for index, keypoint in self._named(poses, hovered):
            point = on_screen(poses[index].xy[[keypoint]], to_screen)[0]
            if point is not None:
                paint_tag(
                    painter, point, self._name(poses[index], keypoint), self._colours[keypoint]
                )
        painter.restore()

    def name_areas(
        self,
        poses: Sequence[Pose],
        hovered: tuple[int, int] | None,
        to_screen: QTransform,
        *,
        font: QFont,
        width: int,
    ) -> list[QRectF]:
        """Where on a screen of that width the names are, which do not move with the image."""
        areas = []
        for index, keypoint in self._named(poses, hovered):
            point = on_screen(poses[index].xy[[keypoint]], to_screen)[0]
            if point is not None:
                text = self._name(poses[index], keypoint)
                areas.append(tag_area(point, text, font=font, right=width))
        return areas

    def changed_area(self, before: Pose, after: Pose, to_screen: QTransform) -> list[QRectF] | None:
        """Where a pose looks other than before, logical pixels; None where that may be anywhere."""
        if after is before:
            return []
        if after.changed_fields(before) - {"xy"}:
            return None
        if after.covariance is not None and after.keypoint is not None:
            return None
        old, new = mapped(before.xy, to_screen), mapped(after.xy, to_screen)
        if self._layer.radius_at(_extent(old)) != self._layer.radius_at(_extent(new)):
            return _around(old) + _around(new)
        is_same = (old == new) | (np.isnan(old) & np.isnan(new))
        is_moved = ~is_same.all(axis=1)
        touched = is_moved.copy()
        for start, end in self._edges[is_moved[self._edges].any(axis=1)]:
            touched[[start, end]] = True
        return _around(np.concatenate([old[touched], new[touched]]))

    # Inside

    def _named(
        self, poses: Sequence[Pose], hovered: tuple[int, int] | None
    ) -> list[tuple[int, int]]:
        named = [
            (index, pose.keypoint)
            for index, pose in enumerate(poses)
            if pose.is_selected and pose.keypoint is not None
        ]
        if hovered is not None and hovered[0] < len(poses):
            named.append(hovered)
        return named

    def _name(self, pose: Pose, keypoint: int) -> str:
        name = self._names[keypoint]
        if pose.kind is PoseKind.GHOST:
            return QCoreApplication.translate("PosePainter", "{0} (prediction)").format(name)
        return name

    def _paint_layers(
        self, painter: QPainter, poses: Sequence[Pose], sight: Sight, areas: Sequence[QRect]
    ) -> None:
        """What is selected is drawn over a picture of all others, which is kept."""
        dressed = self._layer.dressed(poses)
        order = sorted(dressed, key=lambda d: (d.pose.kind is PoseKind.LABEL, d.pose.is_selected))
        top = order[-1:]
        if not top or not top[0].pose.is_selected or top[0].pose.kind is not PoseKind.LABEL:
            top = []
        below = order[: len(order) - len(top)]
        is_known = self._still.is_known(sight, below)
        if is_known and below and self._still.picture is None:
            whole = sight.device_rect(QRectF(QRect(0, 0, sight.size.width(), sight.size.height())))
            self._still.picture = self._layer.picture(below, sight, whole)
        for area in areas:
            place = sight.device_rect(QRectF(area))
            if self._still.picture is not None:
                _draw_at(painter, place, self._still.picture, place, sight.ratio)
                self._paint_layer(painter, top, sight, place)
            else:
                self._paint_layer(painter, order, sight, place)

    def _paint_layer(
        self, painter: QPainter, poses: Sequence[DressedPose], sight: Sight, place: QRect
    ) -> None:
        """Draw poses, as far as they touch a place: device pixels."""
        covered = QRect()
        for each in poses:
            reach = each.reach(sight.to_screen)
            if reach is not None:
                covered = covered.united(sight.device_rect(reach).intersected(place))
        if not covered.isEmpty():
            picture = self._layer.picture(poses, sight, covered)
            _draw_at(painter, covered, picture, picture.rect(), sight.ratio)


def _around(points: NDArray[np.float64]) -> list[QRectF]:
    """The rectangle around points and their markers; none where there is no point."""
    there = points[np.isfinite(points).all(axis=1)]
    if not len(there):
        return []
    (x0, y0), (x1, y1) = there.min(axis=0).tolist(), there.max(axis=0).tolist()
    return [QRectF(x0, y0, x1 - x0, y1 - y0).adjusted(-REACH, -REACH, REACH, REACH)]


def _extent(points: NDArray[np.float64]) -> float:
    """The longer side of what points cover; 0 where there is none."""
    there = points[np.isfinite(points).all(axis=1)]
    return float(np.ptp(there, axis=0).max()) if len(there) else 0.0


def _draw_at(painter: QPainter, place: QRect, picture: QImage, part: QRect, ratio: float) -> None:
    """Draw a part of a picture exactly on the device pixels of a place of the same size."""
    area = QTransform.fromScale(1 / ratio, 1 / ratio).mapRect(QRectF(place))
    painter.drawImage(area, picture, QRectF(part))
