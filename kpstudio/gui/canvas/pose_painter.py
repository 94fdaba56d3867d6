"""Draws skeletons over the image, in sizes of the screen and not of the image."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QTransform

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED
from kpstudio.core.geometry import Box

RADIUS, DENSE_RADIUS, LEAST_RADIUS = 4.5, 3.0, 2.0
MARKER_SHARE = 0.03  # of the longer side of a subject on the screen
DIMMED = 0.45  # other subjects beside the selected one
DENSE = 40
DARK = 0.4  # text of a darker colour would not be readable
NINE_OF_TEN = float(np.sqrt(-2 * np.log(0.1)))  # standard deviations
HALO = QColor(0, 0, 0, 170)


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


class PosePainter:
    """Draws poses with a painter whose transform maps image pixels to the screen.

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
        self._edges = edges
        self._colours = colours
        self._names = names
        self._radius = scale * (RADIUS if len(names) <= DENSE else DENSE_RADIUS)

    def paint(
        self, painter: QPainter, poses: Sequence[Pose], hovered: tuple[int, int] | None
    ) -> None:
        """Draw all poses, ghosts below labels, and the name of the hovered keypoint."""
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        order = sorted(
            range(len(poses)), key=lambda i: (poses[i].kind is PoseKind.LABEL, poses[i].is_selected)
        )
        points = [_on_screen(pose.xy, to_screen) for pose in poses]
        labels = [pose for pose in poses if pose.kind is PoseKind.LABEL]
        dims = len(labels) > 1 and any(pose.is_selected for pose in labels)
        for index in order:
            painter.setOpacity(DIMMED if dims and not poses[index].is_selected else 1.0)
            self._paint_doubt(painter, poses[index], to_screen)
            self._paint_box(painter, poses[index], to_screen)
            self._paint_edges(painter, poses[index], points[index])
            self._paint_keypoints(painter, poses[index], points[index])
        painter.setOpacity(1.0)
        for index, pose in enumerate(poses):
            if pose.is_selected and pose.keypoint is not None:
                self._paint_name(painter, pose, points[index], pose.keypoint)
        if hovered is not None and hovered[0] < len(poses):
            self._paint_name(painter, poses[hovered[0]], points[hovered[0]], hovered[1])
        painter.restore()

    def _paint_doubt(self, painter: QPainter, pose: Pose, to_screen: QTransform) -> None:
        """The ellipse that nine of ten true positions should be in, and rival positions."""
        if pose.keypoint is None or pose.covariance is None:
            return
        colour = QColor(self._colours[pose.keypoint])
        outline = [
            point
            for point in _on_screen(_ellipse(pose.xy[pose.keypoint], pose.covariance), to_screen)
            if point is not None
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(HALO, 2.8), QPen(colour, 1.2, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawPolygon(outline)
        rivals = [] if pose.other_peaks is None else _on_screen(pose.other_peaks, to_screen)
        for rival in rivals:
            if rival is not None:
                _paint_diamond(painter, rival, colour, 3.0)

    def _paint_box(self, painter: QPainter, pose: Pose, to_screen: QTransform) -> None:
        if pose.box is None:
            return
        area = to_screen.mapRect(QRectF(pose.box.x, pose.box.y, pose.box.width, pose.box.height))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour = QColor(255, 255, 255, 200 if pose.is_selected else 110)
        for pen in (QPen(HALO, 2.6), QPen(colour, 1, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawRect(area)

    def _paint_edges(self, painter: QPainter, pose: Pose, points: list[QPointF | None]) -> None:
        is_ghost = pose.kind is PoseKind.GHOST
        for start, end in self._edges:
            a, b = points[start], points[end]
            if a is None or b is None or 0 in (pose.visibility[start], pose.visibility[end]):
                continue
            occluded = OCCLUDED in (pose.visibility[start], pose.visibility[end])
            dashed = Qt.PenStyle.DashLine if is_ghost or occluded else Qt.PenStyle.SolidLine
            colour = QColor(self._colours[end])
            colour.setAlpha(210 if pose.is_selected else 130 if is_ghost else 170)
            if not is_ghost:
                painter.setPen(QPen(HALO, 3.5))
                painter.drawLine(a, b)
            painter.setPen(QPen(colour, 1.2 if is_ghost else 1.8, dashed))
            painter.drawLine(a, b)

    def _paint_keypoints(self, painter: QPainter, pose: Pose, points: list[QPointF | None]) -> None:
        radius = self._radius_of(points)
        for index, point in enumerate(points):
            if point is None:
                continue
            colour = QColor(self._colours[index])
            is_chosen = pose.is_selected and pose.keypoint == index
            if pose.kind is PoseKind.GHOST:
                size = radius + (2.5 if is_chosen else 0.5)
                _paint_diamond(painter, point, QColor("white") if is_chosen else colour, size)
            elif pose.visibility[index] == NOT_LABELLED:
                if pose.is_selected:
                    _paint_cross(painter, point, colour)
            else:
                is_together = pose.is_selected and index in pose.chosen
                if is_chosen or is_together:
                    _paint_ring(painter, point, radius + 4.5)
                is_occluded = pose.visibility[index] == OCCLUDED
                if is_occluded or is_chosen:
                    # What is worked on must not hide what it stands for.
                    _paint_hollow(painter, point, colour, radius, is_dotted=is_occluded)
                else:
                    _paint_disc(painter, point, colour, radius)

    def _radius_of(self, points: list[QPointF | None]) -> float:
        """Smaller where the whole subject is small, so that its markers do not cover it."""
        there = [point for point in points if point is not None]
        if len(there) < 2:
            return self._radius
        width = max(p.x() for p in there) - min(p.x() for p in there)
        height = max(p.y() for p in there) - min(p.y() for p in there)
        return min(max(max(width, height) * MARKER_SHARE, LEAST_RADIUS), self._radius)

    def _paint_name(
        self, painter: QPainter, pose: Pose, points: list[QPointF | None], index: int
    ) -> None:
        point = points[index]
        if point is None:
            return
        name = self._names[index]
        if pose.kind is PoseKind.GHOST:
            text = QCoreApplication.translate("PosePainter", "{0} (prediction)").format(name)
        else:
            text = name
        paint_tag(painter, point, text, self._colours[index])


def paint_tag(painter: QPainter, point: QPointF, text: str, colour: QColor) -> None:
    """A name beside a point, readable on every image."""
    font = QFont(painter.font())
    font.setPixelSize(12)
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(text)
    area = QRectF(point.x() + 11, point.y() - 20, width + 12, 18)
    if area.right() > painter.viewport().right() and point.x() > area.width():
        area.moveRight(point.x() - 11)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(15, 17, 20, 215))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(colour if colour.lightnessF() > DARK else QColor("white"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def _on_screen(xy: NDArray[np.float64], transform: QTransform) -> list[QPointF | None]:
    return [
        transform.map(QPointF(float(x), float(y))) if np.isfinite(x) and np.isfinite(y) else None
        for x, y in xy
    ]


def _ellipse(centre: NDArray[np.float64], covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(M, 2) its outline; all NaN where the covariance is."""
    angles = np.linspace(0, 2 * np.pi, 49)[:-1]
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    if not np.isfinite(covariance).all():
        return np.full_like(circle, np.nan)
    variances, axes = np.linalg.eigh(covariance)
    radii = NINE_OF_TEN * np.sqrt(np.maximum(variances, 0))
    outline: NDArray[np.float64] = centre + (circle * radii) @ axes.T
    return outline


def _paint_ring(painter: QPainter, point: QPointF, radius: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 4), QPen(QColor("white"), 1.8)):
        painter.setPen(pen)
        painter.drawEllipse(point, radius, radius)


def _paint_disc(painter: QPainter, point: QPointF, colour: QColor, radius: float) -> None:
    painter.setPen(QPen(HALO, 1.5))
    painter.setBrush(colour)
    painter.drawEllipse(point, radius, radius)


def _paint_hollow(
    painter: QPainter, point: QPointF, colour: QColor, radius: float, *, is_dotted: bool
) -> None:
    style = Qt.PenStyle.DotLine if is_dotted else Qt.PenStyle.SolidLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 4), QPen(colour, 2, style)):
        painter.setPen(pen)
        painter.drawEllipse(point, radius, radius)


def _paint_diamond(painter: QPainter, point: QPointF, colour: QColor, size: float) -> None:
    outline = [
        point + QPointF(dx * size, dy * size) for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0))
    ]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 3.2), QPen(colour, 1.5)):
        painter.setPen(pen)
        painter.drawPolygon(outline)


def _paint_cross(painter: QPainter, point: QPointF, colour: QColor) -> None:
    for pen in (QPen(HALO, 3.2), QPen(colour, 1.2)):
        painter.setPen(pen)
        for dx, dy in ((4.0, 4.0), (4.0, -4.0)):
            painter.drawLine(point - QPointF(dx, dy), point + QPointF(dx, dy))
