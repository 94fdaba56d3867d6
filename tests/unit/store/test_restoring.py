import numpy as np
import pytest

from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

from .conftest import SKELETON


def newest(project) -> int:
    return project.history.entries()[-1].id


def labels(project) -> dict:
    return {image.id: project.annotations(image.id) for image in project.images()}


@pytest.fixture
def busy(project, annotation):
    """A project, and after each of its changes the entry of it and all labels."""
    moments = [(0, labels(project))]

    def remember():
        moments.append((newest(project), labels(project)))

    first, second = annotation(2), annotation(5)
    for edit in (Edit.change("Add first", None, first), Edit.change("Add second", None, second)):
        project.apply(edit)
        remember()
    moved = first.with_keypoint(3, (4.0, 5.0), 1)
    project.apply(Edit.change("Move", first, moved))
    remember()
    project.undo()
    remember()
    project.redo()
    remember()
    project.apply(Edit.change("Delete second", second, None))
    remember()
    project.undo()
    remember()
    project.apply(Edit.change("Add third", None, annotation(2)))
    remember()
    return project, moments


def test_every_moment_can_be_restored_and_that_undone(busy):
    project, moments = busy
    newest_labels = labels(project)
    for moment, then in moments:
        count = len(project.history.entries())
        restored = project.restore(moment)
        assert labels(project) == then
        if restored is None:
            assert then == newest_labels
            continue
        assert len(project.history.entries()) == count + 1
        project.undo()
        assert labels(project) == newest_labels


def test_one_image_is_restored_alone(busy):
    project, moments = busy
    now = labels(project)
    moment, then = moments[1]
    project.restore(moment, image_id=2)
    assert labels(project) == {**now, 2: then[2]}
    assert project.undo_label == "Restore image to “Add first”"
    project.restore(0, image_id=5)
    assert project.annotations(5) == ()
    assert project.undo_label == "Restore image to the beginning"


def test_a_removed_annotation_is_brought_back_by_the_moment_before_it(project, annotation):
    old = annotation(4)
    project.apply(Edit.change("Add", None, old))
    before = newest(project)
    project.apply(Edit.change("Delete", old, None))
    project.apply(Edit.change("Add other", None, annotation(6)))
    assert project.history.change_of(newest(project) - 1).before == {old.id: old}
    project.restore(before, image_id=4)
    assert project.annotations(4) == (old,)
    assert len(project.annotations(6)) == 1


def test_what_an_undo_changed_is_the_inverse(project, annotation):
    old = annotation(4)
    project.apply(Edit.change("Add", None, old))
    project.undo()
    assert project.history.change_of(newest(project)).before == {old.id: old}
    assert project.history.change_of(newest(project)).after == {old.id: None}


def test_labels_from_before_a_skeleton_change_are_restored_in_the_new_one(project, annotation):
    old = annotation(4)
    project.apply(Edit.change("Add", None, old))
    moment = newest(project)
    project.apply(Edit.change("Delete", old, None))
    turned = Skeleton("rat5", SKELETON.keypoints[::-1])
    project.apply(Edit.change_skeleton("Turn", SkeletonChange(SKELETON, turned)))
    project.restore(moment)
    assert project.skeleton == turned
    np.testing.assert_array_equal(project.annotations(4)[0].xy, old.xy[::-1])


def test_an_entry_that_is_not_there_is_named(project):
    with pytest.raises(UserProblem, match="no entry 99"):
        project.restore(99)


def test_how_long_an_image_was_open_is_remembered(project, annotation):
    project.apply(Edit.change("Add", None, annotation(1)), seconds_open=2.5)
    project.apply(Edit.change("Add", None, annotation(1)))
    assert [entry.seconds_open for entry in project.history.entries()] == [2.5, None]
