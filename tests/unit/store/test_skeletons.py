import numpy as np
import pytest
from msgspec.structs import replace

from kpstudio.core.annotation import Prediction
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project, StaleEdit

from .conftest import SKELETON


@pytest.mark.parametrize("skeleton", [SKELETON, Skeleton("one", ("snout",))])
def test_a_skeleton_is_stored_exactly(tmp_path, skeleton):
    with Project.create(tmp_path / "a.kps", skeleton):
        pass
    with Project.open(tmp_path / "a.kps") as project:
        assert project.skeleton == skeleton


def change(project: Project, after: Skeleton, **renamed: str) -> None:
    edit = Edit.change_skeleton("Edit the skeleton", SkeletonChange(SKELETON, after, renamed))
    project.apply(edit)


def test_labels_follow_the_names_of_their_keypoints(project, annotation):
    old = annotation(3)
    project.apply(Edit.change("Add", None, old))
    after = Skeleton("rat5", ("tail", "nose", "paw", "rightear"), ((0, 1),), (), "rat")
    change(project, after, snout="nose")
    assert project.skeleton == after
    (new,) = project.annotations(3)
    np.testing.assert_array_equal(new.xy[[0, 1, 3]], old.xy[[4, 0, 2]])
    np.testing.assert_array_equal(new.visibility, [1, 2, 0, 2])
    project.close()
    with Project.open(project.path) as again:
        assert again.skeleton == after
        assert again.annotations(3) == (new,)
        assert again.undo().skeleton.after == SKELETON
        assert again.skeleton == SKELETON
        assert again.annotations(3) == (old,)
        again.redo()
        assert again.skeleton == after
        assert again.annotations(3) == (new,)


def test_two_names_can_be_exchanged(project, annotation):
    old = annotation(3)
    project.apply(Edit.change("Add", None, old))
    names = ("leftear", "snout", "rightear", "neck", "tail")
    change(project, replace(SKELETON, keypoints=names), snout="leftear", leftear="snout")
    assert project.skeleton.keypoints == names
    np.testing.assert_array_equal(project.annotations(3)[0].xy, old.xy)


def test_the_labels_of_a_removed_keypoint_return_with_it(project, annotation):
    old, other = annotation(3), annotation(5)
    project.apply(Edit.change("Add", None, old))
    project.apply(Edit.change("Add", None, other))
    short = Skeleton("rat5", SKELETON.keypoints[:3])
    change(project, short)
    (now,) = project.annotations(3)
    moved = now.with_keypoint(1, (7.0, 8.0), 1)
    project.apply(Edit.change("Move", now, moved))
    (now,) = project.annotations(5)
    project.apply(Edit.change("Delete", now, None))
    project.undo()
    project.apply(Edit.change_skeleton("Add", SkeletonChange(short, SKELETON)))
    (back,) = project.annotations(3)
    np.testing.assert_array_equal(back.xy[1], (7, 8))
    np.testing.assert_array_equal(back.xy[[0, 2, 3, 4]], old.xy[[0, 2, 3, 4]])
    assert project.annotations(5) == (other,)


def test_images_that_only_a_removed_keypoint_labels_are_not_labelled(project, annotation):
    only_tail = annotation(3, visibility=np.array([0, 0, 0, 0, 2]))
    project.apply(Edit.change("Add", None, only_tail))
    change(project, Skeleton("rat5", SKELETON.keypoints[:4]))
    assert project.labelled_image_ids() == frozenset()


def test_edits_from_before_a_skeleton_change_can_still_be_undone(project, annotation):
    old = annotation(3)
    project.apply(Edit.change("Add", None, old))
    moved = old.with_keypoint(0, (1.0, 2.0), 2)
    project.apply(Edit.change("Move", old, moved))
    change(project, replace(SKELETON, keypoints=("a", "b", "c", "d", "e")), snout="a")
    assert project.undo() is not None
    assert project.undo() is not None
    assert project.annotations(3) == (old,)


def test_a_skeleton_that_has_changed_in_the_meantime_is_not_overwritten(project):
    change(project, replace(SKELETON, name="mouse"))
    with pytest.raises(StaleEdit, match="skeleton has changed"):
        change(project, replace(SKELETON, name="other"))
    assert project.skeleton.name == "mouse"


def test_colours_and_sigmas_are_stored_and_undone(project):
    painted = replace(SKELETON, colours=("#ff0000", "", "", "", "#00ff7f"), sigmas=(0.1,) * 5)
    change(project, painted)
    assert project.skeleton == painted
    project.undo()
    assert project.skeleton == SKELETON


def test_an_edit_is_of_labels_or_of_the_skeleton(annotation):
    what = SkeletonChange(SKELETON, replace(SKELETON, name="x"))
    with pytest.raises(ValueError, match="either"):
        Edit("both", {"a": None}, {"a": annotation()}, what)
    with pytest.raises(ValueError, match="renamed"):
        SkeletonChange(SKELETON, SKELETON, {"nothing": "snout"})


def test_predictions_of_an_older_skeleton_are_read_by_keypoint(project):
    run = project.runs.start("any", {})
    xy = np.arange(10.0).reshape(5, 2)
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    project.predictions.put(
        run.id, 2, "dark", [Prediction(2, run.id, xy, scores, Box(0, 0, 9, 9), 0.7)]
    )
    change(project, Skeleton("rat5", ("tail", "paw", "snout")))
    (read,) = project.predictions.of(run.id, 2)
    np.testing.assert_array_equal(read.xy, [[8, 9], [np.nan, np.nan], [0, 1]])
    np.testing.assert_array_equal(read.scores, [0.5, 0, 0.1])


def test_a_name_that_is_taken_over_brings_the_labels_of_its_new_owner(project, annotation):
    old = annotation(3)
    project.apply(Edit.change("Add", None, old))
    after = Skeleton("rat5", ("leftear", "rightear", "tail"))
    # The keypoint called leftear goes, and snout takes its name.
    change(project, after, snout="leftear")
    (new,) = project.annotations(3)
    np.testing.assert_array_equal(new.xy, old.xy[[0, 2, 4]])
    project.undo()
    assert project.annotations(3) == (old,)


def test_labels_are_counted_also_those_of_removed_keypoints(project, annotation):
    project.apply(Edit.change("Add", None, annotation(3)))
    project.apply(Edit.change("Add", None, annotation(5, visibility=np.array([2, 0, 1, 0, 2]))))
    before = project.count_labels()
    assert (before["snout"], before["tail"]) == (2, 2)
    change(project, Skeleton("rat5", SKELETON.keypoints[:4]))
    assert project.count_labels() == before
