import time

import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project


def test_a_thread_keeps_who_said_what_when_after_closing_the_file(project):
    before = time.time()
    issue = project.open_issue(3, " Which ear\nis this? ", xy=(12.25, 7.5))
    path = project.path
    project.close()
    with Project.open(path, author="Bob") as bob:
        bob.reply(issue, "The left one.")
        (stored,) = bob.issues(3)
    assert (stored.id, stored.image_id, stored.xy, stored.is_open) == (issue, 3, (12.25, 7.5), True)
    assert [(each.author, each.text) for each in stored.comments] == [
        ("Ann", "Which ear\nis this?"),
        ("Bob", "The left one."),
    ]
    assert before <= stored.comments[0].time <= stored.comments[1].time <= time.time()
    assert stored.question == "Which ear\nis this?"


def test_an_issue_may_be_about_the_whole_image(project):
    issue = project.issue(project.open_issue(2, "Blurred?"))
    assert issue.xy is None


def test_closed_issues_stay_with_their_image_but_are_not_listed_as_open(project):
    first, second, third = (project.open_issue(n, "Why?") for n in (5, 2, 5))
    project.close_issue(first)
    project.reply(third, "Because.", is_open=False)
    assert project.open_issue_places().tolist() == [[second, 2]]
    assert [(each.id, each.is_open) for each in project.issues(5)] == [
        (first, False),
        (third, False),
    ]
    project.reopen_issue(third)
    assert project.open_issue_places().tolist() == [[second, 2], [third, 5]]
    assert [each.id for each in project.issues()] == [first, second, third]
    assert [each.id for each in project.issues_by_id([third, 99, first])] == [third, first]


def test_a_removed_issue_takes_its_thread_along(project):
    kept, gone = project.open_issue(1, "This?"), project.open_issue(1, "That?")
    project.reply(gone, "No.")
    project.remove_issue(gone)
    assert [each.id for each in project.issues()] == [kept]
    again = project.open_issue(1, "Other?")
    assert [each.text for each in project.issue(again).comments] == ["Other?"]


def test_no_issue_at_all_is_an_empty_list(project):
    assert project.open_issue_places().shape == (0, 2)
    assert project.issues() == project.issues(1) == project.issues_by_id([1]) == ()


IMPOSSIBLE = (
    (lambda p: p.open_issue(99, "Why?"), "no image 99"),
    (lambda p: p.open_issue(1, " \n"), "says nothing"),
    (lambda p: p.open_issue(1, "Why?", xy=(30.75, 3)), "31 x 17"),
    (lambda p: p.open_issue(1, "Why?", xy=(3, -0.75)), "not on the image"),
    (lambda p: p.open_issue(1, "Why?", xy=(float("nan"), 3)), "not on the image"),
    (lambda p: p.reply(7, "So."), "no issue 7"),
    (lambda p: p.reply(1, ""), "says nothing"),
    (lambda p: p.reply(1, " ", is_open=False), "says nothing"),
    (lambda p: p.close_issue(7), "no issue 7"),
    (lambda p: p.reopen_issue(7), "no issue 7"),
    (lambda p: p.remove_issue(7), "no issue 7"),
    (lambda p: p.issue(7), "no issue 7"),
)


def test_what_is_not_possible_is_explained_and_changes_nothing(project):
    project.open_issue(1, "Which?")
    before = project.issues()
    for act, words in IMPOSSIBLE:
        with pytest.raises(UserProblem, match=words) as problem:
            act(project)
        assert problem.value.hint
        assert project.issues() == before


def test_the_border_of_an_image_is_on_it(project):
    issue = project.issue(project.open_issue(1, "Cut off?", xy=(30.5, -0.5)))
    assert issue.xy == (30.5, -0.5)
