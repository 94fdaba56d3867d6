"""The user's own keys: chosen in a dialog, kept as differences, in force everywhere at once."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from kpstudio.gui.cheat_sheet_dialog import CheatSheetDialog
from kpstudio.gui.shortcuts import Shortcuts
from kpstudio.gui.shortcuts_dialog import ShortcutsDialog
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.preferences import Preferences, read_preferences
from kpstudio.workspace.settings import Settings

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def open_dialog(studio):
    studio.window.actions_by_name["shortcuts"].trigger()
    dialog = studio.window.findChild(ShortcutsDialog)
    studio.wait(dialog.isActiveWindow)
    return dialog


def record(dialog, key, held=NONE):
    dialog.recorder.setFocus()
    QTest.keyClick(dialog.recorder, key, held)


def shown_chips(dialog):
    return [each for each in dialog.findChildren(QPushButton, "chip") if each.isVisible()]


def keys_of(studio, name):
    action = studio.window.actions_by_name[name]
    return [each.toString(QKeySequence.SequenceFormat.PortableText) for each in action.shortcuts()]


def test_a_key_of_ones_own_is_recorded_kept_and_in_force_at_once(open_studio, project):
    studio = open_studio()
    studio.open(project)
    dialog = open_dialog(studio)
    QTest.keyClicks(dialog.search, "next image")
    assert dialog.chosen.name == "next"
    record(dialog, Qt.Key.Key_F9)
    assert keys_of(studio, "next") == ["D", "PgDown", "F9"]
    assert dialog.table.item(0, 2).text() == "D  PgDown  F9  (yours)"
    dialog.close()
    studio.window.activateWindow()
    studio.wait(studio.window.isActiveWindow)
    studio.canvas.setFocus()
    studio.key(Qt.Key.Key_F9)
    studio.wait_for_image()
    assert studio.workspace.position(studio.workspace.selection.image_id) == 1
    studio.window.close()

    again = open_studio()
    assert keys_of(again, "next") == ["D", "PgDown", "F9"]
    again.key(Qt.Key.Key_F1)
    sheet = again.window.findChild(CheatSheetDialog)
    assert ("D  PgDown  F9", "Next image") in sheet.rows("")["Go"]
    sheet.close()


def test_a_key_that_is_taken_names_its_verb_and_is_taken_over_or_left(studio, own_settings):
    dialog = open_dialog(studio)
    dialog.choose("fit")
    record(dialog, Qt.Key.Key_U)
    assert dialog.message.text() == "U already runs “Next unlabelled image”."
    QTest.mouseClick(dialog.leave, LEFT)
    assert not dialog.take_over.isVisible()
    assert keys_of(studio, "fit") == ["F"]
    assert read_preferences().shortcuts == {}

    record(dialog, Qt.Key.Key_U)
    QTest.mouseClick(dialog.take_over, LEFT)
    assert keys_of(studio, "fit") == ["F", "U"]
    assert keys_of(studio, "next_unlabelled") == []
    assert read_preferences().shortcuts == {"fit": ["F", "U"], "next_unlabelled": []}
    assert studio.window.actions_by_name["next_unlabelled"].toolTip() == "Next unlabelled image"

    # Its supplied key is another's now, so a reset asks too.
    dialog.choose("next_unlabelled")
    QTest.mouseClick(dialog.reset_one, LEFT)
    assert "Fit image" in dialog.message.text()
    QTest.mouseClick(dialog.take_over, LEFT)
    assert read_preferences().shortcuts == {}
    dialog.close()


def test_keys_are_taken_away_one_by_one_and_all_come_back(studio):
    dialog = open_dialog(studio)
    dialog.choose("redo")
    studio.wait(lambda: len(shown_chips(dialog)) == 2)
    chips = shown_chips(dialog)
    assert chips[0].accessibleName() == "Take Ctrl+Shift+Z away"
    QTest.mouseClick(chips[0], LEFT)
    assert keys_of(studio, "redo") == ["Ctrl+Y"]
    assert studio.window.actions_by_name["redo"].toolTip() == "Redo (Ctrl+Y)"
    assert dialog.chosen.name == "redo"
    QTest.mouseClick(dialog.findChild(QPushButton, "reset_all"), LEFT)
    assert keys_of(studio, "redo") == ["Ctrl+Shift+Z", "Ctrl+Y"]
    assert not dialog.findChild(QPushButton, "reset_all").isEnabled()
    dialog.close()


@pytest.mark.parametrize(
    ("key", "held", "words"),
    [
        (Qt.Key.Key_Left, NONE, "Arrow keys belong to the canvas"),
        (Qt.Key.Key_Space, NONE, "Escape and Space belong to the canvas"),
        (Qt.Key.Key_F, Qt.KeyboardModifier.AltModifier, "Alt+F opens a menu"),
    ],
)
def test_keys_that_others_need_are_refused_with_the_reason(studio, key, held, words):
    dialog = open_dialog(studio)
    dialog.choose("fit")
    record(dialog, key, held)
    assert words in dialog.message.text()
    assert not dialog.take_over.isVisible()
    assert keys_of(studio, "fit") == ["F"]
    QTest.keyClick(dialog.recorder, Qt.Key.Key_Escape)
    studio.wait(dialog.table.hasFocus)
    dialog.close()


VERBS = [
    ActionEntry("fit", "&View", "&Fit", print, keys=("F",)),
    ActionEntry("next", "&Go", "&Next", print, keys=("D", "PgDown")),
    ActionEntry("undo", "&Edit", "&Undo", print, keys=("Ctrl+Z",)),
]


@pytest.mark.parametrize(
    ("kept", "keys", "told"),
    [
        # Two verbs have changed places.
        ({"fit": ["D"], "next": ["F"]}, {"fit": ("D",), "next": ("F",)}, None),
        # A supplied key gives way to a key that the user has chosen.
        ({"fit": ["PgDown"]}, {"fit": ("PgDown",), "next": ("D",)}, "Next"),
        # Of two that the user has chosen neither wins.
        ({"fit": ["X"], "undo": ["X"]}, {"fit": ("F",), "undo": ("Ctrl+Z",)}, "Fit, Undo"),
        ({"fit": ["Ctrl+Nonsense", "G"]}, {"fit": ("G",)}, "Fit"),
        ({"fit": ["Escape"]}, {"fit": ()}, "Fit"),
        # Of another version: kept for it, and in nobody's way here.
        ({"of_tomorrow": ["F"]}, {"fit": ("F",)}, None),
    ],
)
def test_what_was_kept_and_cannot_be_falls_back_with_a_notice(own_settings, kept, keys, told):
    shortcuts = Shortcuts(VERBS, Settings(Preferences(shortcuts=kept)))
    assert {name: shortcuts.keys(name) for name in keys} == keys
    assert shortcuts.problem is None if told is None else f": {told}." in str(shortcuts.problem)


def test_damaged_settings_cost_only_what_is_damaged_and_the_window_says_so(
    own_settings, open_studio
):
    own_settings.mkdir()
    kept = {"theme": "light", "shortcuts": "F", "marker_scale": 99, "recent_verbs": ["fit"]}
    (own_settings / "preferences.json").write_text(json.dumps(kept))
    studio = open_studio()
    preferences = studio.workspace.preferences
    assert (preferences.theme, preferences.recent_verbs) == ("light", ["fit"])
    assert (preferences.shortcuts, preferences.marker_scale) == ({}, 1.0)
    assert "marker_scale, shortcuts" in studio.notice
    # The first change of a setting writes the file anew; what was edited by hand is not lost.
    studio.window.close()
    assert json.loads((own_settings / "preferences.json").read_text())["marker_scale"] == 1.0
    copy = own_settings / "preferences.damaged.json"
    assert json.loads(copy.read_text()) == kept
    assert str(copy) in studio.notice


def test_the_cheat_sheet_of_a_hundred_verbs_fits_a_small_window_and_is_searched(
    studio, qtbot, own_settings
):
    many = [
        ActionEntry(f"verb{i}", f"Menu {i // 17}", f"Do the thing number {i}", print, keys=(key,))
        for i, key in enumerate(
            f"{held}+{letter}" for held in ("Ctrl", "Alt", "Ctrl+Alt", "Meta") for letter in LETTERS
        )
    ]
    assert len(many) == 104
    dialog = CheatSheetDialog(
        Shortcuts(many, Settings(Preferences())), [("Wheel", "zoom")], studio.window
    )
    dialog.open()
    assert dialog.width() <= 1280
    assert dialog.height() <= 720
    sheet = dialog.page.widget()
    qtbot.waitUntil(lambda: dialog.page.verticalScrollBar().maximum() > 0)
    # Nothing is cut: each text has the room that it asks for.
    for label in sheet.findChildren(QLabel):
        needed = label.heightForWidth(label.width()) if label.wordWrap() else 0
        assert label.height() >= needed
        assert label.width() >= label.minimumSizeHint().width()
    QTest.keyClicks(dialog.search, "number 93")
    assert [len(rows) for rows in dialog.rows("number 93").values()] == [1]
    assert len(dialog.page.widget().findChildren(QLabel)) == 3
    assert dialog.rows("ctrl+q") == {"Menu 0": [("Ctrl+Q", "Do the thing number 16")]}
    assert dialog.rows("whee") == {"On the canvas": [("Wheel", "zoom")]}
    dialog.close()


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
