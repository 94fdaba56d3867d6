"""Tags on the canvas: which subject of the list each pose is."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from studio import POSE

from kpstudio.core.edit import Edit
from kpstudio.core.geometry import Box
from kpstudio.gui.settings_dialog import SettingsDialog
from kpstudio.gui.subject_identity import subject_colour
from kpstudio.workspace.preferences import read_preferences

AWAY = np.array([11.0, 37.0])


@pytest.fixture
def pair(studio, project):
    """The first image with two subjects, none of which is selected."""
    studio.open(project)
    workspace = studio.workspace
    first = studio.annotation
    second = replace(first, id="other", xy=POSE + AWAY)
    assert workspace.labels.apply(Edit("Add", {"other": None}, {"other": second}))
    workspace.selection.select_annotation(None)
    return studio


def plate(studio, place):
    """(left, top, right, bottom) of the tag in the colour of a subject, in pixels of the screen.

    None where no tag has that colour.
    """
    image = studio.canvas.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    is_it = rows[:, : image.width()] == subject_colour(place).rgba()
    y, x = np.nonzero(is_it)
    if len(x) < 30:
        return None
    middle = np.median(x), np.median(y)
    near = (abs(x - middle[0]) < 80) & (abs(y - middle[1]) < 30)
    return int(x[near].min()), int(y[near].min()), int(x[near].max()), int(y[near].max())


def test_two_subjects_bear_their_numbers_above_their_tops_in_the_colours_of_the_list(pair):
    for place, pose in enumerate((POSE, POSE + AWAY)):
        left, top, right, bottom = plate(pair, place)
        point = pair.at(*pose[0])
        assert left < point.x() < right
        assert point.y() - 40 < top < bottom < point.y() - 5
    pair.workspace.subjects.delete(["other"])
    assert plate(pair, 0) is None, "one alone needs no number"


def test_a_name_stands_in_place_of_the_number_and_a_long_one_is_shortened(pair):
    def width():
        left, _, right, _ = plate(pair, 1)
        return right - left

    number = width()
    pair.workspace.subjects.name("other", "Anna")
    named = width()
    pair.workspace.subjects.name("other", "The one with the longest name of all of them")
    assert number + 10 < named < width() <= 120


def test_a_tag_sits_on_the_box_of_a_subject_that_has_one(pair):
    pair.workspace.selection.select_annotation("other")
    pair.workspace.subjects.draw_box(Box(30.0, 50.0, 110.0, 60.0))
    left, _, _, bottom = plate(pair, 1)
    corner = pair.at(30, 50)
    assert abs(left - corner.x()) <= 3
    assert 0 <= corner.y() - bottom <= 6


def test_a_tag_at_the_upper_edge_of_the_image_is_not_cut(pair):
    _, top, _, bottom = plate(pair, 0)
    height = bottom - top
    annotation = pair.workspace.labels.find("label1")
    up = replace(annotation, xy=POSE - (39.0, 30.5))
    pair.workspace.labels.apply(Edit("Move", {"label1": annotation}, {"label1": up}))
    _, top, _, bottom = plate(pair, 0)
    assert top > 0
    assert bottom - top == height


def test_tags_are_hidden_with_the_markers(pair):
    pair.canvas.setFocus()
    QTest.keyPress(pair.canvas, Qt.Key.Key_W)
    assert plate(pair, 0) is None
    QTest.keyRelease(pair.canvas, Qt.Key.Key_W)
    assert plate(pair, 0) is not None


def test_the_view_menu_and_the_settings_turn_them_off_and_on_for_good(pair):
    pair.window.findChild(QAction, "subject_tags").trigger()
    assert plate(pair, 0) is None
    assert read_preferences().subject_tags is False
    dialog = SettingsDialog(pair.workspace.settings, pair.window)
    assert not dialog.control("subject_tags").isChecked()
    dialog.control("subject_tags").click()
    assert plate(pair, 0) is not None
    assert read_preferences().subject_tags is True
    dialog.deleteLater()


def test_a_click_on_a_tag_means_what_is_under_it(pair):
    left, top, right, bottom = plate(pair, 1)
    inverse, _ = pair.canvas.viewportTransform().inverted()
    x, y = inverse.map((left + right) / 2, (top + bottom) / 2)
    annotation = pair.workspace.labels.find("label1")
    under = replace(annotation, xy=np.array([POSE[0], [x, y], POSE[2]]))
    pair.workspace.labels.apply(Edit("Move", {"label1": annotation}, {"label1": under}))
    pair.click(x, y)
    selection = pair.workspace.selection
    assert (selection.annotation_id, selection.keypoint) == ("label1", 1)
