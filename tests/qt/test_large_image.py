"""An image that is too large to be shown whole, made small by moving the border."""

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from studio import SIZE

from kpstudio.imaging import large_image


@pytest.fixture
def marked(project, monkeypatch):
    """The project, its first image black with a white square, and large."""
    monkeypatch.setattr(large_image, "LARGE", 1000)
    monkeypatch.setattr(large_image, "_MOST_SHOWN", 1300)
    pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    pixels[20:36, 100:120] = 255
    cv2.imwrite(str(project.parent / "image0.png"), pixels)
    return project


def test_a_reduced_image_lies_on_the_canvas_where_the_whole_one_would(studio, marked):
    studio.open(marked)
    studio.workspace.overlay.show_ghosts(False)
    studio.workspace.labels.undo()
    shot = studio.canvas.viewport().grab().toImage()
    inside = (studio.at(101, 21), studio.at(118, 34), studio.at(101, 34), studio.at(118, 21))
    outside = (studio.at(97, 28), studio.at(122, 28), studio.at(110, 17), studio.at(110, 38))
    assert all(shot.pixelColor(point).lightness() > 200 for point in inside)
    assert all(shot.pixelColor(point).lightness() < 50 for point in outside)
    assert studio.canvas.sceneRect().width() == 4 * SIZE[0]


def test_the_bottom_line_says_that_an_image_is_reduced(studio, marked, monkeypatch):
    studio.open(marked)
    label = studio.window.findChild(QLabel, "reduction")
    assert label.text() == f"{SIZE[0]} × {SIZE[1]} pixels, shown at 1/4"
    monkeypatch.setattr(large_image, "LARGE", 10**8)
    studio.workspace.pixels.forget_all()
    studio.next_image()
    assert label.text() == ""
