"""The skeleton editor in the window, with mouse and keys, after labels exist."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QColorDialog,
    QComboBox,
    QDialog,
    QLineEdit,
    QPushButton,
    QWidget,
)
from shiboken6 import isValid
from studio import POSE, SKELETON

from kpstudio.core.skeleton import Skeleton
from kpstudio.core.skeleton_draft import SkeletonDraft
from kpstudio.gui.draft_model import COLOUR, LABELS, MIRROR, NAME, SIDE, SIGMA
from kpstudio.gui.skeleton_dialog import SkeletonDialog
from kpstudio.gui.theme import SIDE_COLOURS
from kpstudio.workspace.labels import Labels

LEFT = Qt.MouseButton.LeftButton
SHIFT, ALT, CTRL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class Editor:
    """The dialog, and the hands on it."""

    def __init__(self, dialog):
        self.dialog, self.table, self.preview = dialog, dialog.table, dialog.preview

    def cell(self, row, column):
        return self.table.visualRect(self.table.model().index(row, column)).center()

    def text(self, row, column):
        return self.table.model().data(self.table.model().index(row, column))

    def click(self, row, column=NAME, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.mouseClick(self.table.viewport(), LEFT, modifiers, self.cell(row, column))

    def open(self, row, column):
        """A double click, as a person does it; returns the field that opens."""
        self.click(row, column)
        QTest.mouseDClick(self.table.viewport(), LEFT, pos=self.cell(row, column))
        QApplication.processEvents()
        return self.field()

    def field(self):
        kinds = QComboBox | QLineEdit
        return next(
            (
                each
                for each in self.table.viewport().findChildren(QWidget)
                if isinstance(each, kinds) and each.isVisible()
            ),
            None,
        )

    def type(self, text):
        field = self.field()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        QApplication.processEvents()

    def key(self, key, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.table, key, modifiers)

    def choose(self, row, column, text):
        choice = self.open(row, column)
        assert choice.view().isVisible()
        for _ in range(choice.count()):
            QTest.keyClick(choice.view(), Qt.Key.Key_Up)
        for _ in range(choice.findText(text)):
            QTest.keyClick(choice.view(), Qt.Key.Key_Down)
        QTest.keyClick(choice.view(), Qt.Key.Key_Return)
        QApplication.processEvents()

    def press(self, name):
        QTest.mouseClick(self.dialog.findChild(QPushButton, name), LEFT)

    def at(self, name):
        draft = self.dialog.draft
        key = next(each.key for each in draft.keypoints if each.name == name)
        return self.preview.position(key).toPoint()

    def click_in_picture(self, name, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.mouseClick(self.preview, LEFT, modifiers, self.at(name))

    @property
    def edges(self):
        skeleton = self.dialog.skeleton
        return {frozenset(skeleton.keypoints[k] for k in edge) for edge in skeleton.edges}

    @property
    def names(self):
        return [each.name for each in self.dialog.draft.keypoints]

    def accept(self):
        self.close(lambda dialog: QTest.mouseClick(dialog.ok, LEFT))

    def close(self, how):
        """Close the dialog, and wait until it is gone."""
        if isValid(self.dialog):
            if self.dialog.isVisible():
                how(self.dialog)
            assert not self.dialog.isVisible()
            # Without a screen nobody gives the window behind it the keyboard.
            self.dialog.parent().activateWindow()
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def edit(studio, project, qtbot):
    """Opens the dialog from the window, on a project with two labelled images."""
    studio.open(project)
    editors = []

    def opened():
        studio.wait(studio.window.isActiveWindow)
        studio.key(Qt.Key.Key_K, CTRL | SHIFT)
        studio.wait(lambda: studio.window.findChild(SkeletonDialog))
        dialog = studio.window.findChild(SkeletonDialog)
        studio.wait(dialog.isActiveWindow)
        editors.append(Editor(dialog))
        return editors[-1]

    yield opened
    for editor in editors:
        editor.close(QDialog.reject)


def edges_of(*pairs):
    return {frozenset(pair) for pair in pairs}


def test_a_rename_and_an_added_keypoint_keep_the_labels_and_can_be_undone(studio, edit):
    editor = edit()
    editor.open(0, NAME)
    editor.type("snout")
    editor.key(Qt.Key.Key_Insert)
    editor.type("tail")
    assert editor.names == ["snout", "tail", "left_ear", "right_ear"]
    assert "Renamed: nose → snout." in editor.dialog.message.text()
    editor.accept()
    labels = studio.workspace.labels
    assert labels.skeleton.keypoints == ("snout", "tail", "left_ear", "right_ear")
    np.testing.assert_array_equal(studio.annotation.xy[[0, 2, 3]], POSE)
    assert studio.window.keypoints.table.model().rowCount() == 4
    studio.undo()
    assert labels.skeleton == SKELETON
    np.testing.assert_array_equal(studio.annotation.xy, POSE)


def test_a_removed_keypoint_says_how_many_labels_are_kept_and_returns_with_them(studio, edit):
    editor = edit()
    assert [editor.text(row, LABELS) for row in range(3)] == ["2", "2", "2"]
    editor.click(1)
    editor.key(Qt.Key.Key_Delete)
    assert "Removed: left_ear; 2 labels are kept" in editor.dialog.message.text()
    assert editor.dialog.skeleton.flip_pairs == ()
    editor.accept()
    assert studio.workspace.labels.skeleton.keypoints == ("nose", "right_ear")

    again = edit()
    again.press("add")
    again.type("left_ear")
    assert again.text(2, LABELS) == "2"
    assert "Back: left_ear with 2 labels." in again.dialog.message.text()
    again.accept()
    np.testing.assert_array_equal(studio.annotation.xy, POSE[[0, 2, 1]])


def test_what_is_done_in_the_dialog_can_be_undone_there(studio, edit):
    editor = edit()
    undo = editor.dialog.findChild(QPushButton, "undo")
    assert not undo.isEnabled()
    category = editor.dialog.findChild(QLineEdit, "category")
    QTest.keyClicks(category, "s")
    editor.click(1)
    editor.press("remove")
    editor.key(Qt.Key.Key_Insert)
    editor.type("tail")
    assert editor.names == ["nose", "right_ear", "tail"]
    for _ in range(3):
        editor.key(Qt.Key.Key_Z, CTRL)
    assert not undo.isEnabled()
    assert editor.dialog.skeleton == msgspec.structs.replace(SKELETON, category="mouses")
    editor.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert editor.names == ["nose", "right_ear"]
    editor.press("undo")
    assert editor.dialog.skeleton.edges == SKELETON.edges


def test_cancel_changes_nothing(studio, edit):
    editor = edit()
    editor.click(0)
    editor.press("remove")
    QTest.keyClick(editor.dialog, Qt.Key.Key_Escape)
    assert not editor.dialog.isVisible()
    assert studio.workspace.labels.skeleton == SKELETON


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("left_ear", "1 and 2 are both called “left_ear”"),
        ("  ", "Keypoint 1 has no name"),
    ],
)
def test_a_wrong_name_is_said_at_once_and_cannot_be_accepted(studio, edit, name, says):
    editor = edit()
    editor.open(0, NAME)
    editor.type(name)
    assert says in editor.dialog.message.text()
    assert not editor.dialog.ok.isEnabled()
    editor.key(Qt.Key.Key_F2)
    editor.type("beak")
    assert editor.dialog.ok.isEnabled()


def test_return_in_a_field_does_not_close_the_dialog(edit):
    editor = edit()
    category = editor.dialog.findChild(QLineEdit, "category")
    category.selectAll()
    QTest.keyClicks(category, "rat")
    QTest.keyClick(category, Qt.Key.Key_Return)
    editor.click(2)
    editor.key(Qt.Key.Key_Return)
    assert isinstance(editor.field(), QLineEdit)
    editor.type("ear")
    assert editor.dialog.isVisible()
    assert editor.dialog.skeleton.category == "rat"
    assert editor.names == ["nose", "left_ear", "ear"]


def test_rows_are_moved_by_keys_and_buttons_and_edges_go_along(edit):
    editor = edit()
    editor.click(2)
    editor.key(Qt.Key.Key_Up, ALT)
    editor.key(Qt.Key.Key_Up, ALT)
    assert editor.names == ["right_ear", "nose", "left_ear"]
    editor.key(Qt.Key.Key_Up, ALT)
    assert editor.names == ["right_ear", "nose", "left_ear"]
    editor.press("down")
    assert editor.names == ["nose", "right_ear", "left_ear"]
    editor.click(0)
    editor.click(1, modifiers=SHIFT)
    editor.key(Qt.Key.Key_Down, ALT)
    assert editor.names == ["left_ear", "nose", "right_ear"]
    assert editor.edges == edges_of(("nose", "left_ear"), ("nose", "right_ear"))
    assert editor.dialog.skeleton.flip_pairs == ((0, 2),)


def test_rows_that_are_dropped_elsewhere_stand_there(edit):
    editor = edit()
    model = editor.table.model()
    # A real drag runs a loop of its own, which a test without a screen cannot end.
    held = model.mimeData([model.index(0, column) for column in range(6)])
    model.dropMimeData(held, Qt.DropAction.MoveAction, 2, 0, model.index(-1, -1))
    assert editor.names == ["left_ear", "nose", "right_ear"]
    assert len(editor.table.selected_keys) == 1
    held = model.mimeData([model.index(2, 0)])
    model.dropMimeData(held, Qt.DropAction.MoveAction, -1, -1, model.index(0, 0))
    assert editor.names == ["right_ear", "left_ear", "nose"]


def test_edges_are_made_and_unmade_by_clicks_and_drags_in_the_picture(edit):
    editor = edit()
    editor.click_in_picture("left_ear")
    assert editor.table.selected_keys == (1,)
    editor.click_in_picture("right_ear")
    assert frozenset(("left_ear", "right_ear")) in editor.edges
    start, end = editor.at("nose"), editor.at("left_ear")
    QTest.mousePress(editor.preview, LEFT, pos=start)
    QTest.mouseMove(editor.preview, (start + end) / 2)
    QTest.mouseRelease(editor.preview, LEFT, pos=end)
    assert editor.edges == edges_of(("nose", "right_ear"), ("left_ear", "right_ear"))
    # With Shift the second is the first of the next edge.
    editor.click_in_picture("right_ear")
    editor.click_in_picture("nose", SHIFT)
    editor.click_in_picture("left_ear")
    assert editor.edges == edges_of(("nose", "left_ear"), ("left_ear", "right_ear"))


def test_an_edge_that_was_begun_can_be_given_up(edit):
    editor = edit()
    editor.click_in_picture("nose")
    assert editor.preview.start == 0
    QTest.keyClick(editor.preview, Qt.Key.Key_Escape)
    assert editor.dialog.isVisible()
    editor.click_in_picture("left_ear")
    QTest.mouseClick(editor.preview, LEFT, pos=QPoint(3, 3))
    editor.click_in_picture("right_ear")
    assert editor.dialog.skeleton.edges == SKELETON.edges


def test_two_selected_rows_are_joined_and_mirrored_by_buttons(edit):
    editor = edit()
    join = editor.dialog.findChild(QPushButton, "join")
    editor.click(0)
    assert not join.isEnabled()
    editor.click(1, modifiers=CTRL)
    editor.press("join")
    assert editor.edges == edges_of(("nose", "right_ear"))
    editor.press("mirror")
    assert editor.dialog.skeleton.flip_pairs == ((1, 0),)
    assert [editor.text(row, SIDE) for row in range(3)] == ["right", "left", ""]
    editor.press("mirror")
    assert editor.dialog.skeleton.flip_pairs == ()
    editor.press("by_name")
    assert editor.dialog.skeleton.flip_pairs == ((1, 2),)


# Lists that open want a screen.
@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_partner_side_and_sigma_are_chosen_in_the_table(edit):
    editor = edit()
    editor.choose(1, MIRROR, "none")
    assert editor.dialog.skeleton.flip_pairs == ()
    editor.choose(2, MIRROR, "nose")
    assert editor.dialog.skeleton.flip_pairs == ((2, 0),)
    editor.choose(2, SIDE, "right")
    assert editor.dialog.skeleton.flip_pairs == ((0, 2),)
    editor.open(1, SIGMA)
    editor.type("0.079")
    assert editor.dialog.skeleton.sigmas == (0.05, 0.079, 0.05)
    editor.open(1, SIGMA)
    editor.field().clear()
    editor.type("")
    assert editor.dialog.skeleton.sigmas == ()
    editor.open(1, SIGMA)
    editor.type("0")
    assert editor.dialog.skeleton.sigmas == ()


def test_colours_are_chosen_drawn_and_taken_back(studio, edit, monkeypatch):
    editor = edit()
    asked = []

    def choose(now, *_):
        asked.append(now.name())
        return QColor("#12AB34")

    monkeypatch.setattr(QColorDialog, "getColor", choose)
    editor.open(1, COLOUR)
    assert asked == [SIDE_COLOURS["left"].lower()]
    assert editor.dialog.skeleton.colours == ("", "#12ab34", "")
    picture = editor.preview.grab().toImage()
    # The selected keypoint is a ring.
    row = [picture.pixelColor(editor.at("left_ear") + QPoint(dx, 0)).name() for dx in range(7)]
    assert "#12ab34" in row
    editor.click(0)
    editor.press("colour")
    assert editor.dialog.skeleton.colours == ("#12ab34", "#12ab34", "")
    editor.click(1)
    editor.press("by_side")
    editor.accept()
    assert studio.workspace.labels.skeleton.colours == ("#12ab34", "", "")
    canvas = studio.canvas.viewport().grab().toImage()
    assert canvas.pixelColor(studio.at(*POSE[0])).name() == "#12ab34"


def test_the_picture_has_the_shape_of_the_labels(studio, edit):
    editor = edit()
    places = [editor.at(name) for name in SKELETON.keypoints]
    drawn = np.array([(place.x(), place.y()) for place in places], dtype=float)
    # Turned as a whole or not, distances keep their proportions.
    lengths = [np.linalg.norm(pose[1:] - pose[0], axis=1) for pose in (drawn, POSE)]
    ratio = lengths[0] / lengths[1]
    assert ratio[0] == pytest.approx(ratio[1], rel=0.02)


def test_many_keypoints_stay_usable(studio, qtbot):
    names = tuple(f"point_{index}" for index in range(133))
    many = Skeleton("many", names, tuple((k, k + 1) for k in range(132)))
    dialog = SkeletonDialog(SkeletonDraft.of(many), studio.window.themes)
    qtbot.addWidget(dialog)
    dialog.show()
    editor = Editor(dialog)
    # Typing a name goes to its row.
    dialog.table.setFocus()
    editor.click(0)
    QTest.keyClicks(dialog.table, "point_101")
    assert dialog.table.selected_keys == (101,)
    editor.click_in_picture("point_101")
    editor.click_in_picture("point_7")
    assert dialog.skeleton.edges[-1] == (101, 7)
    editor.key(Qt.Key.Key_Delete)
    assert len(dialog.skeleton) == 132
    assert dialog.table.viewport().rect().contains(editor.cell(7, NAME))


def test_without_labels_there_is_no_typical_pose(studio, project):
    assert studio.workspace.labels.typical_pose() is None
    assert isinstance(studio.workspace.labels, Labels)
    studio.open(project)
    assert studio.workspace.labels.typical_pose().shape == (3, 2)


def test_an_empty_draft_is_filled_from_nothing(studio, qtbot):
    dialog = SkeletonDialog(SkeletonDraft(name="new", category="fly"), studio.window.themes)
    qtbot.addWidget(dialog)
    dialog.show()
    editor = Editor(dialog)
    assert "no keypoint yet" in dialog.message.text()
    assert not dialog.ok.isEnabled()
    for name in ("head", "thorax"):
        editor.key(Qt.Key.Key_Insert)
        editor.type(name)
    editor.click_in_picture("head")
    editor.click_in_picture("thorax")
    assert dialog.skeleton == msgspec.structs.replace(
        Skeleton("new", ("head", "thorax")), edges=((0, 1),), category="fly"
    )
