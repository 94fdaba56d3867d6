"""An image as it is drawn: of its levels the one that fits the size on the screen."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from kpstudio.core.picture import Picture
from kpstudio.imaging.levels import screen_levels, screen_pixels

# From this many screen pixels per pixel on, pixels are drawn as squares.
PIXELS_AS_SQUARES = 6.0


class DrawnPicture:
    """Draws a picture, or parts of it; its memory is shared, not copied.

    Args:
        picture: What is drawn.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._levels = picture.levels or screen_levels(picture.pixels)
        self._whole: NDArray[np.uint8] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the image, though fewer pixels of it may be drawn."""
        return self._picture.size

    def paint(
        self, painter: QPainter, part: QRectF, place: QRectF, *, is_smooth: bool = True
    ) -> None:
        """Draw a part of the image, and at its border somewhat more: clip what must be exact.

        Args:
            painter: Draws in any frame that is not turned.
            part: Image pixels, counted from the corner of the first one as Qt does.
            place: Where it belongs, in the frame of the painter.
            is_smooth: Unless pixels are large on the screen; else they are always squares.
        """
        shown = part.intersected(QRectF(0, 0, *self.size))
        if shown.isEmpty():
            return
        zoom = place.width() / part.width()
        ratio = painter.device().devicePixelRatio()
        scale = painter.worldTransform().m11() * ratio * zoom * self._picture.reduction
        pixels = self._level(scale)
        to_level = self._to_level(pixels)
        # A pixel more on each side: at its border a part would look other than in the whole.
        source = QRectF(to_level.mapRect(shown).toAlignedRect()).adjusted(-2, -2, 2, 2)
        source = source.intersected(QRectF(0, 0, pixels.shape[1], pixels.shape[0]))
        back, _ = to_level.inverted()
        target = back.mapRect(source).translated(-part.topLeft())
        target = QTransform.fromScale(zoom, zoom).mapRect(target).translated(place.topLeft())
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, is_smooth and scale < PIXELS_AS_SQUARES
        )
        painter.drawImage(target, screen_image(pixels), source)

    def _to_level(self, level: NDArray[np.uint8]) -> QTransform:
        """From image pixels to those of a level, both counted from a corner."""
        height, width = self._picture.pixels.shape[:2]
        (a, c, x), (b, d, y) = self._picture.to_image.inverse().matrix.tolist()
        return (
            QTransform.fromTranslate(-0.5, -0.5)
            * QTransform(a, b, c, d, x, y)
            * QTransform.fromTranslate(0.5, 0.5)
            * QTransform.fromScale(level.shape[1] / width, level.shape[0] / height)
        )

    def _level(self, scale: float) -> NDArray[np.uint8]:
        """The smallest one that has a pixel for every pixel of the screen, or else the largest.

        Args:
            scale: Pixels of the screen per pixel of the picture.
        """
        width = self._picture.pixels.shape[1]
        if self._whole is None and self._levels[0].shape[1] < min(scale, 1.0) * width:
            self._whole = screen_pixels(self._picture.pixels)
        levels: Sequence[NDArray[np.uint8]] = self._levels
        if self._whole is not None:
            levels = (self._whole, *levels)
        enough = [level for level in levels if level.shape[1] >= scale * width]
        return enough[-1] if enough else levels[0]


def screen_image(pixels: NDArray[np.uint8]) -> QImage:
    """(H, W, 4) as a picture that shares its memory: who shows it keeps the array."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)


def pixels_image(pixels: NDArray[np.uint8]) -> QImage:
    """(H, W, 3) RGB as a picture with memory of its own."""
    return screen_image(screen_pixels(np.ascontiguousarray(pixels))).copy()
