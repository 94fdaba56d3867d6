import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace as changed

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.store import edits, marks
from kpstudio.store.merging import CONFLICT_TAG, merge, plan_merge
from kpstudio.store.project import Project, StaleEdit

from .conftest import SKELETON


def all_labels(project) -> dict:
    return {each.id: each for each in project.dataset().annotations}


def merged(ours, theirs, **choices):
    theirs.close()
    return merge(ours, plan_merge(ours, theirs.path), choices)


def test_what_only_one_changed_is_taken_from_either(copies, annotation):
    ours, theirs, (one, two, three) = copies
    here = one.with_keypoint(0, (1.0, 1.0), 2)
    ours.apply(Edit.change("Move", one, here))
    there = two.with_keypoint(0, (2.0, 2.0), 2)
    theirs.apply(Edit.change("Move", two, there))
    theirs.apply(Edit.change("Delete", three, None))
    added = annotation(5)
    theirs.apply(Edit.change("Add", None, added))
    theirs.marks.change_tags([2], add=["night"])
    report = merged(ours, theirs)
    assert (report.images, report.annotations, report.conflicts, report.entries) == (0, 3, 0, 3)
    assert all_labels(ours) == {one.id: here, two.id: there, added.id: added}
    assert ours.image(2).tags == ("night",)
    ours.undo()
    assert all_labels(ours) == {one.id: here, two.id: two, three.id: three}


def test_the_same_change_in_both_is_no_conflict(copies):
    ours, theirs, (one, _, three) = copies
    moved = one.with_keypoint(0, (1.0, 1.0), 2)
    for each in (ours, theirs):
        each.apply(Edit.change("Move", one, moved))
        each.apply(Edit.change("Delete", three, None))
    report = merged(ours, theirs)
    assert (report.annotations, report.conflicts, report.edit.after) == (0, 0, {})


def both_moved(ours, theirs, one):
    here, there = (one.with_keypoint(0, (n, n), 2) for n in (1.0, 4.0))
    ours.apply(Edit.change("Move", one, here))
    theirs.apply(Edit.change("Move", one, there))
    return here, there


def test_both_are_kept_where_nobody_decides(copies):
    ours, theirs, (one, two, three) = copies
    here, there = both_moved(ours, theirs, one)
    theirs.close()
    plan = plan_merge(ours, theirs.path)
    (conflict,) = plan.conflicts
    assert (conflict.ours, conflict.theirs) == (here, there)
    assert conflict.largest_distance() == pytest.approx(np.sqrt(18))
    merge(ours, plan, {})
    stored = all_labels(ours)
    (second,) = (stored[each] for each in stored.keys() - {one.id, two.id, three.id})
    assert stored[one.id] == here
    assert second == replace(there, id=second.id)
    assert ours.image(1).tags == (CONFLICT_TAG,)


def test_a_conflict_knows_the_newest_change_of_each_side(copies):
    ours, theirs, (one, two, _) = copies
    here, there = both_moved(ours, theirs, one)
    theirs.apply(Edit.change("Delete", there, None))
    theirs.apply(Edit.change("Move another", two, two.with_keypoint(0, (2.0, 2.0), 2)))
    theirs.close()
    (conflict,) = plan_merge(ours, theirs.path).conflicts
    assert (conflict.ours, conflict.theirs) == (here, None)
    assert conflict.our_entry == ours.history.entries()[-1]
    assert conflict.their_entry is not None
    assert (conflict.their_entry.label, conflict.their_entry.author) == ("Delete", "Bob")


def test_conflicts_are_in_the_order_of_the_images(copies):
    ours, theirs, made = copies
    for each in reversed(made):
        both_moved(ours, theirs, each)
    theirs.close()
    conflicts = plan_merge(ours, theirs.path).conflicts
    assert [conflict.image_id for conflict in conflicts] == [1, 2, 3]


def test_tags_that_are_here_already_bring_nothing(copies):
    ours, theirs, _ = copies
    ours.marks.change_tags([2], add=["night"])
    theirs.marks.change_tags([2], add=["night"])
    assert plan_merge(ours, theirs.path).is_empty
    theirs.marks.change_tags([2], add=["rain"])
    plan = plan_merge(ours, theirs.path)
    assert plan.marks.added == {2: ("rain",)}
    assert not plan.is_empty


@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_a_person_decides(copies, choice):
    ours, theirs, (one, *_) = copies
    here, there = both_moved(ours, theirs, one)
    merged(ours, theirs, **{one.id: choice})
    assert all_labels(ours)[one.id] == {"ours": here, "theirs": there}[choice]
    assert len(all_labels(ours)) == 3
    assert ours.image(1).tags == ()


@pytest.mark.parametrize("who", ["ours", "theirs"])
def test_what_one_deleted_and_the_other_changed_stays_unless_a_person_decides(copies, who):
    ours, theirs, (one, *_) = copies
    moved = one.with_keypoint(0, (1.0, 1.0), 2)
    deleting, moving = (ours, theirs) if who == "ours" else (theirs, ours)
    deleting.apply(Edit.change("Delete", one, None))
    moving.apply(Edit.change("Move", one, moved))
    theirs.close()
    plan = plan_merge(ours, theirs.path)
    assert len(plan.conflicts) == 1
    merge(ours, plan, {})
    assert all_labels(ours)[one.id] == moved
    merge(ours, plan_merge(ours, theirs.path), {one.id: who})


def test_one_subject_that_both_labelled_is_a_conflict(copies, annotation):
    ours, theirs, _ = copies
    pose = np.array([[0, 0], [10, 0], [20, 0], [30, 0], [40, 0.0]])
    mine, yours = annotation(6, xy=pose), annotation(6, xy=pose + 0.5)
    ours.apply(Edit.change("Add", None, mine))
    theirs.apply(Edit.change("Add", None, yours))
    theirs.close()
    plan = plan_merge(ours, theirs.path)
    (conflict,) = plan.conflicts
    assert (conflict.ours, conflict.theirs, plan.changes) == (mine, yours, ())
    merge(ours, plan, {yours.id: "theirs"})
    assert ours.annotations(6) == (yours,)


def test_new_images_of_both_are_kept_apart(copies, annotation):
    ours, theirs, _ = copies
    for project, name in ((ours, "mine.png"), (theirs, "yours.png")):
        image = Image(1, project.folder / name, 31, 17)
        project.import_dataset(Dataset(SKELETON, (image,), ()), source=name)
        newest = project.images()[-1]
        assert newest.id == 8
        project.apply(Edit.change("Add", None, annotation(newest.id)))
    assert merged(ours, theirs).images == 1
    names = [image.name for image in ours.images()][-2:]
    assert names == ["mine.png", "yours.png"]
    assert [len(ours.annotations(number)) for number in (8, 9)] == [1, 1]


def test_labelled_images_that_one_has_moved_are_still_the_same(copies):
    ours, theirs, (one, *_) = copies
    there = one.with_keypoint(0, (2.0, 2.0), 2)
    theirs.apply(Edit.change("Move", one, there))
    old, new = theirs.folder / "frames", theirs.folder / "elsewhere"
    old.rename(new)
    assert theirs.files.relocate(old, new) == 7
    theirs.close()
    plan = plan_merge(ours, theirs.path)
    assert [image.name for image in plan.images] == ["3.png", "4.png", "5.png", "6.png"]
    merge(ours, plan, {})
    assert ours.annotations(1) == (there,)


def test_keypoints_in_another_order_are_matched_by_name(copies):
    ours, theirs, (one, *_) = copies
    turned = changed(SKELETON, keypoints=SKELETON.keypoints[::-1], edges=(), flip_pairs=())
    theirs.apply(Edit.change_skeleton("Turn", SkeletonChange(SKELETON, turned)))
    (there,) = theirs.annotations(1)
    theirs.apply(Edit.change("Move", there, there.with_keypoint(4, (9.0, 9.0), 1)))
    merged(ours, theirs)
    assert all_labels(ours)[one.id] == one.with_keypoint(0, (9.0, 9.0), 1)


def test_a_plan_that_is_out_of_date_changes_nothing(copies):
    ours, theirs, (one, *_) = copies
    theirs.apply(Edit.change("Delete", one, None))
    theirs.close()
    plan = plan_merge(ours, theirs.path)
    ours.apply(Edit.change("Move", one, one.with_keypoint(0, (1.0, 1.0), 2)))
    with pytest.raises(StaleEdit):
        merge(ours, plan, {})
    assert one.id in all_labels(ours)


@pytest.mark.parametrize("step", ["apply_edit", "change_tags"])
def test_a_merge_that_fails_half_way_changes_nothing(copies, annotation, tmp_path, step):
    ours, theirs, (one, *_) = copies
    both_moved(ours, theirs, one)
    ids = theirs.add_images([Image(1, tmp_path / "bob.png", 31, 17)])
    theirs.apply(Edit.change("Add", None, annotation(ids[1])))
    theirs.marks.change_tags([2], add=["night"])
    theirs.close()
    plan = plan_merge(ours, theirs.path)
    before = (ours.images(), all_labels(ours), ours.history.entries())
    module = {"apply_edit": edits, "change_tags": marks}[step]

    def full(*_words, **_options):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, step, full)
        with pytest.raises(UserProblem) as caught:
            merge(ours, plan, {})
    assert caught.value.message == "The merge of rats.kps was not stored: the disk is full."
    assert (ours.images(), all_labels(ours), ours.history.entries()) == before
    report = merge(ours, plan, {})
    assert (report.images, report.annotations, report.conflicts) == (1, 1, 1)
    assert ours.marks.tags() == {CONFLICT_TAG: 1, "night": 1}


def test_what_cannot_be_merged_is_said(copies, tmp_path):
    ours, theirs, _ = copies
    with pytest.raises(UserProblem, match="with itself"):
        plan_merge(ours, ours.path)
    theirs.apply(
        Edit.change_skeleton(
            "Rename",
            SkeletonChange(
                SKELETON,
                changed(SKELETON, keypoints=("nose", *SKELETON.keypoints[1:])),
                {"snout": "nose"},
            ),
        )
    )
    theirs.close()
    with pytest.raises(UserProblem, match="do not fit the skeleton"):
        plan_merge(ours, Path(theirs.path))


def test_questions_and_answers_of_both_stand_in_one_thread(copies):
    ours, theirs, _ = copies
    asked = ours.issues.open(2, "Which ear?", xy=(3.0, 4.0))
    ours.close()
    theirs.close()
    shutil.copy(ours.path, theirs.path)
    with Project.open(theirs.path, author="Bob") as there:
        there.issues.reply(asked, "The left one.", is_open=False)
        there.issues.open(3, "Is that a tail?")
    with Project.open(ours.path, author="Ann") as here:
        here.issues.reply(asked, "I wonder, too.")
        plan = plan_merge(here, theirs.path)
        assert len(plan.issues) == 2
        merge(here, plan, {})
        first, second = here.issues.all()
        said = [each.text for each in first.comments]
        assert said == ["Which ear?", "The left one.", "I wonder, too."]
        assert [each.author for each in first.comments][1] == "Bob"
        assert (first.is_open, second.is_open) == (True, True)
        assert (second.image_id, second.question) == (3, "Is that a tail?")
        assert plan_merge(here, theirs.path).is_empty


def test_a_question_that_was_closed_without_a_word_is_closed_here_too(copies):
    ours, theirs, _ = copies
    asked = ours.issues.open(2, "Which ear?")
    ours.close()
    theirs.close()
    shutil.copy(ours.path, theirs.path)
    with Project.open(theirs.path) as there:
        there.issues.close(asked)
    with Project.open(ours.path) as here:
        merge(here, plan_merge(here, theirs.path), {})
        (only,) = here.issues.all()
        assert not only.is_open
