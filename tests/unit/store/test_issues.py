import time

import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project


def test_a_thread_keeps_who_said_what_when_after_closing_the_file(project):
    before = time.time()
    issue = project.issues.open(3, " Which ear\nis this? ", xy=(12.25, 7.5))
    path = project.path
    project.close()
    with Project.open(path, author="Bob") as bob:
        bob.issues.reply(issue, "The left one.")
        (stored,) = bob.issues.all(3)
    assert (stored.id, stored.image_id, stored.xy, stored.is_open) == (issue, 3, (12.25, 7.5), True)
    assert [(each.author, each.text) for each in stored.comments] == [
        ("Ann", "Which ear\nis this?"),
        ("Bob", "The left one."),
    ]
    assert before <= stored.comments[0].time <= stored.comments[1].time <= time.time()
    assert stored.question == "Which ear\nis this?"


def test_an_issue_may_be_about_the_whole_image(project):
    issue = project.issues.one(project.issues.open(2, "Blurred?"))
    assert issue.xy is None


def test_closed_issues_stay_with_their_image_but_are_not_listed_as_open(project):
    first, second, third = (project.issues.open(n, "Why?") for n in (5, 2, 5))
    project.issues.close(first)
    project.issues.reply(third, "Because.", is_open=False)
    assert project.issues.open_places().tolist() == [[second, 2]]
    assert [(each.id, each.is_open) for each in project.issues.all(5)] == [
        (first, False),
        (third, False),
    ]
    project.issues.reopen(third)
    assert project.issues.open_places().tolist() == [[second, 2], [third, 5]]
    assert [each.id for each in project.issues.all()] == [first, second, third]
    assert [each.id for each in project.issues.by_id([third, 99, first])] == [third, first]


def test_a_removed_issue_takes_its_thread_along(project):
    kept, gone = project.issues.open(1, "This?"), project.issues.open(1, "That?")
    project.issues.reply(gone, "No.")
    project.issues.remove(gone)
    assert [each.id for each in project.issues.all()] == [kept]
    again = project.issues.open(1, "Other?")
    assert [each.text for each in project.issues.one(again).comments] == ["Other?"]


def test_no_issue_at_all_is_an_empty_list(project):
    assert project.issues.open_places().shape == (0, 2)
    assert project.issues.all() == project.issues.all(1) == project.issues.by_id([1]) == ()


IMPOSSIBLE = (
    (lambda p: p.issues.open(99, "Why?"), "no image 99"),
    (lambda p: p.issues.open(1, " \n"), "says nothing"),
    (lambda p: p.issues.open(1, "Why?", xy=(30.75, 3)), "31 x 17"),
    (lambda p: p.issues.open(1, "Why?", xy=(3, -0.75)), "not on the image"),
    (lambda p: p.issues.open(1, "Why?", xy=(float("nan"), 3)), "not on the image"),
    (lambda p: p.issues.reply(7, "So."), "no issue 7"),
    (lambda p: p.issues.reply(1, ""), "says nothing"),
    (lambda p: p.issues.reply(1, " ", is_open=False), "says nothing"),
    (lambda p: p.issues.close(7), "no issue 7"),
    (lambda p: p.issues.reopen(7), "no issue 7"),
    (lambda p: p.issues.remove(7), "no issue 7"),
    (lambda p: p.issues.one(7), "no issue 7"),
)


def test_what_is_not_possible_is_explained_and_changes_nothing(project):
    project.issues.open(1, "Which?")
    before = project.issues.all()
    for act, words in IMPOSSIBLE:
        with pytest.raises(UserProblem, match=words) as problem:
            act(project)
        assert problem.value.hint
        assert project.issues.all() == before


def test_the_border_of_an_image_is_on_it(project):
    issue = project.issues.one(project.issues.open(1, "Cut off?", xy=(30.5, -0.5)))
    assert issue.xy == (30.5, -0.5)


def test_no_thread_is_looked_for_where_there_is_no_issue(project):
    project.issues.open(3, "Is that the snout?")
    asked = []
    with project.database.reading() as connection:
        # The project has one connection, which comes back to it.
        driver = connection.connection.driver_connection
    driver.set_trace_callback(asked.append)
    assert project.issues.all(4) == ()
    assert not any("comments" in each for each in asked)
    (issue,) = project.issues.all(3)
    driver.set_trace_callback(None)
    assert [each.text for each in issue.comments] == ["Is that the snout?"]
    assert any("comments" in each for each in asked)
