import pytest

from kpstudio.core.errors import UserProblem


def test_tags_come_and_go_and_are_counted(project):
    project.marks.change_tags([1, 2, 5], add=["night ", "blurred"])
    project.marks.change_tags([2], add=["night"], remove=["blurred", "unheard of"])
    assert project.marks.tags() == {"blurred": 2, "night": 3}
    assert [image.tags for image in project.images()][:3] == [
        ("blurred", "night"),
        ("night",),
        (),
    ]
    assert project.image(5).tags == ("blurred", "night")


def test_a_blank_tag_is_refused_and_nothing_changes(project):
    with pytest.raises(UserProblem, match="blank"):
        project.marks.change_tags([1], add=["night", " "])
    assert project.marks.tags() == {}


def test_a_review_is_remembered(project):
    project.marks.set_review([2, 3], "ready")
    project.marks.set_review([3], "accepted")
    project.marks.set_review([], "rejected")
    assert [image.review for image in project.images()][:4] == ["", "ready", "accepted", ""]


def test_reviews_are_read_all_at_once_and_counted(project):
    project.marks.set_review([2, 3, 6], "ready")
    project.marks.set_review([3], "rejected")
    project.marks.set_review([6], "")
    assert project.marks.reviews() == {2: "ready", 3: "rejected"}
    assert project.marks.count_reviews() == {"": 5, "ready": 1, "accepted": 0, "rejected": 1}


def test_a_state_that_there_is_not_is_refused(project):
    with pytest.raises(UserProblem, match="“fine” is no state"):
        project.marks.set_review([1], "fine")
    assert project.marks.reviews() == {}


def test_images_are_counted_by_split(project):
    assert project.splits.count() == {}
    assert sum(project.splits.divide(0.3).values()) == sum(project.splits.count().values()) == 7
