"""The previous image of the list beside the canvas, at the same place; to be looked at only."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from kpstudio.core.dataset import Image
from kpstudio.gui.canvas.corner_notes import paint_corner_notes
from kpstudio.gui.canvas.layers import PIXELS_AS_SQUARES, shared_image
from kpstudio.gui.canvas.pose_painter import PosePainter
from kpstudio.gui.glimpse_poses import glimpse_poses
from kpstudio.gui.theme import ThemeSwitch, keypoint_colours
from kpstudio.workspace.workspace import Workspace


class Sight(Protocol):
    """What says how image pixels lie on the screen."""

    def viewportTransform(self) -> QTransform: ...


class PreviousView(QWidget):
    """Hidden unless images are compared; it must be as large as the canvas."""

    def __init__(self, workspace: Workspace, sight: Sight, themes: ThemeSwitch) -> None:
        super().__init__()
        self._workspace = workspace
        self._sight = sight
        self._themes = themes
        self._image: Image | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._shown: NDArray[np.uint8] | None = None
        self._picture = QImage()
        self._painter: PosePainter | None = None
        self.setObjectName("previous_image")
        self.setAccessibleName(self.tr("Previous image"))
        workspace.overlay.changed.connect(self._show)
        workspace.selection.image_changed.connect(self._show)
        workspace.images_changed.connect(self._show)
        workspace.labels.skeleton_changed.connect(self._show)
        workspace.project_changed.connect(self._show)
        workspace.pixels.image_read.connect(self._take_pixels)
        workspace.pixels.image_failed.connect(lambda *_: self.update())
        workspace.appearance.changed.connect(self._adjust)
        workspace.glimpses.changed.connect(self.update)
        themes.changed.connect(self.update)
        self._show()

    @property
    def image_id(self) -> int | None:
        """Of the image that is shown."""
        return self._image.id if self._image is not None and self._pixels is not None else None

    # Views of the workspace

    def _show(self) -> None:
        workspace = self._workspace
        self.setVisible(workspace.overlay.has_previous)
        if not workspace.overlay.has_previous:
            self._image = self._pixels = None
            self._adjust()
            return
        skeleton = workspace.labels.skeleton
        self._painter = (
            PosePainter(skeleton.edges, keypoint_colours(skeleton), skeleton.keypoints)
            if skeleton
            else None
        )
        position = workspace.position(workspace.selection.image_id)
        before = workspace.images[position - 1] if position else None
        if before != self._image or self._pixels is None:
            self._image, self._pixels = before, None
            if before is not None:
                self._pixels = workspace.pixels.cached(before.id)
                workspace.pixels.read_ahead([before])
        self._adjust()

    def _take_pixels(self, image_id: int, pixels: NDArray[np.uint8]) -> None:
        if self._image is not None and image_id == self._image.id:
            self._pixels = pixels
            self._adjust()

    def _adjust(self) -> None:
        image, pixels = self._image, self._pixels
        if image is not None and pixels is not None:
            pixels = self._workspace.appearance.shown(image.id, pixels)
        self._shown = pixels
        self._picture = shared_image(pixels)
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter, theme = QPainter(self), self._themes.theme
        painter.fillRect(self.rect(), QColor(theme.canvas))
        if self._picture.isNull() or self._image is None:
            self._paint_words(painter)
        else:
            transform = self._sight.viewportTransform()
            painter.setTransform(transform)
            self._paint_picture(painter, transform)
            if self._painter is not None:
                poses = glimpse_poses(self._workspace.glimpses, self._image.id)
                self._painter.paint(painter, poses, None)
            painter.resetTransform()
            note = self.tr("Previous: {0}").format(self._image.name)
            paint_corner_notes(painter, [note], self.rect())
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(self.rect().topRight(), self.rect().bottomRight())

    def _paint_picture(self, painter: QPainter, transform: QTransform) -> None:
        inverse, _ = transform.inverted()
        # Qt draws pixel i over [i, i+1], and its centre is at i.
        seen = inverse.mapRect(QRectF(self.rect())).translated(0.5, 0.5)
        whole = QRectF(self._picture.rect())
        exposed = QRectF(seen.toAlignedRect()).intersected(whole)
        is_smooth = transform.m11() < PIXELS_AS_SQUARES
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
        painter.drawImage(exposed.translated(-0.5, -0.5), self._picture, exposed)

    def _paint_words(self, painter: QPainter) -> None:
        image = self._image
        problem = self._workspace.pixels.problem(image.id) if image is not None else None
        if problem is not None:
            text = f"{problem.message}\n\n{problem.hint}"
        elif image is None:
            text = self.tr("No image comes before this one in the list.")
        else:
            return
        painter.setPen(QColor(self._themes.theme.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()).adjusted(40, 40, -40, -40), int(flags), text)
