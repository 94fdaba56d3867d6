import numpy as np
import pytest

from kpstudio.core.annotation import Prediction
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.image_filter import ImageFilter, condition
from kpstudio.core.skeleton import Skeleton

from .conftest import SKELETON


@pytest.fixture
def full(project, annotation):
    """Labels in images 2 (older) and 5, a split, tags, a review, predictions."""
    for number, moment in ((5, 200.0), (2, 100.0)):
        seen = np.array([2, 1, 2, 2, 0 if number == 5 else 2])
        new = annotation(number, time=moment, visibility=seen)
        project.apply(Edit.change("Add", None, new))
    project.splits.divide(0.5)
    project.marks.change_tags([1, 2, 3], add=["night"])
    project.marks.change_tags([3], add=["wet"])
    project.marks.set_review([5], "accepted")
    run = project.runs.start("any", {})
    for number, score in ((4, 0.2), (6, 0.1), (2, 0.9)):
        answer = Prediction(number, run.id, np.zeros((5, 2)), np.ones(5), Box(0, 0, 1, 1), score)
        project.predictions.put(run.id, number, "dark", [answer])
    return project


@pytest.mark.parametrize(
    ("text", "order", "ids"),
    [
        ("", "added", [1, 2, 3, 4, 5, 6, 7]),
        ("FRAMES/3", "added", [4]),
        ("frames 3.png", "added", [4]),
        ("100%", "added", []),
        ("is:labelled", "added", [2, 5]),
        ("is:unlabelled png", "added", [1, 3, 4, 6, 7]),
        ("tag:night", "added", [1, 2, 3]),
        ("tag:night tag:wet", "added", [3]),
        ("is:accepted", "added", [5]),
        ("", "newest label", [5, 2, 1, 3, 4, 6, 7]),
        ("", "oldest label", [2, 5, 1, 3, 4, 6, 7]),
        ("", "least certain", [6, 4, 2, 1, 3, 5, 7]),
        ("tag:night", "least certain", [2, 1, 3]),
        ("", "name", [1, 2, 3, 4, 5, 6, 7]),
        ("missing:tail", "added", [5]),
        ("missing:tail is:unlabelled", "added", []),
        ("score:>0.09 score:<0.21", "added", [4, 6]),
        ("score:>.15 score:<1.1", "least certain", [4, 2]),
        ("score:<2 is:labelled tag:night", "name", [2]),
    ],
)
def test_a_filter_finds_images_in_its_order(full, text, order, ids):
    found = full.find_images(ImageFilter.parsed(text, order))
    assert found.dtype == np.int64
    assert found.tolist() == ids


def test_review_states_and_open_issues_are_found(full):
    full.marks.set_review([1, 4], "ready")
    full.marks.set_review([6], "rejected")
    for image_id in (7, 2, 7, 4):
        issue = full.issues.open(image_id, "Why?")
        if image_id == 2:
            full.issues.close(issue)
    for text, ids in {
        "is:ready": [1, 4],
        "is:accepted": [5],
        "is:rejected": [6],
        "is:unreviewed": [2, 3, 7],
        "has:issue": [4, 7],
        "has:issue is:ready": [4],
        "has:issue is:accepted": [],
    }.items():
        assert full.find_images(ImageFilter.parsed(text)).tolist() == ids


@pytest.fixture
def signed(project, annotation):
    """Image 2 by Ann, 3 by Bob from a model, 5 by both, of 10, 40 and 10 and 90 px, one boxed."""

    def pose(long):
        return np.array([[0.0, 0], [long, 1], [2, 3], [1, 2], [3, 1]])

    all_seen = np.full(5, 2)
    without_neck = np.array([2, 2, 1, 0, 2])
    for made in (
        annotation(2, author="Ann", xy=pose(10), visibility=all_seen, track="a"),
        annotation(3, author="Bob", xy=pose(40), visibility=without_neck, source="run:12"),
        annotation(5, author="Ann", xy=pose(10), visibility=all_seen, source="import:COCO"),
        annotation(5, author="Bob", xy=pose(1), visibility=all_seen, box=Box(0, 0, 7, 90)),
    ):
        project.apply(Edit.change("Add", None, made))
    return project


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("author:Ann", [2, 5]),
        ("author:Bob is:labelled", [3, 5]),
        ("author:Bo", []),
        ("source:human", [2, 5]),
        ("source:run", [3]),
        ("source:run:12", [3]),
        ("source:run:1", []),
        ("source:import", [5]),
        ("track:a", [2]),
        ("missing:NECK", [3]),
        ("missing:tail", []),
        ("size:<11", [2, 5]),
        ("size:>39", [3, 5]),
        ("size:>39 size:<50", [3]),
        ("size:>90", []),
    ],
)
def test_what_is_said_of_annotations_is_found(signed, text, ids):
    assert signed.find_images(ImageFilter.parsed(text)).tolist() == ids


@pytest.mark.parametrize(
    ("text", "order", "ids"),
    [
        ("run:1", "added", [2, 4, 6]),
        ("run:2", "added", []),
        ("score:<.5", "added", [4, 6]),
        ("score:>0.15 score:<0.5", "added", [4]),
        ("score:<0.95", "least certain", [6, 4, 2]),
        ("score:>0.5 is:labelled", "newest label", [2]),
    ],
)
def test_what_a_run_says_is_found(full, text, order, ids):
    assert full.find_images(ImageFilter.parsed(text, order)).tolist() == ids


def test_names_with_spaces_stand_in_quotes(full):
    full.marks.change_tags([4, 6], add=["at night"])
    text = condition("tag", "at night")
    assert full.find_images(ImageFilter.parsed(text)).tolist() == [4, 6]
    assert ImageFilter.parsed('"my folder" a').words == ("my folder", "a")
    assert condition("tag", "wet") == "tag:wet"


def test_a_split_is_found_and_counted(full):
    val = full.find_images(ImageFilter(split="val")).tolist()
    assert val == [image.id for image in full.images() if image.split == "val"]
    assert full.splits.count_labelled() == {"train": 1, "val": 1}


def test_the_lowest_score_of_an_image_decides_its_place(full):
    run = full.runs.all()[-1]
    two = [
        Prediction(7, run.id, np.zeros((5, 2)), np.ones(5), Box(0, 0, 1, 1), score)
        for score in (0.95, 0.15)
    ]
    full.predictions.put(run.id, 7, "dark", two)
    assert full.find_images(ImageFilter(order="least certain")).tolist() == [6, 7, 4, 2, 1, 3, 5]
    assert full.find_images(ImageFilter(score_above=0.89)).tolist() == [2]


def test_a_missing_keypoint_that_does_not_exist_is_explained(full):
    with pytest.raises(UserProblem, match="no keypoint “wing”") as problem:
        full.find_images(ImageFilter.parsed("missing:wing"))
    assert SKELETON.keypoints[0] in problem.value.hint


def test_words_with_unknown_values_are_explained():
    for text in (
        "split:middle",
        "is:",
        "is:fine",
        "tag:a is:nothing",
        "has:wings",
        "score:1",
        "missing:",
        *("split:middle", "is:", "is:fine", "tag:a is:nothing", "has:wings", "has:"),
        *("run:x", "run:0", "score:0.5", "score:<", "size:>big", "source:elsewhere", "author:"),
    ):
        with pytest.raises(UserProblem, match="means nothing here"):
            ImageFilter.parsed(text)


def test_only_keypoints_that_are_there_count_as_labels(project, annotation):
    only_tail = annotation(3, visibility=np.array([0, 0, 0, 0, 2]))
    project.apply(Edit.change("Add", None, only_tail))
    short = Skeleton("rat5", SKELETON.keypoints[:4])
    project.apply(Edit.change_skeleton("Remove", SkeletonChange(SKELETON, short)))
    assert project.find_images(ImageFilter.parsed("is:labelled")).tolist() == []
    assert project.labelled_among([3, 4]) == frozenset()
    assert project.splits.count_labelled() == {}


def test_images_are_read_by_id_in_the_order_asked_for(full):
    images = full.images()
    assert full.images_by_id([5, 99, 1]) == (images[4], images[0])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("is:labeled", "is:labelled"),
        ("is:acepted", "is:accepted"),
        ("tags:night", "tag:night"),
        ('tags:"at night"', 'tag:"at night"'),
        ("scor:<0.5", "score:<0.5"),
        ("score:0.5", "score:<0.5"),
        ("size:200", "size:<200"),
        ("labelled:yes", "is:labelled"),
        ("source:humans", "source:human"),
        ("has:issues", "has:issue"),
    ],
)
def test_a_mistyped_condition_is_told_with_what_was_meant(typed, meant):
    with pytest.raises(UserProblem) as problem:
        ImageFilter.parsed(f"night {typed}")
    assert problem.value.message == f"“{typed}” means nothing here. Did you mean “{meant}”?"


def test_a_colon_in_a_path_is_no_mistyped_condition():
    for word in ("C:/mice", "12:30", '"tags:night"', "mouse:left"):
        assert ImageFilter.parsed(word).words == (word.strip('"'),)
    assert ImageFilter.parsed("Is:labelled").labelled == "labelled"
