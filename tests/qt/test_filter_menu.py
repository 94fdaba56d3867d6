"""The menu of conditions and saved searches, in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog
from studio import POSE, add_stored_run, make_project

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.store.project import Project


@pytest.fixture
def searching(studio, tmp_path):
    """Five images; 1 and 2 are labelled, 4 by Zoe without a nose; two have a tag."""
    path = make_project(tmp_path, images=5)
    add_stored_run(path, {2: POSE})
    with Project.open(path, author="Zoe") as project:
        made = Annotation("z", 4, POSE, np.array([0, 2, 2]), author="Zoe")
        project.apply(Edit.change("Add", None, made))
        project.marks.change_tags([2, 4], add=["at night"])
    studio.open(path)
    return studio


def choose(studio, *texts):
    """Choose in the menu and its menus by what the entries begin with."""
    menu = studio.window.images.more.menu()
    menu.aboutToShow.emit()
    for text in texts:
        (action,) = (
            each for each in menu.actions() if each.text().replace("&", "").startswith(text)
        )
        menu = action.menu() or menu
    action.trigger()


def shown(studio, ids):
    studio.wait(lambda: [image.id for image in studio.workspace.images] == ids)
    return True


def test_the_menu_writes_what_a_person_could_have_typed(searching):
    panel = searching.window.images
    choose(searching, "Labelled by", "Zoe")
    assert (panel.text, shown(searching, [4])) == ("author:Zoe", True)
    choose(searching, "Show all")
    assert (panel.text, shown(searching, [1, 2, 3, 4, 5])) == ("", True)
    choose(searching, "Tag", "at night")
    assert (panel.text, shown(searching, [2, 4])) == ('tag:"at night"', True)
    choose(searching, "Missing keypoint", "nose")
    assert shown(searching, [4])
    choose(searching, "Missing keypoint", "left_ear")
    assert (panel.text, shown(searching, [])) == ('tag:"at night" missing:left_ear', True)


def test_a_condition_takes_the_place_of_one_that_it_contradicts(searching):
    panel = searching.window.images
    for way in (
        ("Labels", "labelled"),
        ("Review", "accepted"),
        ("Labels", "not labelled"),
        ("Score", "below 0.9"),
        ("Score", "above 0.3"),
        ("Score", "below 0.7"),
        ("Review", "not reviewed"),
    ):
        choose(searching, *way)
    assert panel.text == "is:unlabelled score:>0.3 score:<0.7 is:unreviewed"
    choose(searching, "Score", "below 0.9")
    assert shown(searching, [3])


# The offscreen platform has no windows to raise.
@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_is_used_by_keys(searching):
    menu = searching.window.images.more.menu()
    menu.popup(QPoint(10, 10))
    QTest.keyClick(menu, Qt.Key.Key_L)
    labels = menu.activeAction().menu()
    QTest.keyClick(labels, Qt.Key.Key_Down)
    QTest.keyClick(labels, Qt.Key.Key_Return)
    assert searching.window.images.text == "is:unlabelled"
    assert shown(searching, [3, 5])


def test_a_search_is_saved_in_the_project_chosen_again_and_removed(
    searching, open_studio, monkeypatch
):
    panel = searching.window.images
    panel.search_for("is:labelled", "newest label")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Mine", True))
    choose(searching, "Save this search")
    assert "“Mine” is saved" in searching.notice
    path = searching.workspace.path
    searching.window.close()
    second = open_studio()
    second.open(path)
    choose(second, "Mine")
    assert second.window.images.text == "is:labelled"
    assert second.window.images.order.currentText() == "Newest label"
    second.wait(lambda: {image.id for image in second.workspace.images} == {1, 2, 4})
    choose(second, "Remove a saved search", "Mine")
    assert second.workspace.saved_filters.all() == ()


def test_a_search_of_a_known_name_is_replaced_and_one_without_a_name_is_refused(
    searching, monkeypatch
):
    panel, saved = searching.window.images, searching.workspace.saved_filters
    names = iter(["b", "A", "b", "  "])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (next(names), True))
    for text in ("one", "two", "three"):
        panel.search_for(text)
        choose(searching, "Save this search")
    assert [(each.name, each.text) for each in saved.all()] == [("A", "two"), ("b", "three")]
    choose(searching, "Save this search")
    assert "without a name" in searching.notice
    assert len(saved.all()) == 2


def test_damaged_saved_searches_are_told_and_do_not_stop_the_menu(searching):
    searching.workspace._project.settings.write("filters", 7)
    choose(searching, "Labels", "labelled")
    assert "“filters”" in searching.notice
    assert shown(searching, [1, 2, 4])


def test_a_keypoint_that_there_is_not_is_explained(searching):
    searching.window.images.search_for("missing:wing")
    searching.wait(lambda: "“wing”" in searching.notice)
