"""What is drawn anew in parts looks as if all of it had been."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from studio import MIDDLE, POSE, SIZE

from kpstudio.gui.canvas.pose import Pose, PoseKind


def pixels(picture) -> np.ndarray:
    image = picture.toImage().convertToFormat(picture.toImage().Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows.reshape(image.height(), image.width(), 4)[:, :, :3].copy()


def assert_screen_is_whole(studio) -> None:
    """What is on the screen is what drawing everything anew gives."""
    QApplication.processEvents()
    viewport = studio.canvas.viewport()
    area = viewport.rect().translated(viewport.mapTo(studio.window, QPoint()))
    screen = studio.window.screen().grabWindow(studio.window.winId()).copy(area)
    shown = pixels(screen).astype(int)
    viewport.repaint()
    whole = pixels(studio.window.screen().grabWindow(studio.window.winId()).copy(area))
    assert shown.shape == whole.shape
    assert shown.std() > 5, "there is a picture"
    assert np.abs(shown - whole).max() <= 8


@pytest.fixture
def shown(studio, project):
    studio.open(project)
    studio.click(*POSE[0])
    QApplication.processEvents()
    return studio


def test_while_a_keypoint_is_dragged(shown):
    shown.press(*POSE[1])
    for x, y in ((90, 70), (100, 90), (70, 95)):
        shown.move(x, y)
        QApplication.processEvents()
    assert_screen_is_whole(shown)
    shown.release(70, 95)


def test_while_the_tag_of_a_subject_moves_along_with_its_top(shown):
    shown.workspace.subjects.duplicate()
    tops = [each.xy[0] for each in shown.workspace.labels.annotations]
    assert len(tops) == 2
    shown.press(*tops[1])
    for x, y in ((70, 40), (60, 90), (75, 50)):
        shown.move(x, y)
        assert_screen_is_whole(shown)
    shown.release(75, 50)
    viewport = shown.canvas.viewport()
    QTest.mousePress(viewport, MIDDLE, pos=shown.at(*tops[0]))
    for step in (QPoint(23, -11), QPoint(-8, 5)):
        QTest.mouseMove(viewport, shown.at(*tops[0]) + step)
        QApplication.processEvents()
    assert_screen_is_whole(shown)
    QTest.mouseRelease(viewport, MIDDLE, pos=shown.at(*tops[0]))


def test_while_names_come_and_go_under_the_mouse(shown):
    for x, y in (POSE[1], (5.0, 5.0), POSE[2], (SIZE[0] / 2, 4.0)):
        shown.move(x, y)
        assert_screen_is_whole(shown)


def test_while_the_image_is_panned(shown):
    viewport, start = shown.canvas.viewport(), shown.at(*POSE[0])
    QTest.mousePress(viewport, MIDDLE, pos=start)
    for step in (QPoint(31, -17), QPoint(44, 3), QPoint(-29, 40)):
        QTest.mouseMove(viewport, start + step)
        QApplication.processEvents()
    assert_screen_is_whole(shown)
    QTest.mouseRelease(viewport, MIDDLE, pos=start)


def test_while_the_next_keypoint_is_to_be_placed(shown):
    shown.key(Qt.Key.Key_N)
    for x, y in ((20, 20), (60, 90), (100, 20)):
        shown.move(x, y)
        assert_screen_is_whole(shown)


def test_an_ellipse_that_was_not_there_before_is_another_field():
    plain = Pose(PoseKind.GHOST, POSE, np.array([2, 2, 2]), True)
    doubtful = replace(plain, keypoint=1, covariance=np.eye(2))
    assert doubtful.changed_fields(plain) == plain.changed_fields(doubtful)
    assert doubtful.changed_fields(plain) == {"keypoint", "covariance"}
    assert replace(doubtful, covariance=np.eye(2)).changed_fields(doubtful) == set()
