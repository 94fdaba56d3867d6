"""Ctrl+K: every verb by its name."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kpstudio.gui.command_palette import CommandPalette
from kpstudio.gui.verb_search import find_verbs
from kpstudio.workspace.preferences import read_preferences

CTRL = Qt.KeyboardModifier.ControlModifier
WHY = Qt.ItemDataRole.UserRole + 1


def open_palette(studio):
    studio.key(Qt.Key.Key_K, CTRL)
    palette = next(each for each in studio.window.findChildren(CommandPalette) if each.isVisible())
    studio.wait(palette.search.hasFocus)
    return palette


def press(palette, *keys):
    for key in keys:
        QTest.keyClick(palette.search, key)


def test_a_verb_is_found_by_words_and_run_with_enter_and_comes_first_the_next_time(studio, project):
    studio.open(project)
    studio.window.images.search.setFocus()
    palette = open_palette(studio)
    names = [entry.name for entry in palette.shown]
    assert sorted(names) == sorted(entry.name for entry in studio.window.entries)
    QTest.keyClicks(palette.search, "heat sho")
    assert [entry.name for entry in palette.shown] == ["heatmap"]
    before = studio.workspace.overlay.has_heatmaps
    press(palette, Qt.Key.Key_Return)
    assert studio.workspace.overlay.has_heatmaps is not before
    assert not palette.isVisible()
    # The keyboard is back on the canvas, so that the next key is not typed into a field.
    studio.wait(studio.canvas.hasFocus)
    assert read_preferences().recent_verbs == ["heatmap"]

    again = open_palette(studio)
    assert again.shown[0].name == "heatmap"
    press(again, Qt.Key.Key_Escape)
    assert not again.isVisible()


def test_arrows_choose_and_go_round(studio, project):
    studio.open(project)
    palette = open_palette(studio)
    QTest.keyClicks(palette.search, "next")
    count = palette.list.count()
    assert count > 2
    press(palette, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up)
    assert palette.list.currentRow() == 1
    press(palette, Qt.Key.Key_Up, Qt.Key.Key_Up)
    assert palette.list.currentRow() == count - 1
    press(palette, Qt.Key.Key_PageUp)
    assert palette.list.currentRow() == max(0, count - 12)
    row = palette.list.visualItemRect(palette.list.item(0)).center()
    first = palette.shown[0]
    assert first.name == "next"
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=row)
    studio.wait_for_image()
    assert studio.workspace.position(studio.workspace.selection.image_id) == 1


def test_a_verb_that_is_greyed_says_why_and_does_not_run(studio, project):
    palette = open_palette(studio)
    QTest.keyClicks(palette.search, "fit")
    item = palette.list.currentItem()
    assert item.data(WHY) == "open a project first"
    spoken = item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "View: Fit image, F, open a project first"
    press(palette, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.search.setText("zzz")
    assert palette.shown == []
    press(palette, Qt.Key.Key_Return, Qt.Key.Key_Escape)
    studio.window.activateWindow()
    studio.open(project)
    palette = open_palette(studio)
    QTest.keyClicks(palette.search, "redo")
    assert palette.list.currentItem().data(WHY) == "nothing to redo"
    palette.close()


def test_a_panel_is_opened_by_its_name_and_has_the_keyboard_and_a_theme_is_chosen(studio, project):
    studio.open(project)
    dock = next(each for each in studio.window._docks if each.objectName() == "effort")
    assert not dock.isVisible()
    palette = open_palette(studio)
    QTest.keyClicks(palette.search, "effort")
    assert palette.shown[0].menu_title == "View › Go to a panel"
    press(palette, Qt.Key.Key_Return)
    studio.wait(dock.isVisible)
    studio.wait(lambda: (there := QApplication.focusWidget()) and dock.isAncestorOf(there))
    palette = open_palette(studio)
    QTest.keyClicks(palette.search, "light")
    press(palette, Qt.Key.Key_Return)
    assert studio.window.themes.theme.name == "light"
    assert read_preferences().theme == "light"


def test_a_title_that_is_typed_whole_comes_before_what_was_run_last(studio):
    names = [entry.name for entry in find_verbs("images", studio.window.entries, recent=["find"])]
    assert names[:2] == ["panel_images", "find"]
