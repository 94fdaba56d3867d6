"""Poses on a transparent picture, on which drawing them is much faster than on the screen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QRegion, QTransform

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED
from kpstudio.gui.canvas.limbs import hidden_length
from kpstudio.gui.canvas.markers import (
    HALO,
    PHASES,
    Marker,
    MarkerPictures,
    paint_marker,
    paint_ring,
)
from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.gui.canvas.pose_shape import PoseShape

RADIUS, DENSE_RADIUS, LEAST_RADIUS = 4.5, 3.0, 2.0
MARKER_SHARE = 0.03  # of the longer side of a subject on the screen
DIMMED = 0.45  # other subjects beside the selected one
DENSE = 40
# How far from its keypoint a marker with its ring reaches, logical pixels.
REACH = 12.0


@dataclass(frozen=True)
class Sight:
    """How the image lies on the screen.

    Args:
        to_screen: From image pixels to logical ones.
        size: Of the screen, logical pixels.
        ratio: Device pixels per logical pixel.
    """

    to_screen: QTransform
    size: QSize
    ratio: float

    @property
    def scale(self) -> float:
        """Logical pixels per image pixel."""
        return float(self.to_screen.m11())

    def device_rect(self, area: QRectF) -> QRect:
        """The device pixels that a logical area touches."""
        return QTransform.fromScale(self.ratio, self.ratio).mapRect(area).toAlignedRect()


@dataclass(frozen=True, eq=False)
class DressedPose:
    """A pose as it is drawn among the others."""

    pose: Pose
    shape: PoseShape
    opacity: float

    def has_look_of(self, other: "DressedPose") -> bool:
        return self.opacity == other.opacity and self.pose.has_look_of(other.pose)

    def reach(self, to_screen: QTransform) -> QRectF | None:
        """What of the screen it can cover, logical pixels; None where that is nothing."""
        bounds = self.shape.bounds
        if bounds is None and self.pose.box is None:
            return None
        reach = QRectF() if bounds is None else QRectF(bounds)
        if (box := self.pose.box) is not None:
            around = QRectF(box.x, box.y, box.width, box.height)
            reach = around if bounds is None else _united(reach, around)
        for points in (self.pose.ellipse, self.pose.other_peaks):
            if points is not None and np.isfinite(points).any():
                (x0, y0), (x1, y1) = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
                reach = _united(reach, QRectF(x0, y0, x1 - x0, y1 - y0))
        return to_screen.mapRect(reach).adjusted(-REACH, -REACH, REACH, REACH)


class PoseLayer:
    """Draws poses on pictures; see `limbs` for why they are transparent.

    Args:
        edges: (E, 2) pairs of keypoint indices.
        colours: One per keypoint.
        scale: Of the keypoints' size, 1 for the usual one.
    """

    def __init__(self, edges: NDArray[np.intp], colours: Sequence[QColor], *, scale: float) -> None:
        self._edges = edges
        self._colours = colours
        self._radius = scale * (RADIUS if len(colours) <= DENSE else DENSE_RADIUS)
        self._pictures = MarkerPictures()
        self._shapes: list[PoseShape] = []
        self._scratch = QImage()

    def dressed(self, poses: Sequence[Pose]) -> list[DressedPose]:
        """The poses as they are drawn among each other."""
        shapes = self._shapes[: len(poses)]
        for index, pose in enumerate(poses):
            if index >= len(shapes) or not shapes[index].fits(pose):
                shapes[index : index + 1] = [PoseShape(pose, self._edges, self._colours)]
        self._shapes = shapes
        labels = [pose for pose in poses if pose.kind is PoseKind.LABEL]
        dims = len(labels) > 1 and any(pose.is_selected for pose in labels)
        return [
            DressedPose(pose, shape, DIMMED if dims and not pose.is_selected else 1.0)
            for pose, shape in zip(poses, shapes, strict=True)
        ]

    def picture(self, poses: Sequence[DressedPose], sight: Sight, place: QRect) -> QImage:
        """A transparent picture of a place on the screen, device pixels, with poses on it."""
        picture = QImage(place.size(), QImage.Format.Format_ARGB32_Premultiplied)
        picture.fill(Qt.GlobalColor.transparent)
        self._fit_scratch(place.size())
        to_layer = QTransform(
            sight.ratio, 0.0, 0.0, sight.ratio, float(-place.x()), float(-place.y())
        )
        taken = QRegion()
        with QPainter(picture) as layer, QPainter(self._scratch) as scratch:
            for painter in (layer, scratch):
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            for _, alike in groupby(poses, key=lambda d: (d.pose.kind, d.pose.is_selected)):
                here, touched = _touching(alike, sight, to_layer, picture.rect())
                # Lines replace what is below them: they may do so only where there is nothing,
                # or other lines of the same kind.
                if touched.intersects(taken):
                    self._paint_limbs(scratch, here, sight, to_layer)
                    around = touched.boundingRect()
                    layer.drawImage(around, self._scratch, around)
                    _clear(scratch, around)
                else:
                    self._paint_limbs(layer, here, sight, to_layer)
                taken = taken.united(touched)
                for each in here:
                    layer.setWorldTransform(to_layer)
                    layer.setOpacity(each.opacity)
                    self._paint_doubt(layer, each.pose, sight.to_screen)
                    self._paint_box(layer, each.pose, sight.to_screen)
                    self._paint_keypoints(layer, each, sight, to_layer)
        return picture

    def radius_at(self, extent: float) -> float:
        """The size of markers, of a subject whose longer side is that on the screen, or 0."""
        if not extent:
            return self._radius
        return min(max(extent * MARKER_SHARE, LEAST_RADIUS), self._radius)

    # Inside

    def _fit_scratch(self, size: QSize) -> None:
        """It is as large as the largest layer, and transparent between two uses."""
        needed = self._scratch.size().expandedTo(size)
        if needed != self._scratch.size():
            self._scratch = QImage(needed, QImage.Format.Format_ARGB32_Premultiplied)
            self._scratch.fill(Qt.GlobalColor.transparent)

    def _paint_limbs(
        self, painter: QPainter, poses: Sequence[DressedPose], sight: Sight, to_layer: QTransform
    ) -> None:
        """Write the lines of poses of one kind where nothing else is."""
        painter.setWorldTransform(sight.to_screen * to_layer)
        for each in poses:
            is_selected, is_ghost = each.pose.is_selected, each.pose.kind is PoseKind.GHOST
            # What is dimmed recedes: it has no rim, which would also take the longest to draw.
            has_halo = not is_ghost and each.opacity == 1.0
            alpha = 210 if is_selected else 130 if is_ghost else 170 if has_halo else 255
            hidden = 0.0
            if not is_selected:
                hidden = hidden_length(self._radius_of(each.shape, sight)) / sight.scale
            each.shape.limbs.paint(
                painter,
                alpha=alpha / 255,
                opacity=each.opacity,
                ratio=sight.ratio,
                is_ghost=is_ghost,
                has_halo=has_halo,
                hidden=hidden,
            )
        painter.resetTransform()

    def _paint_doubt(self, painter: QPainter, pose: Pose, to_screen: QTransform) -> None:
        """The ellipse that nine of ten true positions should be in, and rival positions."""
        if pose.keypoint is None or pose.ellipse is None:
            return
        colour = QColor(self._colours[pose.keypoint])
        outline = [QPointF(x, y) for x, y in mapped(pose.ellipse, to_screen).tolist()]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(HALO, 2.8), QPen(colour, 1.2, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawPolygon(outline)
        rivals = [] if pose.other_peaks is None else on_screen(pose.other_peaks, to_screen)
        for rival in rivals:
            if rival is not None:
                paint_marker(painter, Marker.DIAMOND, rival, colour, 3.0)

    def _paint_box(self, painter: QPainter, pose: Pose, to_screen: QTransform) -> None:
        if pose.box is None:
            return
        area = to_screen.mapRect(QRectF(pose.box.x, pose.box.y, pose.box.width, pose.box.height))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour = QColor(255, 255, 255, 200 if pose.is_selected else 110)
        for pen in (QPen(HALO, 2.6), QPen(colour, 1, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawRect(area)

    def _paint_keypoints(
        self, painter: QPainter, dressed: DressedPose, sight: Sight, to_layer: QTransform
    ) -> None:
        """The markers; the painter maps the screen to the layer."""
        pose, markers = dressed.pose, dressed.shape.markers
        radius, ratio = self._radius_of(dressed.shape, sight), sight.ratio
        pictures = [
            self._pictures.of(
                marker,
                colour,
                radius + 0.5 if marker is Marker.DIAMOND else radius,
                opacity=dressed.opacity,
                ratio=ratio,
            )
            for marker, colour in markers.styles
        ]
        if not pictures:
            return
        # All are of one size: a pose has either diamonds or none.
        half = pictures[0][0]
        at = mapped(markers.xy, sight.to_screen * to_layer)
        size = painter.device().width(), painter.device().height()
        is_drawn = np.all((at > -half) & (at < np.add(size, half)), axis=1)
        marked = _marked(pose)
        is_drawn &= ~np.isin(markers.keypoints, marked)
        quarters = np.round(at[is_drawn] * PHASES).astype(np.intp)
        corners = quarters // PHASES - half
        phases = quarters % PHASES @ (1, PHASES)
        painter.resetTransform()
        painter.setOpacity(1.0)
        draw = painter.drawPixmap
        for (x, y), phase, style in zip(
            corners.tolist(),
            phases.tolist(),
            markers.style_of[is_drawn].tolist(),
            strict=True,
        ):
            draw(x, y, pictures[style][1][phase])
        if marked:
            painter.setWorldTransform(to_layer)
            painter.setOpacity(dressed.opacity)
            for index in marked:
                point = on_screen(pose.xy[[index]], sight.to_screen)[0]
                if point is not None:
                    self._paint_marked(painter, pose, point, index, radius)

    def _paint_marked(
        self, painter: QPainter, pose: Pose, point: QPointF, index: int, radius: float
    ) -> None:
        """A keypoint that is selected or chosen, exactly where it is."""
        colour, is_chosen = self._colours[index], pose.keypoint == index
        if pose.kind is PoseKind.GHOST:
            colour = QColor("white") if is_chosen else colour
            size = radius + (2.5 if is_chosen else 0.5)
            paint_marker(painter, Marker.DIAMOND, point, colour, size)
        elif pose.visibility[index] == NOT_LABELLED:
            paint_marker(painter, Marker.CROSS, point, colour, radius)
        else:
            paint_ring(painter, point, radius + 4.5)
            if pose.visibility[index] == OCCLUDED:
                paint_marker(painter, Marker.DOTTED, point, colour, radius)
            else:
                # What is worked on must not hide what it stands for.
                marker = Marker.HOLLOW if is_chosen else Marker.DISC
                paint_marker(painter, marker, point, colour, radius)

    def _radius_of(self, shape: PoseShape, sight: Sight) -> float:
        """Smaller where the whole subject is small, so that its markers do not cover it."""
        if shape.bounds is None:
            return self._radius
        extent = max(shape.bounds.width(), shape.bounds.height()) * sight.scale
        return self.radius_at(extent)


def _marked(pose: Pose) -> list[int]:
    """The keypoints that are drawn with a ring around them."""
    if not pose.is_selected:
        return []
    selected = () if pose.keypoint is None else (pose.keypoint,)
    return sorted({*selected, *pose.chosen})


def _touching(
    poses: Iterable[DressedPose], sight: Sight, to_layer: QTransform, picture: QRect
) -> tuple[list[DressedPose], QRegion]:
    """The poses that may cover something of a picture, and what that is, device pixels."""
    touching, touched = [], QRegion()
    for each in poses:
        reach = each.reach(sight.to_screen)
        if reach is not None:
            area = to_layer.mapRect(reach).toAlignedRect().intersected(picture)
            if not area.isEmpty():
                touching.append(each)
                touched = touched.united(area)
    return touching, touched


def _united(one: QRectF, other: QRectF) -> QRectF:
    """As Qt's, but of rectangles that may have no area, too."""
    left, top = min(one.left(), other.left()), min(one.top(), other.top())
    right, bottom = max(one.right(), other.right()), max(one.bottom(), other.bottom())
    return QRectF(left, top, right - left, bottom - top)


def mapped(xy: NDArray[np.float64], transform: QTransform) -> NDArray[np.float64]:
    matrix = np.array([[transform.m11(), transform.m12()], [transform.m21(), transform.m22()]])
    mapped: NDArray[np.float64] = xy @ matrix + (transform.dx(), transform.dy())
    return mapped


def _clear(painter: QPainter, area: QRect) -> None:
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.fillRect(area, Qt.GlobalColor.transparent)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)


def on_screen(xy: NDArray[np.float64], transform: QTransform) -> list[QPointF | None]:
    return [
        transform.map(QPointF(float(x), float(y))) if np.isfinite(x) and np.isfinite(y) else None
        for x, y in xy
    ]
