"""Texts that name a key name the one that the person has set."""

import ast
import re
from pathlib import Path

import kpstudio

PACKAGE = Path(kpstudio.__file__).parent
KEY = re.compile(r"\b(Ctrl|Shift|Alt)\+\w|\([A-Z]\)|\b[Pp]ress [A-Z]\b|: [A-Z]\.|\b[A-Z]:")
# Keys of a field, a list or a dialog of its own, which nobody can set.
OF_A_PLACE = {
    "Enter; Shift+Enter begins another line",
    "B, O, T: both, ours, theirs of the selected; with Shift of all",
    "Alt+Up, or drag",
    "Alt+Down, or drag",
    "Ctrl+Z; with Shift forth again",
    "Previous subje&ct (Shift+Tab)",
}


def calls():
    for path in (*PACKAGE.glob("gui/**/*.py"), *PACKAGE.glob("workspace/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield path.name, node


def test_no_text_names_the_key_of_a_verb_by_itself():
    texts = {
        each.value
        for _, call in calls()
        if call.func.attr in ("tr", "translate")
        for each in call.args
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    assert {text for text in texts if KEY.search(text)} == OF_A_PLACE


def test_every_text_that_names_a_key_asks_for_a_verb_that_there_is(studio):
    asked = {
        (name, call.args[0].value)
        for name, call in calls()
        if call.func.attr == "of" and "key" in ast.unparse(call.func.value)
    }
    assert len(asked) > 15
    known = studio.window.actions_by_name
    assert sorted(each for each in asked if each[1] not in known) == []


def test_texts_follow_the_keys_that_are_set(studio, project):
    studio.open(project)
    window, shortcuts = studio.window, studio.window.shortcuts
    studio.workspace.selection.select_annotation(None)
    assert window.images.search.placeholderText() == "Search (Ctrl+F)"
    assert "press N for" in window.keypoints._state.text()
    for verb, key in (
        ("find", "Ctrl+F7"),
        ("begin", "F7"),
        ("heatmap", "Shift+F7"),
        ("pin_issue", "Ctrl+Shift+F7"),
        ("train", "Alt+F7"),
    ):
        shortcuts.set_keys(verb, [key])
    assert window.images.search.placeholderText() == "Search (Ctrl+F7)"
    assert window.images.search.toolTip().startswith("Ctrl+F7. ")
    assert "press F7 for" in window.keypoints._state.text()
    assert window.heatmaps.shown.toolTip().endswith("(Shift+F7)")
    assert window.issues.pin.toolTip().endswith("(Ctrl+Shift+F7)")
    assert window.training.button.toolTip().endswith("(Alt+F7)")
    shortcuts.reset_all()
    assert "press N for" in window.keypoints._state.text()


def test_a_problem_and_the_notes_on_the_canvas_name_them_too(studio, project):
    studio.open(project)
    studio.window.shortcuts.set_keys("copy", ["F7"])
    studio.window.shortcuts.set_keys("follow", ["F8"])
    studio.workspace.copying.paste_to([1])
    assert studio.notice.endswith("Copy an annotation first: F7.")
    studio.workspace.selection.select_annotation(studio.annotation.id)
    studio.workspace.zooming.toggle()
    assert studio.canvas._notes() == ["Follows the subject (F8)"]


def test_a_verb_without_a_key_is_named_by_its_menu(studio, project):
    studio.open(project)
    studio.window.shortcuts.set_keys("find", [])
    shown = studio.window.images.search.placeholderText()
    assert shown == f"Search ({studio.window.shortcuts.shown_title('find')})"
    assert "▸" in shown
