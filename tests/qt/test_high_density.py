"""Pictures that are drawn once are sharp on screens of double density."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from kpstudio.core.resources import resource_path
from kpstudio.gui.icons import SIZE, application_icon, icon
from kpstudio.gui.keypoint_panel import colour_dot
from kpstudio.gui.settings_dialog import palette_icon
from kpstudio.gui.skeleton_picture import ICON, skeleton_icon
from kpstudio.workspace.skeleton_source import supplied_skeletons


@pytest.fixture(autouse=True)
def application():
    return QApplication.instance() or QApplication([])


def painted(picture, size):
    pixmap = picture.pixmap(size, 2.0)
    assert pixmap.devicePixelRatio() == 2.0
    assert pixmap.size() == size * 2
    return pixmap.toImage().convertToFormat(QImage.Format.Format_RGBA8888)


def blocks_of_two(image):
    """The share of 2 x 2 blocks that are of one colour: all of an enlarged picture."""
    shape = image.height(), image.width(), 4
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(shape).astype(int)
    parts = [pixels[row::2, column::2] for row in (0, 1) for column in (0, 1)]
    is_one = np.all([(a == b).all(axis=2) for a, b in pairwise(parts)], axis=0)
    is_drawn = np.any([part[..., 3] > 0 for part in parts], axis=0)
    return is_one[is_drawn].mean()


@pytest.mark.parametrize("name", sorted(path.stem for path in resource_path("icons").glob("*.svg")))
def test_icons_have_twice_the_pixels(name):
    assert blocks_of_two(painted(icon(name, "#336699"), QSize(SIZE, SIZE))) < 0.95


def test_pictures_of_colours_and_skeletons_have_twice_the_pixels():
    dot = painted(colour_dot(QColor("#3D8BFF")), QSize(12, 12))
    assert blocks_of_two(dot) < 0.95
    assert blocks_of_two(painted(palette_icon("deep"), QSize(54, 18))) < 0.95
    drawn = painted(skeleton_icon(supplied_skeletons()[0], None, "#121417"), ICON)
    assert blocks_of_two(drawn) < 0.99
    # The largest that is shown is 72 x 72, on the start page.
    assert application_icon().actualSize(QSize(144, 144)) == QSize(144, 144)
