"""An image is drawn in the same place whichever of its levels it is drawn from."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from kpstudio.core.geometry import Affine
from kpstudio.core.picture import Picture
from kpstudio.gui.canvas.drawn_picture import DrawnPicture
from kpstudio.imaging.levels import screen_levels

SPOT = 1103.0, 408.0  # its middle, from the corner of the first pixel


def spotted(width: int, height: int) -> np.ndarray:
    """A soft spot on black."""
    y, x = np.mgrid[:height, :width] + 0.5
    bright = 255 * np.exp(-((x - SPOT[0]) ** 2 + (y - SPOT[1]) ** 2) / (2 * 14.0**2))
    return np.repeat(bright.astype(np.uint8)[:, :, None], 3, axis=2)


def found_spot(drawn: DrawnPicture, part: QRectF, scale: float) -> tuple[float, float]:
    """Where the spot is on a screen that shows a part of the image, image pixels."""
    canvas = QImage(
        round(part.width() * scale), round(part.height() * scale), QImage.Format.Format_RGB32
    )
    canvas.fill(0)
    with QPainter(canvas) as painter:
        painter.scale(scale, scale)
        painter.translate(-part.topLeft())
        drawn.paint(painter, part, part)
    rows = np.frombuffer(canvas.constBits(), np.uint8).reshape(canvas.height(), -1, 4)
    bright = rows[:, :, 0].astype(float)
    y, x = np.mgrid[: canvas.height(), : canvas.width()] + 0.5
    return (
        float((bright * x).sum() / bright.sum() / scale + part.left()),
        float((bright * y).sum() / bright.sum() / scale + part.top()),
    )


@pytest.mark.parametrize("scale", [0.11, 0.26, 0.5, 0.7, 1.0, 1.7])
@pytest.mark.parametrize(("width", "height"), [(1801, 1203), (2402, 1777)])
def test_at_every_zoom(qapp, width, height, scale):
    drawn = DrawnPicture(Picture.of(spotted(width, height)))
    for part in (QRectF(0, 0, width, height), QRectF(901, 203, 500, 400)):
        assert found_spot(drawn, part, scale) == pytest.approx(SPOT, abs=0.25)


def test_also_where_only_some_pixels_of_a_large_image_were_read(qapp):
    few = spotted(1801, 1203)[1::3, 1::3].copy()  # of three pixels the one in the middle
    to_image = Affine(np.array([[3.0, 0.0, 1.0], [0.0, 3.0, 1.0]]))
    reduced = Picture(few, (1801, 1203), to_image, screen_levels(few))
    found = found_spot(DrawnPicture(reduced), QRectF(901, 203, 500, 400), 0.7)
    assert found == pytest.approx(SPOT, abs=0.25)
