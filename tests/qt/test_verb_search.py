"""Which verbs fit what somebody types."""

import pytest

from kpstudio.gui.verb_search import find_verbs
from kpstudio.gui.verbs.action_entry import ActionEntry, plain_text


def entry(name, menu, text):
    return ActionEntry(name, menu, text, lambda: None)


ENTRIES = (
    entry("find", "&Go", "&Search images"),
    entry("next", "&Go", "&Next image"),
    entry("next_unlabelled", "&Go", "Next &unlabelled image"),
    entry("heatmap", "&View", "Show &heatmap"),
    entry("import_folder", "&File", "&Import folder…"),
)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("image next", ["next", "next_unlabelled"]),
        ("unl", ["next_unlabelled"]),
        ("hm", ["heatmap"]),
        ("go search", ["find"]),
        ("IMP fol", ["import_folder"]),
        ("import heatmap", []),
        ("mtaeh", []),
    ],
)
def test_words_parts_and_letters_find_verbs_in_any_order(query, names):
    assert [each.name for each in find_verbs(query, ENTRIES)] == names


def test_whole_words_come_before_parts_and_recent_verbs_before_others():
    assert find_verbs("im", ENTRIES)[0].name == "next"
    assert [each.name for each in find_verbs("image", ENTRIES, recent=["next_unlabelled"])] == [
        "next_unlabelled",
        "next",
        "find",
    ]
    recent = ["heatmap", "gone in this version", "next"]
    found = [each.name for each in find_verbs("", ENTRIES, recent=recent)]
    assert found == ["heatmap", "next", "find", "next_unlabelled", "import_folder"]


def test_a_mnemonic_behind_a_translation_is_not_part_of_its_title():
    assert plain_text("导入文件夹(&I)…") == "导入文件夹"
    assert plain_text("Look for ne&w images") == "Look for new images"
