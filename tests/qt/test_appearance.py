"""Adjusting how images are shown, with real keys and clicks in the real window."""

import hashlib

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget
from studio import LEFT

from kpstudio.core.adjustment import Adjustment
from kpstudio.workspace import appearance as appearance_module

SHIFT = Qt.KeyboardModifier.ShiftModifier
SPOT = 12, 100


def colour(studio, x=SPOT[0], y=SPOT[1]):
    at = studio.at(x, y)
    shown = studio.canvas.viewport().grab().toImage().pixelColor(at)
    return np.array([shown.red(), shown.green(), shown.blue()])


def pixel(studio):
    return studio.workspace.pixels.cached(studio.workspace.selection.image_id)[SPOT[1], SPOT[0]]


@pytest.fixture
def adjusting(studio, project):
    studio.open(project)
    studio.window.findChild(QDockWidget, "appearance").raise_()
    QApplication.processEvents()
    # From a few pixels up pixels are drawn as squares.
    studio.wheel(studio.at(*SPOT), 6)
    assert np.abs(colour(studio) - pixel(studio)).max() <= 1
    return studio


def test_invert_and_reset_by_the_mouse(adjusting, project):
    files = sorted(project.parent.glob("*.png"))
    before = [hashlib.sha256(file.read_bytes()).digest() for file in files]
    panel = adjusting.window.appearance
    QTest.mouseClick(panel.inverted, LEFT)
    assert np.abs(colour(adjusting) - (255 - pixel(adjusting).astype(int))).max() <= 1
    QTest.mouseClick(panel.reset, LEFT)
    assert np.abs(colour(adjusting) - pixel(adjusting)).max() <= 1
    assert not panel.inverted.isChecked()
    assert [hashlib.sha256(file.read_bytes()).digest() for file in files] == before


def test_a_slider_by_keys_then_shift_v_compares_and_the_menu_resets(adjusting):
    panel = adjusting.window.appearance
    panel.sliders["brightness"].setFocus()
    QTest.keyClick(panel.sliders["brightness"], Qt.Key.Key_End)
    assert (colour(adjusting) == 255).all()
    adjusting.canvas.setFocus()
    adjusting.key(Qt.Key.Key_V, SHIFT)
    assert np.abs(colour(adjusting) - pixel(adjusting)).max() <= 1
    adjusting.key(Qt.Key.Key_V, SHIFT)
    assert (colour(adjusting) == 255).all()
    adjusting.window.actions_by_name["reset_appearance"].trigger()
    assert np.abs(colour(adjusting) - pixel(adjusting)).max() <= 1
    assert panel.sliders["brightness"].value() == 0


def test_one_channel_is_chosen_and_stays_for_the_next_image(adjusting):
    panel = adjusting.window.appearance
    panel.channel.setFocus()
    QTest.keyClick(panel.channel, Qt.Key.Key_Down)
    assert panel.channel.currentText() == "Red"
    adjusting.canvas.setFocus()
    adjusting.next_image()
    assert np.abs(colour(adjusting) - pixel(adjusting)[0]).max() <= 1


def test_the_adjustment_is_there_again_the_next_time(open_studio, project):
    first = open_studio()
    first.open(project)
    first.workspace.appearance.adjust(gamma=2.0, channel="green")
    first.window.close()
    second = open_studio()
    assert second.workspace.appearance.adjustment == Adjustment(gamma=2.0, channel="green")
    assert second.window.appearance.channel.currentText() == "Green"
    assert second.window.appearance.sliders["gamma"].value() == 30


def test_local_contrast_of_a_large_image_comes_from_the_background(adjusting, monkeypatch):
    monkeypatch.setattr(appearance_module, "MOST_AT_ONCE", 1000)
    appearance = adjusting.workspace.appearance
    image_id = adjusting.workspace.selection.image_id
    pixels = adjusting.workspace.pixels.cached(image_id)
    appearance.adjust(local_contrast=2.0)
    # What is asked for meanwhile replaces what was asked for first.
    appearance.adjust(local_contrast=8.0)
    assert np.array_equal(appearance.shown(image_id, pixels), pixels)
    adjusting.wait(lambda: not np.array_equal(appearance.shown(image_id, pixels), pixels))
    assert appearance.shown(image_id, pixels) is appearance.shown(image_id, pixels)
    shown = appearance.shown(image_id, pixels)[SPOT[1], SPOT[0]]
    assert np.abs(colour(adjusting) - shown).max() <= 1
