"""Ctrl+,: what a person sets is in force and kept at once."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from studio import POSE

from kpstudio.core.errors import UserProblem
from kpstudio.gui.settings_dialog import PAGES, SettingsDialog
from kpstudio.gui.side_palettes import SIDE_PALETTES
from kpstudio.gui.theme import DARK, LIGHT
from kpstudio.workspace.preferences import Preferences, read_preferences, write_preferences
from kpstudio.workspace.settings import Settings

LEFT = Qt.MouseButton.LeftButton


def open_settings(studio):
    studio.key(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = studio.window.findChild(SettingsDialog)
    studio.wait(dialog.isActiveWindow)
    return dialog


def choose(dialog, name, value):
    combo = dialog.control(name)
    combo.setFocus()
    while combo.currentData() != value:
        QTest.keyClick(combo, Qt.Key.Key_Down)


def type_into(dialog, name, text):
    spin = dialog.control(name)
    spin.setFocus()
    spin.selectAll()
    QTest.keyClicks(spin, text)
    QTest.keyClick(spin, Qt.Key.Key_Tab)


def colour_at(studio, x, y):
    """What the canvas shows at a place of the image."""
    viewport = studio.canvas.viewport()
    place = studio.canvas.viewportTransform().map(QPointF(x, y)).toPoint()
    return viewport.grab().toImage().pixelColor(place).name()


def test_theme_palette_and_size_change_what_is_seen_at_once_and_a_reset_brings_them_back(
    studio, project
):
    studio.open(project)
    assert colour_at(studio, *POSE[0]) == SIDE_PALETTES["vivid"]["centre"].lower()
    beside = POSE[0] + (7 / studio.canvas.transform().m11(), 0)
    assert colour_at(studio, *beside) != SIDE_PALETTES["vivid"]["centre"].lower()
    dialog = open_settings(studio)
    choose(dialog, "theme", "light")
    assert studio.window.themes.theme is LIGHT
    choose(dialog, "keypoint_palette", "contrast")
    assert colour_at(studio, *POSE[0]) == SIDE_PALETTES["contrast"]["centre"].lower()
    type_into(dialog, "marker_scale", "2")
    assert colour_at(studio, *beside) == SIDE_PALETTES["contrast"]["centre"].lower()
    kept = read_preferences()
    assert (kept.theme, kept.keypoint_palette, kept.marker_scale) == ("light", "contrast", 2.0)

    QTest.mouseClick(dialog.findChild(QPushButton, "reset_keypoints"), LEFT)
    assert colour_at(studio, *POSE[0]) == SIDE_PALETTES["vivid"]["centre"].lower()
    assert read_preferences().theme == "light"
    choose(dialog, "theme", "dark")
    assert studio.window.themes.theme is DARK
    dialog.close()


def test_every_setting_is_reached_by_keys_changes_its_preference_and_is_reset(studio):
    dialog = open_settings(studio)
    wanted = {
        "theme": "light",
        "language": "zh_CN",
        "keypoint_palette": "deep",
        "marker_scale": 1.5,
        "subject_tags": False,
        "loupe_magnification": 7.0,
        "clamps_to_image": True,
        "nudge_px": 0.25,
        "large_nudge_px": 5.0,
        "loupe": False,
    }
    assert sorted(wanted) == sorted(name for names in PAGES.values() for name in names)
    for page, names in enumerate(PAGES.values()):
        dialog.tabs.setCurrentIndex(page)
        for name in (each for each in wanted if each in names):
            control = dialog.control(name)
            assert control.isVisible()
            assert control.accessibleName() or control.text()
            if isinstance(wanted[name], str):
                choose(dialog, name, wanted[name])
            elif isinstance(wanted[name], bool):
                QTest.keyClick(control, Qt.Key.Key_Space)
            else:
                type_into(dialog, name, f"{wanted[name]}")
    kept = read_preferences()
    assert {name: getattr(kept, name) for name in wanted} == wanted
    assert not dialog.control("loupe_magnification").isEnabled()
    later = dialog.findChild(QLabel, "later")
    dialog.tabs.setCurrentIndex(0)
    assert later.isVisible()
    QTest.mouseClick(dialog.findChild(QPushButton, "reset_all"), LEFT)
    supplied = Preferences()
    assert {name: getattr(read_preferences(), name) for name in wanted} == {
        name: getattr(supplied, name) for name in wanted
    }
    assert not later.isVisible()
    assert dialog.control("loupe").isChecked()
    dialog.close()


def test_settings_of_the_last_time_are_in_force_at_the_start(open_studio, project, own_settings):
    write_preferences(Preferences(keypoint_palette="deep", marker_scale=2.5))
    studio = open_studio()
    studio.open(project)
    assert colour_at(studio, *POSE[0]) == SIDE_PALETTES["deep"]["centre"].lower()
    studio.workspace.settings.reset("keypoint_palette")


def test_a_value_that_cannot_be_changes_nothing(own_settings):
    settings = Settings(Preferences())
    told = []
    settings.changed.connect(lambda: told.append(1))
    with pytest.raises(UserProblem, match="not possible"):
        settings.change(loupe=False, marker_scale=40.0)
    assert settings.preferences.loupe
    assert told == []
    settings.change(loupe=True)
    assert told == []
    settings.change(loupe=False)
    assert told == [1]


def test_the_wheel_over_the_loupe_changes_the_setting_for_good_and_as_far_as_it_goes(
    studio, project
):
    studio.open(project)
    dialog = SettingsDialog(studio.workspace.settings, studio.window)
    magnifies, wheel_at = dialog.control("loupe_magnification"), studio.at(60, 50)
    zoomed = studio.canvas.transform()
    studio.press(*POSE[0])
    studio.move(60, 50)
    studio.wheel(wheel_at, 2)
    assert magnifies.value() == read_preferences().loupe_magnification == 8.0
    studio.wheel(wheel_at, 9)
    assert magnifies.value() == read_preferences().loupe_magnification == 12.0
    studio.wheel(wheel_at, -30)
    assert magnifies.value() == read_preferences().loupe_magnification == 4.0
    studio.move(70, 50)
    studio.release(70, 50)
    assert studio.annotation.xy[0] == pytest.approx((70, 50), abs=0.3), "what was held stays held"
    assert studio.canvas.transform() == zoomed
    dialog.deleteLater()
