"""Every control has a name for who cannot see it, and every verb a way by the keyboard."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

from kpstudio.core.augmentation import AugmentationChoice
from kpstudio.core.skeleton_draft import SkeletonDraft
from kpstudio.gui.augmentation_dialog import AugmentationDialog
from kpstudio.gui.command_palette import CommandPalette
from kpstudio.gui.new_project_dialog import NewProjectDialog
from kpstudio.gui.skeleton_dialog import SkeletonDialog
from kpstudio.gui.verbs.action_entry import with_free_letter

CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QAbstractSpinBox,
    QAbstractItemView,
    QAbstractSlider,
    QTabBar,
)
# What Qt makes within a control of its own is spoken of as that control.
INNER = (QScrollBar, QHeaderView)
MNEMONIC = re.compile(r"&(\w)")


def is_inner(widget):
    parent = widget.parent()
    return (
        isinstance(widget, INNER)
        or (isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget)
        or isinstance(parent, QComboBox | QAbstractSpinBox | QLineEdit)
        or widget.objectName().startswith("qt_")
        or (parent is not None and parent.metaObject().className() == "QComboBoxPrivateContainer")
    )


def nameless(root):
    """Controls, and whatever else Tab stops at, that say nothing to a screen reader."""
    found = []
    for widget in (root, *root.findChildren(QWidget)):
        takes_keys = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if not (isinstance(widget, CONTROLS) or takes_keys) or is_inner(widget):
            continue
        if widget is not root and not widget.isVisibleTo(root):
            continue
        spoken = QAccessible.queryAccessibleInterface(widget)
        if not spoken.text(QAccessible.Text.Name).strip():
            parent = widget.parent()
            found.append((type(widget).__name__, widget.objectName(), type(parent).__name__))
    return found


def test_every_control_of_the_window_and_its_dialogs_has_a_name(studio, project):
    studio.open(project)
    window = studio.window
    skeleton = studio.workspace.labels.skeleton
    dialogs = [
        window.export_dialog,
        window.import_dialog,
        NewProjectDialog(window.themes, window),
        SkeletonDialog(SkeletonDraft.of(skeleton), window.themes, parent=window),
        AugmentationDialog(AugmentationChoice(), window),
    ]
    for show in (
        window.show_palette,
        window.show_cheat_sheet,
        window.edit_shortcuts,
        window.edit_settings,
    ):
        show()
    opened = [each for each in window.findChildren(QDialog) if each not in dialogs]
    assert len(opened) == 4
    assert {type(each).__name__: nameless(each) for each in (window, *dialogs, *opened)} == {
        type(each).__name__: [] for each in (window, *dialogs, *opened)
    }
    for dialog in opened:
        dialog.close()


def test_a_control_without_a_name_would_be_found(studio):
    dialog = QDialog(studio.window)
    QLineEdit(dialog).setObjectName("forgotten")
    assert nameless(dialog) == [("QLineEdit", "forgotten", "QDialog")]
    dialog.deleteLater()


def test_no_letter_is_underlined_twice_in_a_menu(studio):
    bar = studio.window.menuBar()
    menus = {"the bar": [each.text() for each in bar.actions()]}
    for action in bar.actions():
        menus[action.text()] = [each.text() for each in action.menu().actions()]
    for title, texts in menus.items():
        letters = [found[1].upper() for text in texts if (found := MNEMONIC.search(text))]
        assert sorted(letters) == sorted(set(letters)), title
    for entry in studio.window.entries:
        assert MNEMONIC.search(studio.window.actions_by_name[entry.name].text()), entry.name


def test_a_verb_whose_letter_is_taken_gets_another():
    taken = {"K", "E"}
    assert with_free_letter("S&kip keypoint…", taken) == "&Skip keypoint…"
    assert with_free_letter("&Keep", taken) == "Kee&p"
    assert with_free_letter("Fit &view", taken) == "Fit &view"
    assert taken == {"K", "E", "S", "P", "V"}
    assert with_free_letter("&Es", taken) == "Es"
    assert with_free_letter("打开(&E)…", taken) == "打开(&A)…"
    assert with_free_letter("打开(&O)…", taken) == "打开(&O)…"


def test_every_verb_is_run_by_its_keys_or_from_the_palette(studio, project):
    studio.open(project)
    run = []
    for entry in studio.window.entries:
        action = studio.window.actions_by_name[entry.name]
        action.setEnabled(True)
        if entry.name != "palette":
            action.triggered.disconnect()
            action.triggered.connect(lambda _=False, name=entry.name: run.append(name))
    for entry in studio.window.entries:
        if entry.name == "palette":
            continue
        for key in entry.keys:
            QTest.keySequence(studio.canvas, QKeySequence(key))
            assert run == [entry.name], key
            run.clear()
        if not entry.keys:
            studio.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
            palette = studio.window.findChild(CommandPalette)
            QTest.keyClicks(palette.search, entry.title)
            QTest.keyClick(palette.search, Qt.Key.Key_Return)
            assert run == [entry.name], entry.title
            run.clear()
            QApplication.sendPostedEvents(palette, 0)
            studio.wait(lambda: studio.window.findChild(CommandPalette) is None)
            studio.wait(studio.window.isActiveWindow)


@pytest.mark.parametrize(
    ("key", "held"),
    [
        (Qt.Key.Key_F6, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier),
    ],
)
def test_f6_goes_through_every_open_panel_and_back_to_the_canvas(studio, project, key, held):
    studio.open(project)
    closed = next(dock for dock in studio.window._docks if dock.objectName() == "decoder")
    closed.close()
    assert studio.canvas.hasFocus()
    visited = []
    docks = [each for each in studio.window._docks if each.toggleViewAction().isChecked()]
    for _ in range(len(docks) + 1):
        studio.key(key, held)
        focused = QApplication.focusWidget()
        here = [dock for dock in docks if dock.isAncestorOf(focused)]
        visited.append(here[0].objectName() if here else "canvas")
        assert focused.isVisible()
    panels = [dock.objectName() for dock in docks]
    assert {"keypoints", "training"} < set(panels)
    assert "decoder" not in panels
    if held == Qt.KeyboardModifier.ShiftModifier:
        panels.reverse()
    assert visited == [*panels, "canvas"]
