"""Problems that are raised in English below the window, in the language of the window."""

import ast
import json
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit

import kpstudio
from kpstudio.core.errors import UserProblem
from kpstudio.core.image_filter import ImageFilter
from kpstudio.core.resources import resource_path
from kpstudio.gui import languages
from kpstudio.gui.problem_words import problem_text

PACKAGE = Path(kpstudio.__file__).parent
# Those of the window's everyday: readers of files and what the engine says stay English.
FOLDERS = ("core", "store", "imaging", "demo", "workspace")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def sentences_of_the_code():
    found = set()
    for path in (each for folder in FOLDERS for each in PACKAGE.glob(f"{folder}/**/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UserProblem":
                literals = (named.get(getattr(each, "id", ""), each) for each in node.args)
                found.update(filter(None, map(template, literals)))
    return found


def constants(tree):
    """Values of a module's constants by name."""
    return {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def template(node):
    """A sentence with numbers for what is put into it; None for what is no literal."""
    if isinstance(node, ast.Constant):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    text, places = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += part.value
        else:
            text += f"{{{places}}}"
            places += 1
    return text if re.search("[a-z]", text) or text == "{0}: {1}" else None


@pytest.fixture(scope="module")
def table():
    return json.loads(resource_path("translations", "problems_zh_CN.json").read_text("utf-8"))


@pytest.fixture
def in_chinese():
    application = QApplication.instance() or QApplication([])
    languages.install_language(application, "zh_CN")
    yield
    languages.install_language(application, "en")


def test_every_sentence_has_a_translation_with_the_same_places(table):
    wanted = sentences_of_the_code()
    assert sorted(wanted - set(table)) == [], "add them to problems_zh_CN.json"
    assert sorted(set(table) - wanted) == [], "they are raised no more: take them out"
    for text, translation in table.items():
        assert CHINESE.search(translation) or text == "{0}: {1}"
        assert sorted(re.findall(r"\{\d\}", text)) == sorted(re.findall(r"\{\d\}", translation))


def test_names_and_sentences_within_a_sentence_are_kept_and_translated(in_chinese):
    problem = UserProblem("a {0} b.kps is already open.", "Check who may read it.")
    assert problem_text(problem) == "a {0} b.kps 已经打开。 请检查谁可以读取它。"
    inner = UserProblem("three.json: The skeleton has no keypoints.")
    assert problem_text(inner) == "three.json：骨架没有关键点。"
    unknown = UserProblem("Nobody has said this before.", "Check its path.")
    assert problem_text(unknown, between="\n") == "Nobody has said this before.\n请检查其路径。"


def test_every_sentence_is_recognised_as_itself_and_not_as_another(table, in_chinese):
    for text, translation in table.items():
        places = {str(number): f"⟨{number}⟩" for number in range(4)}

        def filled(sentence, places=places):
            return re.sub(r"\{(\d)\}", lambda place: places[place[1]], sentence)

        if text != "{0}: {1}":
            assert problem_text(UserProblem(filled(text))) == filled(translation)


def test_the_notice_bar_speaks_the_language_of_the_window(in_chinese, studio, tmp_path):
    studio.workspace.open_project(tmp_path / "none.kps")
    assert re.fullmatch(r".*none\.kps 处没有项目。 请检查路径，.*", studio.notice)


def test_a_hint_by_name_and_the_tip_of_the_search_are_translated(in_chinese, studio):
    with pytest.raises(UserProblem) as refused:
        ImageFilter.parsed("is:blue")
    said = problem_text(refused.value, between="\n")
    message, hint = said.split("\n")
    assert message == "“is:blue”在这里没有意义。"
    assert "is:labelled" in hint
    assert CHINESE.search(hint)
    assert hint in studio.window.findChild(QLineEdit, "search").toolTip()


def test_in_english_a_problem_is_as_it_was_raised():
    problem = UserProblem("x.kps is already open.", "Check its path.")
    assert problem_text(problem) == "x.kps is already open. Check its path."
