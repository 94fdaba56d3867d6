"""The two layers of pixels on the canvas: the image, and heatmaps over it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from kpstudio.core.geometry import Affine
from kpstudio.core.picture import Picture
from kpstudio.gui.canvas.drawn_picture import DrawnPicture


class ImageItem(QGraphicsItem):
    """The image, shifted by half a pixel so that pixel centres are at integers of the scene."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn: DrawnPicture | None = None
        self.setPos(-0.5, -0.5)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def show_picture(self, picture: Picture | None) -> None:
        """Show an image; its memory is shared, not copied."""
        self.prepareGeometryChange()
        self._drawn = None if picture is None else DrawnPicture(picture)
        self.update()

    @property
    def drawn(self) -> DrawnPicture | None:
        """What is shown, for who shows a part of it elsewhere."""
        return self._drawn

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the image, though fewer pixels of it may be drawn."""
        return (0, 0) if self._drawn is None else self._drawn.size

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, *self.size)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        if self._drawn is not None:
            self._drawn.paint(painter, option.exposedRect, option.exposedRect)


class HeatmapItem(QGraphicsItem):
    """Heatmaps over the image, each placed by its own affine map; Qt scales and colours them."""

    def __init__(self) -> None:
        super().__init__()
        self._maps: list[tuple[QImage, QTransform]] = []
        self._coloured: list[QImage] = []
        self._colours: Sequence[int] = ()
        self._bounds = QRectF()

    def set_colours(self, colours: Sequence[int]) -> None:
        """A table of 256 ARGB colours for the values 0 to 1."""
        if colours is not self._colours:
            self._colours = colours
            self._colour()

    def show_heatmaps(self, heatmaps: Sequence[tuple[NDArray[np.floating], Affine]]) -> None:
        """Show maps (H, W), each with its map from cells to image pixels."""
        if not heatmaps and not self._maps:
            return
        self.prepareGeometryChange()
        self._maps = []
        self._bounds = QRectF()
        for heatmap, placement in heatmaps:
            image = heatmap_image(heatmap, self._colours)
            # Qt draws cell i over [i, i+1], and its centre is at i.
            (a, c, tx), (b, d, ty) = placement.matrix.tolist()
            transform = QTransform.fromTranslate(-0.5, -0.5) * QTransform(a, b, c, d, tx, ty)
            self._maps.append((image, transform))
            area = transform.mapRect(QRectF(0, 0, image.width(), image.height()))
            self._bounds = self._bounds.united(area)
        self._colour()

    def _colour(self) -> None:
        """Qt scales this format the fastest."""
        self._coloured = []
        for image, _ in self._maps:
            image.setColorTable(self._colours)
            self._coloured.append(image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,  # noqa: ARG002
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        for image, (_, transform) in zip(self._coloured, self._maps, strict=True):
            painter.save()
            painter.setTransform(transform, True)
            painter.drawImage(0, 0, image)
            painter.restore()


def heatmap_image(heatmap: NDArray[np.floating], colours: Sequence[int]) -> QImage:
    """A heatmap (H, W), values 0 to 1, as an indexed picture.

    The scale is fixed on purpose: a network that is not sure looks as faint as it is.
    """
    values = np.nan_to_num(heatmap.astype(np.float32), posinf=1.0, neginf=0.0)
    indices = np.ascontiguousarray(np.round(255 * np.clip(values, 0, 1)).astype(np.uint8))
    height, width = indices.shape
    shared = QImage(indices.data, width, height, width, QImage.Format.Format_Indexed8)
    image = shared.copy()
    image.setColorTable(colours)
    return image
