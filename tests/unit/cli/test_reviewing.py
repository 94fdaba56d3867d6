"""Review states and issues on the command line."""

import json
from pathlib import Path

import pytest

from kpstudio.__main__ import main
from kpstudio.core.dataset import Image
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project


@pytest.fixture
def project(tmp_path) -> str:
    """Five images of 31 x 17 pixels, two of which have the same name."""
    path = tmp_path / "newts.kps"
    names = ("day_1.png", "day_2.png", "night_1.png", "a/twin.png", "b/twin.png")
    with Project.create(path, Skeleton("newt", ("snout", "tail")), author="Ann") as project:
        project.add_images(
            [Image(n, tmp_path / name, 31, 17) for n, name in enumerate(names, start=1)]
        )
    return str(path)


@pytest.fixture
def answer(project, capsys):
    """What a command says to a program."""

    def run(command, *words):
        assert main([command, project, *map(str, words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_images_are_accepted_by_pattern_counted_and_sent_back(answer, project, capsys):
    assert answer("review") == {"unreviewed": 5, "ready": 0, "accepted": 0, "rejected": 0}
    done = answer("review", "accepted", "day_*", "*/b/*")
    assert done == {"state": "accepted", "images": 3, "total": 3}
    assert answer("review", "unreviewed", "day_2.png")["total"] == 3
    with Project.open(Path(project), read_only=True) as opened:
        assert [each.review for each in opened.images()] == ["accepted", "", "", "", "accepted"]
    assert main(["review", project]) == 0
    assert "accepted  2 images\n" in capsys.readouterr().out
    assert main(["review", project, "rejected", "night*"]) == 0
    assert capsys.readouterr().out == "1 images; 1 are rejected.\n"


def test_a_thread_is_opened_answered_closed_and_opened_again(answer, project, capsys):
    (asked,) = answer("issue", "open", "day_2.png", "Which end\nis this?", "--at", "-0.5,3.25")
    assert (asked["id"], asked["xy"], asked["is_open"]) == (1, [-0.5, 3.25], True)
    assert asked["image"].endswith("day_2.png")
    answer("issue", "open", "night_1.png", "Too dark?")
    (answered,) = answer("issue", "reply", 1, "The snout.")
    assert [each["text"] for each in answered["comments"]] == ["Which end\nis this?", "The snout."]
    assert main(["issue", project]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "#1  day_2.png at -0.5, 3.2"
    assert lines[1].endswith(": Which end")
    assert lines[4] == "#2  night_1.png"
    assert answer("issue", "close", 1)[0]["is_open"] is False
    assert [each["id"] for each in answer("issue")] == [2]
    assert [each["id"] for each in answer("issue", "list", "--all")] == [1, 2]
    assert answer("issue", "list", "--image", "day_2.png") == []
    assert main(["issue", project, "list", "--image", "day_2.png", "--all"]) == 0
    assert "(closed)" in capsys.readouterr().out
    (again,) = answer("issue", "reopen", 1, "Not sure.")
    assert (again["is_open"], len(again["comments"])) == (True, 3)
    (closed,) = answer("issue", "close", 2, "It is fine.")
    assert (closed["is_open"], closed["comments"][-1]["text"]) == (False, "It is fine.")
    assert answer("issue", "remove", 1) == []
    assert main(["issue", project]) == 0
    assert capsys.readouterr().out == "No issue is open.\n"


def test_what_is_not_possible_is_said_in_words(project, capsys):
    for words, message in (
        (("review", "fine", "*"), "“fine” is no state"),
        (("review", "ready"), "Which images?"),
        (("review", "ready", "x*.tif"), "No image fits x*.tif"),
        (("issue", "open", "gone.png", "Why?"), "No image is called gone.png"),
        (("issue", "open", "twin.png", "Why?"), "2 images are called twin.png"),
        (("issue", "open", "day_1.png", " "), "says nothing"),
        (("issue", "open", "day_1.png", "Why?", "--at", "3"), "“3” is no position"),
        (("issue", "open", "day_1.png", "Why?", "--at", "nan,3"), "“nan,3” is no position"),
        (("issue", "open", "day_1.png", "Why?", "--at", "31,3"), "31 x 17"),
        (("issue", "reply", "7", "So."), "no issue 7"),
        (("issue", "close", "7"), "no issue 7"),
        (("issue", "remove", "7"), "no issue 7"),
        (("issue", "list", "--image", "gone.png"), "No image is called"),
    ):
        assert main([words[0], project, *words[1:]]) == 1
        said = capsys.readouterr()
        assert message in said.err
        assert said.out == ""
    with Project.open(Path(project), read_only=True) as opened:
        assert (opened.issues.all(), opened.marks.reviews()) == ((), {})
