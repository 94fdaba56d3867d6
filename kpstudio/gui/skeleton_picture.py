"""A skeleton as a picture to choose it by."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from kpstudio.core.skeleton import Skeleton
from kpstudio.gui.canvas.pose import Pose, PoseKind
from kpstudio.gui.canvas.pose_painter import PosePainter
from kpstudio.gui.theme import ThemeSwitch, keypoint_colours

MARGIN, ICON_MARGIN = 22, 7
ICON = QSize(64, 64)
DENSITY = 2
# Many points in a small picture are smaller.
MANY, SMALL, ICON_SMALL = 40, 0.7, 0.55


class SkeletonPicture(QWidget):
    """Shows a skeleton in the shape of its subject, or on a circle where nobody knows it."""

    def __init__(self, themes: ThemeSwitch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("skeleton_picture")
        self.setAccessibleName(self.tr("Picture of the skeleton"))
        self.setMinimumSize(200, 200)
        self._themes = themes
        self._skeleton: Skeleton | None = None
        self._pose: NDArray[np.float64] | None = None
        themes.changed.connect(self.update)

    def show_skeleton(self, skeleton: Skeleton, pose: NDArray[np.float64] | None) -> None:
        """Show it.

        Args:
            skeleton: What is shown.
            pose: (K, 2) in any unit, y down; None for a circle.
        """
        self._skeleton, self._pose = skeleton, pose
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._themes.theme.canvas))
        if self._skeleton is not None:
            area = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
            scale = SMALL if len(self._skeleton) > MANY else 1.0
            _paint(painter, area, self._skeleton, self._pose, scale)


def skeleton_icon(skeleton: Skeleton, pose: NDArray[np.float64] | None, canvas: str) -> QIcon:
    """A small picture for a list, on a background of that colour."""
    pixmap = QPixmap(ICON * DENSITY)
    pixmap.setDevicePixelRatio(DENSITY)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(canvas))
    area = QRectF(0, 0, ICON.width(), ICON.height())
    painter.drawRoundedRect(area, 6, 6)
    inside = area.adjusted(ICON_MARGIN, ICON_MARGIN, -ICON_MARGIN, -ICON_MARGIN)
    _paint(painter, inside, skeleton, pose, 0.3 if len(skeleton) > MANY else ICON_SMALL)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def _paint(
    painter: QPainter,
    area: QRectF,
    skeleton: Skeleton,
    pose: NDArray[np.float64] | None,
    scale: float,
) -> None:
    points = _circle(len(skeleton)) if pose is None else pose
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    extent = np.maximum(high - low, 1e-6)
    factor = min(area.width() / extent[0], area.height() / extent[1]) if len(points) > 1 else 1.0
    centre: QPointF = area.center()
    on_screen = (points - (low + high) / 2) * factor + np.array([centre.x(), centre.y()])
    shown = Pose(PoseKind.LABEL, on_screen, np.full(len(points), 2), is_selected=True)
    colours = keypoint_colours(skeleton)
    PosePainter(skeleton.edges, colours, skeleton.keypoints, scale=scale).paint(painter, [shown])


def _circle(count: int) -> NDArray[np.float64]:
    angles = 2 * np.pi * np.arange(count) / max(count, 1) - np.pi / 2
    return 0.5 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
