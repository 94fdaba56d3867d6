"""What is said in English below the window, in the language of the window."""

import errno
import json
import os
import re
import xml.etree.ElementTree as ElementTree
from itertools import chain
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit
from sentences import Module

import kpstudio
from kpstudio.core.augmentation import PRESETS, Augmentation
from kpstudio.core.errors import UserProblem
from kpstudio.core.image_filter import ImageFilter
from kpstudio.core.messages import TrainingSettings
from kpstudio.core.parameters import describe_parameters
from kpstudio.core.resources import resource_path
from kpstudio.formats import FORMATS
from kpstudio.gui.problem_words import (
    description_text,
    problem_text,
    record_text,
    sentence_text,
)

PACKAGE = Path(kpstudio.__file__).parent
ABOVE = ("gui", "cli")
FOLDERS = sorted(each.name for each in PACKAGE.iterdir() if each.is_dir() and each.name[0] != "_")
MODULES = [
    Module(path)
    for folder in FOLDERS
    if folder not in ABOVE
    for path in sorted((PACKAGE / folder).glob("**/*.py"))
]
PROBLEMS = {
    "UserProblem": (0, 1, "message", "hint"),
    "optional_package": ("purpose",),
    "writing": (0,),
    "_note": (0,),
}
FINDINGS = {"Finding": (2, 3), "_finding": (1,)}
COUNTED = {"_sentence": (1, 2)}
ADVICE = {"Advice": (1,), "of_gaussian": ("fits",)}
# What was said elsewhere, or in the language of the window already.
PASSED_ON = re.compile(r"self\.tr\(|QCoreApplication\.translate\(|\.py: \w+\.(message|hint)$")
PASSED_ON_AS = {"labels.py: message", "labels.py: hint", "suitability.py: fits"}
NAMES = {"MPII Human Pose", "YOLO-Pose", "labelme", "CVAT XML", "Label Studio"}
VERBS = ("Accepting", "Copying", "Labels", "Placing", "Subjects")
OF_THE_SYSTEM = {
    os.strerror(getattr(errno, name))
    for name in (
        *("ENOENT", "EACCES", "ENOSPC", "EROFS", "EISDIR", "ENOTDIR", "EEXIST", "EIO"),
        *("ENAMETOOLONG", "EPERM", "EDQUOT", "EMFILE"),
    )
}
OF_OTHER_PACKAGES = re.compile(r"Expected `|Object missing|JSON is malformed|Input data was")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WESTERN = re.compile(r"[\u4e00-\u9fff][.,:;?!](?![a-z\d])|[.;?!](\s|$)(?<!\.\.\. )")


def said(speakers):
    return set().union(*(module.said(speakers)[0] for module in MODULES))


def read_table(name):
    path = resource_path("translations", f"{name}_zh_CN.json")
    return json.loads(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def literals():
    return set(chain.from_iterable(module.literals() for module in MODULES))


@pytest.fixture(scope="module")
def sentences():
    """What has to be in each table."""
    noted = set().union(*(module.noted() for module in MODULES))
    return {
        "problems": said(PROBLEMS),
        "findings": said(FINDINGS) | noted | {f"{{0}} {each}" for each in said(COUNTED)},
        "descriptions": said(ADVICE) | described(),
    }


def described():
    presets = (text for preset in PRESETS.values() for text in (preset.title, preset.help))
    parameters = describe_parameters(Augmentation)
    names = (*(each.name for each in parameters), *TrainingSettings.__struct_fields__)
    return {
        *presets,
        *(each.help for each in parameters),
        *(name.replace("_", " ") for name in names),
    }


@pytest.mark.parametrize("name", ["problems", "findings", "descriptions"])
def test_every_sentence_has_a_translation_with_the_same_places(name, sentences):
    table = read_table(name)
    assert sorted(sentences[name] - set(table)) == [], f"add them to {name}_zh_CN.json"
    for text, translation in table.items():
        assert CHINESE.search(translation) or text == "{0}: {1}"
        assert not WESTERN.search(translation), translation
        places = sorted(re.findall(r"\{\d\}", text.replace("#", "")))
        assert places == sorted(re.findall(r"\{\d\}", translation)), text


@pytest.mark.parametrize("name", ["problems", "findings"])
def test_no_translation_is_kept_of_what_is_said_no_more(name, sentences, literals):
    gone = {
        text
        for text in set(read_table(name)) - sentences[name] - OF_THE_SYSTEM
        if text.replace("#", "") not in literals and not OF_OTHER_PACKAGES.match(text)
    }
    assert sorted(gone) == []


def test_no_sentence_is_built_where_it_cannot_be_read():
    unread = chain.from_iterable(
        module.said({**PROBLEMS, **FINDINGS, **ADVICE})[1] for module in MODULES
    )
    assert [
        text for text in unread if not PASSED_ON.search(text) and text not in PASSED_ON_AS
    ] == []


def test_what_the_history_keeps_reads_alike_whoever_has_done_it():
    table = read_table("records")
    stored = said({"restoring_edit": ("label",), "import_edit": ("label",), "Edit": (0,)})
    tree = ElementTree.parse(resource_path("translations", "kpstudio_zh_CN.ts"))
    of_verbs = {
        message.findtext("source"): message.findtext("translation")
        for context in tree.iter("context")
        if context.findtext("name") in VERBS
        for message in context.iter("message")
        if re.fullmatch(r"[A-Z][^.…?:]*", message.findtext("source"))
    }
    assert sorted((stored | set(of_verbs)) - set(table)) == []
    assert {text: table[text] for text in of_verbs} == of_verbs


def test_formats_are_called_by_translated_titles(in_chinese):
    titles = {each.title for _, each in FORMATS.items()} - NAMES
    assert sorted(each for each in titles if not CHINESE.search(sentence_text(each))) == []
    listed = sentence_text("It reads: COCO keypoints, labelme, videos, images.")
    assert listed == "可以读取的有：COCO 关键点、labelme、视频、图像。"


def test_what_the_system_says_of_a_file_is_translated():
    assert sorted(OF_THE_SYSTEM - set(read_table("problems"))) == []


def test_names_and_sentences_within_a_sentence_are_kept_and_translated(in_chinese):
    problem = UserProblem("a {0} b.kps is already open.", "Check who may read it.")
    assert problem_text(problem) == "a {0} b.kps 已经打开。 请检查谁可以读取它。"
    inner = UserProblem("three.json: The skeleton has no keypoints.")
    assert problem_text(inner) == "three.json：骨架没有关键点。"
    unknown = UserProblem("Nobody has said this before.", "Check its path.")
    assert problem_text(unknown, between="\n") == "Nobody has said this before.\n请检查其路径。"


def test_a_name_that_reads_like_a_part_of_a_sentence_stays_a_name(in_chinese):
    assert sentence_text("line drawings is empty.") == "line drawings 是空的。"
    assert sentence_text("No image with tag “Hand” is left to export.") == (
        "没有带标签“Hand”的图像可导出。"
    )
    assert sentence_text("t.csv, line 1,203, column 7: “x” is not a number.") == (
        "t.csv，第 1,203 行，第 7 列：“x”不是数。"
    )


def test_what_a_damaged_file_says_is_shown_whatever_it_looks_like(in_chinese):
    looks_nested = "a: " * 499
    assert sentence_text(f"{looks_nested}b").replace("：", ": ") == f"{looks_nested}b"


@pytest.mark.parametrize(
    ("names", "read"),
    [
        (("problems", "findings"), sentence_text),
        (("descriptions",), description_text),
        (("records",), record_text),
    ],
)
def test_every_sentence_is_recognised_as_itself_and_not_as_another(names, read, in_chinese):
    table = {text: to for name in names for text, to in read_table(name).items()}
    for text, translation in table.items():
        places = {"#": "1{}7", "": "⟨{}⟩"}
        sign = {place: sign for sign, place in re.findall(r"\{(#?)(\d)\}", text)}

        def filled(sentence, places=places, sign=sign):
            return re.sub(r"\{#?(\d)\}", lambda at: places[sign[at[1]]].format(at[1]), sentence)

        if text != "{0}: {1}":
            assert read(filled(text)) == filled(translation)


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
