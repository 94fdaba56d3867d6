"""Draws skeletons over the image, in sizes of the screen and not of the image."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPixmap, QTransform

from kpstudio.core.annotation import NOT_LABELLED, OCCLUDED
from kpstudio.core.geometry import Box
from kpstudio.gui.canvas.limbs import Limbs
from kpstudio.gui.canvas.markers import HALO as HALO
from kpstudio.gui.canvas.markers import (
    PHASES,
    Marker,
    MarkerPictures,
    paint_marker,
    paint_ring,
)

RADIUS, DENSE_RADIUS, LEAST_RADIUS = 4.5, 3.0, 2.0
MARKER_SHARE = 0.03  # of the longer side of a subject on the screen
DIMMED = 0.45  # other subjects beside the selected one
DENSE = 40
DARK = 0.4  # text of a darker colour would not be readable
NINE_OF_TEN = float(np.sqrt(-2 * np.log(0.1)))  # standard deviations
# How far from its keypoint a marker with its ring reaches, logical pixels.
REACH = 12.0


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

    def has_limbs_of(self, other: "Pose") -> bool:
        """Whether the lines between the keypoints are the same."""
        return (
            self.xy is other.xy and self.visibility is other.visibility and self.kind is other.kind
        )


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
        self._rgba = [colour.rgba() for colour in colours]
        self._names = names
        self._radius = scale * (RADIUS if len(names) <= DENSE else DENSE_RADIUS)
        self._pictures = MarkerPictures()
        self._limbs: list[tuple[Pose, Limbs]] = []
        self._layer, self._scratch = QImage(), QImage()

    def paint(
        self,
        painter: QPainter,
        poses: Sequence[Pose],
        hovered: tuple[int, int] | None,
        areas: Sequence[QRect] | None = None,
    ) -> None:
        """Draw all poses, ghosts below labels, and the names of what is selected and hovered.

        Args:
            painter: Maps image pixels to the screen.
            poses: The subjects.
            hovered: (subject, keypoint) under the cursor.
            areas: What of the screen is drawn anew, logical pixels, apart from each other; all of
                it where None.
        """
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        whole = painter.viewport()
        for area in (whole,) if areas is None else areas:
            if area.intersects(whole):
                self._paint_layer(painter, poses, to_screen, area.intersected(whole))
        for index, keypoint in self._named(poses, hovered):
            point = _on_screen(poses[index].xy[[keypoint]], to_screen)[0]
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
            point = _on_screen(poses[index].xy[[keypoint]], to_screen)[0]
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
        old, new = _mapped(before.xy, to_screen), _mapped(after.xy, to_screen)
        if self._radius_of(old) != self._radius_of(new):
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

    def _paint_layer(
        self, painter: QPainter, poses: Sequence[Pose], to_screen: QTransform, area: QRect
    ) -> None:
        ratio = painter.device().devicePixelRatio()
        width, height = (int(np.ceil(each * ratio)) for each in (area.width(), area.height()))
        self._layer = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        self._layer.fill(Qt.GlobalColor.transparent)
        if self._scratch.width() < width or self._scratch.height() < height:
            # It is as large as the largest layer, and transparent between two uses.
            self._scratch = QImage(
                max(width, self._scratch.width()),
                max(height, self._scratch.height()),
                QImage.Format.Format_ARGB32_Premultiplied,
            )
            self._scratch.fill(Qt.GlobalColor.transparent)
        to_layer = QTransform.fromTranslate(-area.x(), -area.y()) * QTransform.fromScale(
            ratio, ratio
        )
        order = sorted(
            range(len(poses)), key=lambda i: (poses[i].kind is PoseKind.LABEL, poses[i].is_selected)
        )
        labels = [pose for pose in poses if pose.kind is PoseKind.LABEL]
        dims = len(labels) > 1 and any(pose.is_selected for pose in labels)
        limbs = self._current_limbs(poses)
        with QPainter(self._layer) as layer, QPainter(self._scratch) as scratch:
            layer.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            for index in order:
                pose = poses[index]
                points = _mapped(pose.xy, to_screen)
                opacity = DIMMED if dims and not pose.is_selected else 1.0
                layer.setOpacity(opacity)
                layer.setWorldTransform(to_layer)
                self._paint_doubt(layer, pose, to_screen)
                self._paint_box(layer, pose, to_screen)
                touched = _touched(points, area, to_layer)
                if touched is not None:
                    scratch.setWorldTransform(to_screen * to_layer)
                    self._paint_limbs(scratch, pose, limbs[index], opacity, ratio)
                    layer.resetTransform()
                    layer.setOpacity(1.0)
                    layer.drawImage(touched, self._scratch, touched)
                    _clear(scratch, touched)
                    self._paint_keypoints(layer, pose, points, to_layer, opacity)
        self._layer.setDevicePixelRatio(ratio)
        painter.drawImage(area.topLeft(), self._layer)

    def _paint_limbs(
        self, scratch: QPainter, pose: Pose, limbs: Limbs, opacity: float, ratio: float
    ) -> None:
        """The lines of one pose on a picture of their own: they shall not hide other poses."""
        is_ghost = pose.kind is PoseKind.GHOST
        alpha = (210 if pose.is_selected else 130 if is_ghost else 170) / 255
        scratch.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        limbs.paint(scratch, alpha=alpha, opacity=opacity, ratio=ratio, is_ghost=is_ghost)

    def _current_limbs(self, poses: Sequence[Pose]) -> list[Limbs]:
        """The lines of each pose, made anew only where it has changed."""
        known = self._limbs[: len(poses)]
        for index, pose in enumerate(poses):
            old = known[index][0] if index < len(known) else None
            if old is not None and old.has_limbs_of(pose):
                continue
            limbs = Limbs.of(
                self._edges,
                self._colours,
                pose.xy,
                pose.visibility,
                is_dashed=pose.kind is PoseKind.GHOST,
            )
            known[index : index + 1] = [(pose, limbs)]
        self._limbs = known
        return [limbs for _, limbs in known]

    def _paint_doubt(self, painter: QPainter, pose: Pose, to_screen: QTransform) -> None:
        """The ellipse that nine of ten true positions should be in, and rival positions."""
        if pose.keypoint is None or pose.covariance is None:
            return
        if not np.isfinite(pose.xy[pose.keypoint]).all():
            return
        colour = QColor(self._colours[pose.keypoint])
        ellipse = _mapped(_ellipse(pose.xy[pose.keypoint], pose.covariance), to_screen)
        outline = [QPointF(x, y) for x, y in ellipse[np.isfinite(ellipse).all(axis=1)].tolist()]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(HALO, 2.8), QPen(colour, 1.2, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawPolygon(outline)
        rivals = [] if pose.other_peaks is None else _on_screen(pose.other_peaks, to_screen)
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
        self,
        painter: QPainter,
        pose: Pose,
        points: NDArray[np.float64],
        to_layer: QTransform,
        opacity: float,
    ) -> None:
        """The markers; the painter maps the screen to the layer."""
        radius, ratio = self._radius_of(points), to_layer.m11()
        at = points * ratio + (to_layer.dx(), to_layer.dy())
        margin = REACH * ratio
        most = np.array([self._layer.width(), self._layer.height()]) + margin
        is_near = ((at > -margin) & (at < most)).all(axis=1)
        near = np.flatnonzero(is_near)
        quarters = np.round(at[near] * PHASES).astype(np.intp)
        cells, phases = quarters // PHASES, quarters % PHASES
        marked = {pose.keypoint, *pose.chosen} if pose.is_selected else set()
        kinds = self._markers(pose)
        direct = []
        known: dict[tuple[Marker, int], tuple[int, list[QPixmap]]] = {}
        painter.resetTransform()
        painter.setOpacity(1.0)
        draw = painter.drawPixmap
        for index, x, y, phase in zip(
            near.tolist(),
            cells[:, 0].tolist(),
            cells[:, 1].tolist(),
            (phases[:, 0] + PHASES * phases[:, 1]).tolist(),
            strict=True,
        ):
            marker = kinds[index]
            if index in marked:
                direct.append(index)
            elif marker is not None:
                found = known.get((marker, self._rgba[index]))
                if found is None:
                    found = known[marker, self._rgba[index]] = self._pictures.of(
                        marker,
                        self._colours[index],
                        radius + 0.5 if marker is Marker.DIAMOND else radius,
                        opacity=opacity,
                        ratio=ratio,
                    )
                half, pictures = found
                draw(x - half, y - half, pictures[phase])
        painter.setWorldTransform(to_layer)
        painter.setOpacity(opacity)
        for index in direct:
            self._paint_marked(painter, pose, QPointF(*points[index].tolist()), index, radius)

    def _markers(self, pose: Pose) -> list[Marker | None]:
        """How each keypoint is marked; not at all where it is not labelled and not selected."""
        if pose.kind is PoseKind.GHOST:
            return [Marker.DIAMOND] * len(pose.xy)
        by_visibility = {
            NOT_LABELLED: Marker.CROSS if pose.is_selected else None,
            OCCLUDED: Marker.DOTTED,
        }
        return [by_visibility.get(each, Marker.DISC) for each in pose.visibility.tolist()]

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

    def _radius_of(self, points: NDArray[np.float64]) -> float:
        """Smaller where the whole subject is small, so that its markers do not cover it."""
        there = points[np.isfinite(points).all(axis=1)]
        if len(there) < 2:
            return self._radius
        extent = float(np.ptp(there, axis=0).max())
        return min(max(extent * MARKER_SHARE, LEAST_RADIUS), self._radius)


def paint_tag(painter: QPainter, point: QPointF, text: str, colour: QColor) -> None:
    """A name beside a point, readable on every image."""
    font = _tag_font(painter.font())
    painter.setFont(font)
    area = tag_area(point, text, font=font, right=painter.viewport().right() + 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(15, 17, 20, 215))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(colour if colour.lightnessF() > DARK else QColor("white"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def tag_area(point: QPointF, text: str, *, font: QFont, right: int) -> QRectF:
    """Where the name beside a point is: to its left where there is no room to its right."""
    width = QFontMetrics(_tag_font(font)).horizontalAdvance(text)
    area = QRectF(point.x() + 11, point.y() - 20, width + 12, 18)
    if area.right() > right - 1 and point.x() > area.width():
        area.moveRight(point.x() - 11)
    return area


def _tag_font(font: QFont) -> QFont:
    tag = QFont(font)
    tag.setPixelSize(12)
    return tag


def _mapped(xy: NDArray[np.float64], transform: QTransform) -> NDArray[np.float64]:
    matrix = np.array([[transform.m11(), transform.m12()], [transform.m21(), transform.m22()]])
    mapped: NDArray[np.float64] = xy @ matrix + (transform.dx(), transform.dy())
    return mapped


def _around(points: NDArray[np.float64]) -> list[QRectF]:
    """The rectangle around points and their markers; none where there is no point."""
    there = points[np.isfinite(points).all(axis=1)]
    if not len(there):
        return []
    (x0, y0), (x1, y1) = there.min(axis=0).tolist(), there.max(axis=0).tolist()
    return [QRectF(x0, y0, x1 - x0, y1 - y0).adjusted(-REACH, -REACH, REACH, REACH)]


def _touched(points: NDArray[np.float64], area: QRect, to_layer: QTransform) -> QRect | None:
    """What of the layer a pose can cover, device pixels; None where that is nothing."""
    for around in _around(points):
        inside = around.intersected(QRectF(area))
        if not inside.isEmpty():
            return to_layer.mapRect(inside).toAlignedRect()
    return None


def _clear(painter: QPainter, area: QRect) -> None:
    painter.resetTransform()
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.fillRect(area, Qt.GlobalColor.transparent)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)


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
