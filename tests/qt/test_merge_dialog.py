"""Bringing another copy of the project into the window, with mouse and keys."""

import shutil
import sqlite3

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QFileDialog, QPushButton
from studio import POSE, make_project

from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.skeleton import Skeleton
from kpstudio.gui.conflict_model import IMAGE, KEEP, OURS, THEIRS, WHAT
from kpstudio.gui.merge_dialog import MergeDialog
from kpstudio.store.project import Project

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Merge:
    """The dialog, and the hands on it."""

    def __init__(self, studio, monkeypatch):
        self.studio, self._patch = studio, monkeypatch

    def ask(self, path):
        """Choose the other copy from the menu."""
        self._patch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
        self.studio.window.actions_by_name["merge"].trigger()

    def open(self, path):
        self.ask(path)
        self.studio.wait(lambda: self.dialog is not None and self.dialog.isVisible())
        return self

    @property
    def dialog(self):
        return self.studio.window.findChild(MergeDialog)

    @property
    def pictures(self):
        return self.dialog.view.sides

    def words(self, row):
        model = self.dialog.model
        return [model.data(model.index(row, column)) for column in (IMAGE, WHAT, KEEP)]

    def click(self, row, choice):
        table = self.dialog.table
        cell = table.visualRect(table.model().index(row, KEEP))
        QTest.mouseClick(table.viewport(), LEFT, pos=table.choices.segment(cell, choice).center())

    def key(self, key, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.dialog.table, key, modifiers)

    def press(self, name):
        QTest.mouseClick(self.dialog.findChild(QPushButton, name), LEFT)

    def accept(self):
        QTest.mouseClick(self.dialog.merge, LEFT)
        self._gone()

    def cancel(self):
        self.key(Qt.Key.Key_Escape)
        self._gone()

    def _gone(self):
        self.studio.wait(lambda: self.dialog is None)
        # Without a screen nobody gives the window behind it the keyboard.
        self.studio.window.activateWindow()
        QApplication.processEvents()
        self.studio.canvas.setFocus()


@pytest.fixture
def other(project):
    """A copy of the project, beside it."""
    return shutil.copy(project, project.with_name("of bob.kps"))


@pytest.fixture
def merge(studio, monkeypatch):
    return Merge(studio, monkeypatch)


def change(path, author, *changes):
    """Apply changes of annotations: old id, new state made from it."""
    with Project.open(path, author=author) as project:
        known = {each.id: each for each in project.dataset().annotations}
        for annotation_id, make in changes:
            old = known.get(annotation_id)
            new = make(old)
            project.apply(Edit.change("Change", old, new))


def moved(index, xy, visibility=2):
    return lambda old: old.with_keypoint(index, xy, visibility)


def deleted(_old):
    return None


@pytest.fixture(scope="module")
def torn_template(tmp_path_factory):
    """In the first image both moved the nose, in the second we moved what they deleted."""
    folder = tmp_path_factory.mktemp("torn")
    project = make_project(folder)
    other = shutil.copy(project, folder / "of bob.kps")
    first, second = stored_ids(project)
    change(project, "Ann", (first, moved(0, (43.0, 34.0))), (second, moved(0, (9.0, 9.0))))
    change(
        other,
        "Bob",
        (first, moved(0, (40.0, 30.0))),
        (second, deleted),
        ("theirs", lambda _old: subject(3)),
    )
    return folder


@pytest.fixture
def torn(torn_template, tmp_path):
    """That project, and the other copy of it."""
    shutil.copytree(torn_template, tmp_path, dirs_exist_ok=True)
    return tmp_path / "small.kps", tmp_path / "of bob.kps"


def stored_ids(path):
    with Project.open(path, read_only=True) as project:
        return [each.id for each in project.dataset().annotations]


def subject(image_id):
    return Annotation("theirs", image_id, POSE + 5, np.array([2, 2, 2]))


def tags(studio):
    return [image.tags for image in studio.workspace.images[:3]]


def test_each_conflict_says_where_what_and_who(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.open(other)
    assert merge.dialog.summary.text() == (
        "What comes in – annotations: 1 new; history: 3 entries."
    )
    assert merge.words(0) == ["image0.png", "5.0 px: nose", "undecided"]
    assert merge.words(1) == ["image1.png", "deleted in theirs, changed in ours", "undecided"]
    model = merge.dialog.model
    for column, author in ((OURS, "Ann"), (THEIRS, "Bob")):
        assert model.data(model.index(1, column)).endswith(author)
    assert model.who_and_when(1, "theirs").startswith("deleted: Bob, 20")
    merge.cancel()
    assert studio.workspace.labels.undo_label == "Change"


def test_clicks_decide_and_undo_takes_it_back(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.open(other)
    merge.click(0, "theirs")
    merge.click(1, "ours")
    assert [merge.words(row)[2] for row in (0, 1)] == ["Theirs", "Ours"]
    assert merge.dialog.state.text() == "All 2 conflicts are decided."
    merge.accept()
    assert studio.notice == (
        "Merged of bob.kps: 1 annotations, 3 entries of the history, 2 conflicts (2 decided). Undo"
        " takes the labels back."
    )
    assert studio.annotation.xy[0].tolist() == [40, 30]
    assert studio.workspace.labels.labelled_image_ids == {1, 2, 3}
    assert studio.workspace.history.entries[-1].label == "Merge of bob.kps"
    assert tags(studio) == [(), (), ()]
    studio.undo()
    assert studio.annotation.xy[0].tolist() == [43, 34]
    assert studio.workspace.labels.labelled_image_ids == {1, 2}


def test_keys_decide_one_after_the_other(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.open(other)
    merge.key(Qt.Key.Key_B)
    assert merge.dialog.table.selected_rows == (1,)
    merge.key(Qt.Key.Key_B)
    assert [merge.words(row)[2] for row in (0, 1)] == ["Both", "undecided"]
    merge.key(Qt.Key.Key_T)
    merge.accept()
    assert len(studio.workspace.labels.annotations) == 2
    studio.next_image()
    assert studio.workspace.labels.annotations == ()
    assert tags(studio) == [(), (), ()]


def test_all_are_decided_at_once(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.open(other)
    merge.press("all_theirs")
    assert set(merge.dialog.choices.values()) == {"theirs"}
    merge.key(Qt.Key.Key_O, SHIFT)
    assert [merge.words(row)[2] for row in (0, 1)] == ["Ours", "Ours"]
    merge.press("all_both")
    assert [merge.words(row)[2] for row in (0, 1)] == ["Both", "Ours"]
    merge.cancel()


def test_several_selected_rows_are_decided_together(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.open(other)
    merge.key(Qt.Key.Key_Down, SHIFT)
    merge.key(Qt.Key.Key_T)
    assert [merge.words(row)[2] for row in (0, 1)] == ["Theirs", "Theirs"]
    merge.cancel()


def test_what_nobody_decides_is_kept_twice_and_tagged(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.open(other)
    merge.key(Qt.Key.Key_Return)
    merge._gone()
    assert len(studio.workspace.labels.annotations) == 2
    assert tags(studio) == [("merge conflict",), ("merge conflict",), ()]


def colours(picture):
    return picture.grab().toImage()


def test_both_sides_are_drawn_over_the_same_part_of_the_image(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.open(other)
    ours, theirs = merge.pictures["ours"], merge.pictures["theirs"]
    studio.wait(lambda: ours._drawn and theirs._drawn)
    assert ours.to_screen() == theirs.to_screen()
    nose = {"ours": (43.0, 34.0), "theirs": (40.0, 30.0)}
    for side, picture in merge.pictures.items():
        at = picture.to_screen().map(QPointF(*nose[side])).toPoint()
        # The selected keypoint is a ring, through which the image is seen.
        row = [colours(picture).pixelColor(at + QPoint(dx, 0)) for dx in range(7)]
        assert QColor("#FFF27A") in row
    before = ours.to_screen().m11()
    position = QPointF(ours.rect().center())
    wheel = QWheelEvent(
        position,
        QPointF(ours.mapToGlobal(position)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(ours, wheel)
    assert theirs.to_screen().m11() == pytest.approx(1.2 * before)
    QTest.mouseDClick(theirs, LEFT)
    assert ours.to_screen().m11() == pytest.approx(before)
    merge.cancel()


def test_a_missing_image_leaves_the_poses_on_grey(torn, studio, merge):
    project, other = torn
    project.with_name("image1.png").unlink()
    studio.open(project)
    merge.open(other)
    QTest.mouseClick(
        merge.dialog.table.viewport(),
        LEFT,
        pos=merge.dialog.table.visualRect(merge.dialog.model.index(1, WHAT)).center(),
    )
    ours = merge.pictures["ours"]
    studio.wait(lambda: "image1.png" in ours.toolTip())
    at = ours.to_screen().map(QPointF(9, 9)).toPoint()
    image = colours(ours)
    assert image.pixelColor(at) == QColor("#FFF27A")
    assert image.pixelColor(3, 3) == QColor(studio.window.themes.theme.raised)
    merge.cancel()


def test_without_conflicts_there_is_one_short_question(project, other, studio, merge):
    folder = other.parent
    with Project.open(other) as theirs:
        theirs.apply(Edit.change("Add", None, subject(3)))
        new = Image(1, folder / "night.png", 31, 17)
        shutil.copy(folder / "image0.png", new.path)
        theirs.import_dataset(Dataset(theirs.skeleton, (new,), ()), source="night")
        theirs.marks.change_tags([2], add=["blurred"])
    studio.open(project)
    merge.open(other)
    assert not merge.dialog.table.isVisible()
    assert merge.dialog.summary.text() == (
        "What comes in – annotations: 1 new; images: 1 new, 1 with other tags; history: 1 entries."
    )
    merge.accept()
    assert [image.name for image in studio.workspace.images[2:]] == ["image2.png", "night.png"]
    assert tags(studio)[1] == ("blurred",)
    assert studio.workspace.labels.labelled_image_ids == {1, 2, 3}
    merge.ask(other)
    studio.wait(lambda: studio.notice == "Everything in of bob.kps is here already.")


def test_nothing_is_said_of_undo_where_everything_stays_ours(project, other, studio, merge):
    first, _ = stored_ids(project)
    change(project, "Ann", (first, moved(0, (43.0, 34.0))))
    change(other, "Bob", (first, moved(0, (40.0, 30.0))))
    studio.open(project)
    merge.open(other)
    merge.click(0, "ours")
    merge.accept()
    assert studio.notice == (
        "Merged of bob.kps: 1 entries of the history, 1 conflicts (1 decided)."
    )
    assert studio.annotation.xy[0].tolist() == [43, 34]


def test_what_cannot_be_merged_is_said_in_the_notice_bar(project, studio, merge, tmp_path):
    studio.open(project)
    merge.ask(project)
    studio.wait(lambda: "cannot be merged with itself" in studio.notice)
    merge.ask(project.with_name("image0.png"))
    studio.wait(lambda: "is not a kpstudio project" in studio.notice)
    Project.create(tmp_path / "flies.kps", Skeleton(name="fly", keypoints=("wing",))).close()
    merge.ask(tmp_path / "flies.kps")
    studio.wait(lambda: "do not fit the skeleton" in studio.notice)
    assert merge.dialog is None


def test_a_copy_that_is_open_elsewhere_is_only_read(torn, studio, merge):
    project, other = torn
    studio.open(project)
    with Project.open(other):
        merge.open(other)
        merge.cancel()


def test_what_was_changed_while_the_copies_are_compared_is_not_overwritten(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.ask(other)
    studio.workspace.labels.move_keypoint(studio.annotation.id, 0, (60.0, 30.0))
    studio.wait(lambda: merge.dialog is not None)
    assert merge.words(0)[1] == "20.0 px: nose"
    studio.workspace.labels.move_keypoint(studio.annotation.id, 0, (70.0, 30.0))
    merge.accept()
    assert studio.annotation.xy[0].tolist() == [70, 30]
    assert studio.notice.startswith("of bob.kps was not merged: the project has changed")


def test_what_was_decided_is_not_asked_again(torn, studio, merge):
    project, other = torn
    studio.open(project)
    merge.open(other)
    merge.key(Qt.Key.Key_O, SHIFT)
    merge.accept()
    merge.ask(other)
    studio.wait(lambda: studio.notice == "Everything in of bob.kps is here already.")
    studio.undo()
    merge.open(other)
    assert [merge.words(row)[2] for row in (0, 1)] == ["undecided", "undecided"]
    merge.cancel()


def test_the_history_shows_under_the_merge_what_the_other_did(torn, studio, merge):
    project, other = torn
    studio.open(project)
    studio.window.findChild(QDockWidget, "history").raise_()
    panel = studio.window.history
    studio.wait(panel.isVisible)
    merge.open(other)
    merge.key(Qt.Key.Key_O, SHIFT)
    merge.accept()
    model = panel.table.model()
    shown = [[model.data(model.index(row, column)) for column in (0, 1)] for row in range(4)]
    assert shown == [
        ["Merge of bob.kps", "image2.png"],
        ["    Change", "image2.png"],
        ["    Change", "image1.png"],
        ["    Change", "image0.png"],
    ]
    rect = panel.table.visualRect(model.index(2, 0))
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=rect.center())
    assert "by Bob, in image1.png, in another copy" in panel._details.text()
    assert panel.show_image.isEnabled()
    assert not panel.restore_project.isEnabled()
    QTest.mouseClick(panel.show_image, LEFT)
    assert studio.workspace.current_image.name == "image1.png"


@pytest.fixture
def busy_file(torn):
    """Somebody else is writing to the project until this is closed."""
    writer = sqlite3.connect(torn[0], isolation_level=None)
    yield writer
    writer.close()


def test_nobody_labels_while_a_merge_is_stored_and_the_window_lives(torn, studio, merge, busy_file):
    project, other = torn
    studio.open(project)
    merge.open(other)
    merge.key(Qt.Key.Key_T, SHIFT)
    busy_file.execute("BEGIN IMMEDIATE")
    QTest.mouseClick(merge.dialog.merge, LEFT)
    assert merge.dialog.state.text() == "Merging…"
    assert merge.dialog.isModal()
    merge.key(Qt.Key.Key_O, SHIFT)
    merge.key(Qt.Key.Key_Escape)
    QTest.mouseClick(merge.dialog.merge, LEFT)
    assert merge.dialog.isVisible()
    assert set(merge.dialog.choices.values()) == {"theirs"}
    busy_file.execute("ROLLBACK")
    merge._gone()
    assert studio.notice.startswith("Merged of bob.kps: 1 annotations")
    assert studio.annotation.xy[0].tolist() == [40, 30]
    assert studio.workspace.labels.undo_label == "Merge of bob.kps"


def test_a_project_that_is_closed_while_a_merge_is_stored_has_it(torn, studio, merge, busy_file):
    project, other = torn
    studio.open(project)
    merge.open(other)
    busy_file.execute("BEGIN IMMEDIATE")
    QTest.mouseClick(merge.dialog.merge, LEFT)
    busy_file.execute("ROLLBACK")
    studio.workspace.close_project()
    merge._gone()
    assert studio.notice == ""
    with Project.open(project) as stored:
        assert stored.undo_label == "Merge of bob.kps"
