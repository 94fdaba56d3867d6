"""Searching the list of images, with real keys in the real window."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from studio import make_project

CONTROL = Qt.KeyboardModifier.ControlModifier


def shown(studio):
    return [image.name for image in studio.workspace.images]


def search(studio, text):
    QTest.keyClick(studio.window, Qt.Key.Key_F, CONTROL)
    field = studio.window.images.search
    studio.wait(field.hasFocus)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_the_list_shows_what_is_searched_and_all_again(studio, tmp_path):
    studio.open(make_project(tmp_path, images=12))
    search(studio, "image1")
    studio.wait(lambda: shown(studio) == ["image1.png", "image10.png", "image11.png"])
    assert studio.window.images._count.text() == "3 of 12 images"
    # The open image is not among them, and stays open.
    assert studio.workspace.current_image.name == "image0.png"
    studio.workspace.step_image(1)
    assert studio.workspace.current_image.name == "image1.png"
    studio.workspace.step_image(1)
    assert studio.workspace.current_image.name == "image10.png"
    studio.window.images.search.clear()
    studio.wait(lambda: len(shown(studio)) == 12)
    assert studio.window.images.view.currentIndex().row() == 10


def test_letters_typed_into_the_search_are_no_shortcuts(studio, project):
    studio.open(project)
    search(studio, "dead")
    assert studio.window.images.search.text() == "dead"
    studio.wait(lambda: shown(studio) == [])
    assert studio.workspace.position(studio.workspace.selection.image_id) is None
    assert studio.workspace.current_image.name == "image0.png"


def test_a_word_that_means_nothing_is_explained_in_place(studio, project):
    studio.open(project)
    search(studio, "split:half")
    label = studio.window.images._count
    studio.wait(lambda: "“split:half” means nothing here." in label.text())
    assert len(shown(studio)) == 3


def test_the_order_is_chosen_beside_the_search(studio, project):
    studio.open(project)
    order = studio.window.images.order
    order.setFocus()
    QTest.keyClick(order, Qt.Key.Key_Down)
    QTest.keyClick(order, Qt.Key.Key_Down)
    studio.wait(lambda: studio.workspace.filter.order == "newest label")


def test_a_search_without_a_hit_says_so_and_escape_shows_all_then_leaves_it(studio, project):
    studio.open(project)
    search(studio, "dead")
    label, field = studio.window.images._count, studio.window.images.search
    studio.wait(lambda: label.text().startswith("None of 3 images fits. Escape"))
    QTest.keyClick(studio.window, Qt.Key.Key_F, CONTROL)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    studio.wait(lambda: len(shown(studio)) == 3)
    assert field.text() == ""
    assert field.hasFocus()
    assert label.text() == "2 of 3 labelled"
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert studio.window.images.view.hasFocus()
    QTest.keyClick(studio.window, Qt.Key.Key_F, CONTROL)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert studio.canvas.hasFocus()
