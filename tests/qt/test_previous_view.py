"""The previous image beside the open one, in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from studio import LEFT, MIDDLE, POSE

SPOT = 14, 100
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def comparing(studio, project):
    studio.open(project)
    studio.next_image()
    studio.key(Qt.Key.Key_A, SHIFT)
    previous = studio.window.previous
    studio.wait(lambda: previous.isVisible() and previous.image_id == 1)
    studio.wait(lambda: previous.width() == studio.canvas.width())
    return previous


def colour(widget, at):
    shown = widget.grab().toImage().pixelColor(at)
    return np.array([shown.red(), shown.green(), shown.blue()])


def pixel(studio, image_id):
    return studio.workspace.pixels.cached(image_id)[SPOT[1], SPOT[0]].astype(int)


def test_both_show_the_same_place_at_the_same_zoom(studio, comparing):
    studio.wheel(studio.at(*SPOT), 7)
    studio.pull(QPoint(200, 200), QPoint(31, -23), MIDDLE)
    studio.canvas.viewport().grab()
    at = studio.at(*SPOT)
    assert np.abs(colour(studio.canvas.viewport(), at) - pixel(studio, 2)).max() <= 1
    assert np.abs(colour(comparing, at) - pixel(studio, 1)).max() <= 1


def test_it_goes_along_and_has_nothing_before_the_first(studio, comparing):
    studio.next_image()
    studio.wait(lambda: comparing.image_id == 2)
    studio.workspace.open_image_at(0)
    studio.wait_for_image()
    assert comparing.image_id is None
    words = comparing.grab().toImage()
    studio.key(Qt.Key.Key_D)
    studio.wait(lambda: comparing.image_id == 1)
    assert comparing.grab().toImage() != words


def test_its_labels_are_shown_and_stay_as_they_are(studio, comparing):
    studio.canvas.viewport().grab()
    at = studio.at(*POSE[1])
    before = colour(comparing, at)
    labels = studio.workspace._project.annotations(1)
    QTest.mousePress(comparing, LEFT, pos=at)
    QTest.mouseMove(comparing, at + QPoint(30, 10))
    QTest.mouseRelease(comparing, LEFT, pos=at + QPoint(30, 10))
    assert studio.workspace._project.annotations(1) == labels
    assert (colour(comparing, at) == before).all()
    studio.key(Qt.Key.Key_A)
    studio.wait_for_image()
    studio.workspace.selection.select_annotation(labels[0].id)
    studio.key(Qt.Key.Key_Delete)
    studio.next_image()
    studio.wait(lambda: comparing.image_id == 1)
    studio.canvas.viewport().grab()
    assert (colour(comparing, studio.at(*POSE[1])) != before).any(), "the label is gone"


def test_shift_a_again_gives_the_canvas_its_room_back(studio, comparing):
    narrow = studio.canvas.width()
    studio.key(Qt.Key.Key_A, SHIFT)
    studio.wait(lambda: studio.canvas.width() > 1.9 * narrow)
    assert not comparing.isVisible()


def test_it_is_adjusted_like_the_canvas(studio, comparing):
    studio.wheel(studio.at(*SPOT), 7)
    studio.workspace.appearance.adjust(is_inverted=True)
    studio.canvas.viewport().grab()
    at = studio.at(*SPOT)
    assert np.abs(colour(comparing, at) - (255 - pixel(studio, 1))).max() <= 1
