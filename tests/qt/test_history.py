"""The history panel, with real clicks in the real window."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QPushButton

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(studio, project):
    """The history of a project in which a keypoint was moved, and the annotation deleted."""
    studio.open(project)
    studio.window.findChild(QDockWidget, "history").raise_()
    studio.wait(studio.window.history.isVisible)
    first = studio.annotation
    studio.workspace.labels.move_keypoint(first.id, 0, (7.0, 8.0))
    QTest.keyClick(studio.window, Qt.Key.Key_Delete)
    assert studio.workspace.labels.annotations == ()
    return studio.window.history


def click_row(panel, row, click=QTest.mouseClick):
    table = panel.table
    click(table.viewport(), LEFT, pos=table.visualRect(table.model().index(row, 0)).center())


def press(button: QPushButton):
    QTest.mouseClick(button, LEFT, pos=QPoint(5, 5))


def words(panel):
    model = panel.table.model()
    return [model.data(model.index(row, 0)) for row in range(model.rowCount())]


def test_changes_are_listed_with_the_newest_first(panel, studio):
    assert words(panel)[:2] == ["Delete annotation", "Move nose"]
    QTest.keyClick(studio.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert words(panel)[:2] == ["Undo: Delete annotation", "Delete annotation"]
    click_row(panel, 1)
    assert "image open for" in panel._details.text()


def test_a_removed_annotation_is_brought_back_by_two_clicks(panel, studio):
    click_row(panel, 1)
    press(panel.restore_image)
    assert studio.annotation.xy[0].tolist() == [7, 8]
    assert words(panel)[0] == "Restore image to “Move nose”"
    QTest.keyClick(studio.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert studio.workspace.labels.annotations == ()


def test_the_whole_project_goes_back_to_the_import(panel, studio):
    oldest = len(words(panel)) - 1
    click_row(panel, oldest)
    press(panel.restore_project)
    assert studio.annotation.xy[0].tolist() != [7, 8]
    assert studio.window.notice.text.startswith("Restored 1 annotations in 1 images")


def test_a_double_click_opens_the_image_of_a_change(panel, studio):
    studio.workspace.step_image(1)
    studio.wait_for_image()
    click_row(panel, 1)
    click_row(panel, 1, QTest.mouseDClick)
    assert studio.workspace.position(studio.workspace.selection.image_id) == 0


def test_nothing_can_be_restored_before_a_change_is_chosen(studio, project):
    studio.open(project)
    panel = studio.window.history
    assert not panel.restore_image.isEnabled()
    assert not panel.restore_project.isEnabled()
    assert not panel.show_image.isEnabled()


def test_the_images_of_a_large_change_are_named_when_they_are_known(panel, studio, monkeypatch):
    monkeypatch.setattr("kpstudio.workspace.history._READ_AT_ONCE", 0)
    model = panel.table.model()
    studio.workspace.labels.undo()
    newest = model.index(0, 1)
    assert model.data(newest) == "…"
    studio.wait(lambda: model.data(newest) == "image0.png")
