"""Hints for newcomers: shown by what is open, gone for good once done or closed."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from studio import POSE, add_stored_run, make_project

from kpstudio.core.skeleton import Skeleton
from kpstudio.workspace.preferences import read_preferences

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def unlabelled(tmp_path):
    return make_project(tmp_path, labelled=0)


def test_the_click_that_a_hint_asks_for_makes_it_go_for_good(open_studio, unlabelled):
    studio = open_studio()
    assert studio.window.hints.text == ""
    studio.open(unlabelled)
    assert studio.window.hints.text.startswith("Click where nose is")
    assert studio.window.hints.text.endswith("X skips it")
    # To skip is not to place.
    studio.key(Qt.Key.Key_X)
    assert studio.window.hints.text.startswith("Click where left_ear is")
    studio.click(30, 40)
    assert studio.window.hints.text == ""
    assert read_preferences().done_hints == ["place"]
    studio.next_image()
    assert studio.window.hints.text == ""
    studio.window.close()
    again = open_studio()
    again.open(unlabelled)
    again.next_image()
    assert again.workspace.placing.next_keypoint == 0
    assert again.window.hints.text == ""


def test_who_has_placed_the_last_keypoint_is_told_once_how_to_go_on_and_back(studio, unlabelled):
    studio.open(unlabelled)
    for x in (30, 60, 90):
        assert "next image" not in studio.window.hints.text
        studio.click(x, 40)
    assert studio.window.hints.text.startswith("D goes on to the next image · Ctrl+Z takes back")
    studio.next_image()
    assert read_preferences().done_hints == ["place", "go_on"]
    assert studio.window.hints.text == ""


def test_another_image_with_labels_is_not_a_click(studio, project):
    studio.open(project)
    assert studio.window.hints.text == ""
    studio.key(Qt.Key.Key_U)
    studio.wait_for_image()
    assert "Click where nose is" in studio.window.hints.text
    studio.key(Qt.Key.Key_A)
    studio.wait_for_image()
    assert studio.workspace.labels.annotations
    assert read_preferences().done_hints == []


def test_a_prediction_is_hinted_at_with_the_users_own_key_and_its_acceptance_ends_it(
    studio, project
):
    add_stored_run(project, {2: POSE})
    studio.window.shortcuts.set_keys("accept", ["K"])
    studio.open(project)
    studio.key(Qt.Key.Key_U)
    studio.wait_for_image()
    assert studio.window.hints.text.startswith("Press K to take the prediction")
    studio.key(Qt.Key.Key_K)
    assert np.array_equal(studio.annotation.xy, POSE)
    assert read_preferences().done_hints == ["accept"]


def test_a_hint_is_closed_by_hand_lies_within_the_canvas_and_comes_back_by_the_settings(
    studio, unlabelled
):
    studio.open(unlabelled)
    hints = studio.window.hints
    for width, height in ((1280, 720), (900, 500)):
        studio.window.resize(width, height)
        studio.wait(lambda: studio.canvas.rect().contains(hints.geometry()))
        assert hints.geometry().bottom() > studio.canvas.height() - 30
        text = hints._text
        assert text.height() >= text.heightForWidth(text.width())
    QTest.mouseClick(hints.close_button, LEFT)
    assert hints.text == ""
    assert read_preferences().done_hints == ["place"]
    studio.workspace.settings.reset("done_hints")
    assert hints.text.startswith("Click where nose is")


def test_an_empty_project_is_told_how_to_get_images(studio, tmp_path):
    studio.workspace.create_project(tmp_path / "new.kps", Skeleton("one", ("tip",)))
    assert studio.window.hints.text.startswith("Drop a folder of images")
    assert "Ctrl+I" in studio.window.hints.text
    studio.open(make_project(tmp_path))
    # Another project has images; none was imported.
    assert read_preferences().done_hints == []
