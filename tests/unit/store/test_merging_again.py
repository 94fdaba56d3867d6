"""What is known after a merge: who did what in the other copy, and what was decided."""

import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace as changed

from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.store.checking import check_project, salvage
from kpstudio.store.merging import merge, plan_merge
from kpstudio.store.project import Project

from .conftest import SKELETON


def move(project, annotation_id, xy, *, seconds=None):
    old = {each.id: each for each in project.dataset().annotations}[annotation_id]
    new = old.with_keypoint(0, xy, 2)
    project.apply(Edit.change("Move snout", old, new), seconds_open=seconds)
    return new


def bring(ours, theirs, **choices):
    report = merge(ours, plan_merge(ours, theirs.path), choices)
    assert plan_merge(ours, theirs.path).is_empty
    return report


def labels(project) -> dict:
    return {each.id: each for each in project.dataset().annotations}


def words(entries) -> list[tuple]:
    return [(each.author, each.kind, each.label) for each in entries]


@contextmanager
def copy_of(project, folder: Path, author: str):
    """Another copy of the project as it is now, in a folder of its own."""
    shutil.copytree(project.folder, folder)
    (folder / "rats.kps.lock").unlink(missing_ok=True)
    with Project.open(folder / "rats.kps", author=author) as copy:
        yield copy


def test_the_history_of_the_other_copy_stands_right_before_the_merge(copies):
    ours, theirs, (one, two, _) = copies
    move(ours, one.id, (1.0, 1.0))
    move(theirs, two.id, (2.0, 2.0), seconds=7.5)
    theirs.undo()
    there = move(theirs, two.id, (3.0, 3.0), seconds=2.5)
    bring(ours, theirs)
    history = ours.history.entries()
    assert words(history)[3:] == [
        ("Ann", "edit", "Move snout"),
        ("Bob", "edit", "Move snout"),
        ("Bob", "undo", "Move snout"),
        ("Bob", "edit", "Move snout"),
        ("Ann", "edit", "Merge rats.kps"),
    ]
    their_last, merge_entry = history[-2:]
    assert their_last.time == theirs.history.entries()[-1].time
    assert [each.seconds_open for each in history[4:]] == [7.5, None, 2.5, None]
    assert [each.merge for each in history[4:]] == [*[merge_entry.id] * 3, None]
    assert ours.history.change_of(their_last.id).after == {two.id: there}
    assert ours.history.change_of(history[5].id).after == {two.id: two}
    assert ours.history.touched(their_last.id).image_ids == {2}
    assert ours.history.entries(after=history[3].id) == history[4:]
    ours.undo()
    assert labels(ours)[two.id] == two
    assert words(ours.history.entries())[-2:] == [
        words(history)[-1],
        ("Ann", "undo", "Merge rats.kps"),
    ]


def test_their_history_is_kept_in_our_images_and_keypoints(copies, annotation):
    ours, theirs, _ = copies
    turned = changed(SKELETON, keypoints=SKELETON.keypoints[::-1], edges=(), flip_pairs=())
    theirs.apply(Edit.change_skeleton("Turn", SkeletonChange(SKELETON, turned)))
    for project, name in ((ours, "mine.png"), (theirs, "yours.png")):
        image = replace(project.image(1), path=project.folder / name)
        project.add_images([image])
    new = annotation(8)
    theirs.apply(Edit.change("Add", None, new))
    bring(ours, theirs)
    turn, added, _ = ours.history.entries()[-3:]
    assert (turn.label, ours.history.change_of(turn.id).after) == ("Turn", {})
    (stored,) = ours.annotations(9)
    assert ours.history.change_of(added.id).after == {new.id: stored}
    np.testing.assert_array_equal(stored.xy, new.xy[::-1])


def test_nobody_goes_back_to_a_moment_of_another_copy(copies):
    ours, theirs, (one, *_) = copies
    move(theirs, one.id, (2.0, 2.0))
    bring(ours, theirs)
    brought, merged = ours.history.entries()[-2:]
    with pytest.raises(UserProblem, match="in another copy") as caught:
        ours.restore(brought.id)
    assert f"entry {merged.id}" in caught.value.hint
    with pytest.raises(UserProblem, match="no entry -99"):
        ours.restore(-99)
    move(ours, one.id, (4.0, 4.0))
    ours.restore(merged.id)
    assert labels(ours)[one.id].xy[0].tolist() == [2, 2]
    ours.restore(3)
    assert labels(ours)[one.id] == one


def test_what_a_merge_brought_survives_a_check_and_a_repair(copies):
    ours, theirs, (one, *_) = copies
    move(theirs, one.id, (2.0, 2.0))
    theirs.marks.change_tags([3], add=["night"])
    bring(ours, theirs)
    history, marks = ours.history.entries(), ours.marks.changes()
    ours.close()
    assert check_project(ours.path) == ()
    assert salvage(ours.path).lost == {}
    with Project.open(ours.path) as again:
        assert again.history.entries() == history
        assert again.marks.changes() == marks
        assert plan_merge(again, theirs.path).is_empty
        with again.database.writing("x was") as connection:
            connection.exec_driver_sql("UPDATE merged_history SET payload = x'c1'")
    (fault,) = check_project(ours.path)
    assert fault.what.startswith("Entry -1 of the history cannot be read")


@pytest.mark.parametrize("choice", ["ours", "theirs", "both"])
def test_what_was_decided_is_not_asked_again(copies, choice):
    ours, theirs, (one, two, _) = copies
    move(ours, one.id, (1.0, 1.0))
    move(theirs, one.id, (4.0, 4.0))
    bring(ours, theirs, **{one.id: choice})
    decided = labels(ours)
    there = move(theirs, two.id, (5.0, 5.0))
    assert bring(ours, theirs).conflicts == 0
    assert labels(ours) == decided | {two.id: there}


def test_what_nobody_decided_is_not_asked_again_either(copies):
    ours, theirs, (one, *_) = copies
    move(ours, one.id, (1.0, 1.0))
    move(theirs, one.id, (4.0, 4.0))
    bring(ours, theirs)
    assert len(labels(ours)) == 4


def test_a_new_change_of_what_was_decided_is_asked(copies):
    ours, theirs, (one, *_) = copies
    here = move(ours, one.id, (1.0, 1.0))
    move(theirs, one.id, (4.0, 4.0))
    bring(ours, theirs, **{one.id: "ours"})
    there = move(theirs, one.id, (5.0, 5.0))
    (conflict,) = plan_merge(ours, theirs.path).conflicts
    assert (conflict.ours, conflict.theirs) == (here, there)


def test_a_decision_is_asked_again_when_the_merge_was_undone_or_somebody_wants_it(copies):
    ours, theirs, (one, *_) = copies
    move(ours, one.id, (1.0, 1.0))
    move(theirs, one.id, (4.0, 4.0))
    bring(ours, theirs, **{one.id: "ours"})
    assert len(plan_merge(ours, theirs.path, forgets=True).conflicts) == 1
    ours.undo()
    assert len(plan_merge(ours, theirs.path).conflicts) == 1
    ours.redo()
    assert plan_merge(ours, theirs.path).is_empty


def test_what_was_changed_here_after_a_merge_stays(copies):
    ours, theirs, (one, two, three) = copies
    move(theirs, one.id, (2.0, 2.0))
    move(theirs, two.id, (2.0, 2.0))
    bring(ours, theirs)
    mine = move(ours, one.id, (9.0, 9.0))
    ours.apply(Edit.change("Delete", labels(ours)[two.id], None))
    there = move(theirs, three.id, (3.0, 3.0))
    assert bring(ours, theirs).annotations == 1
    assert labels(ours) == {one.id: mine, three.id: there}


def test_the_decisions_of_the_other_person_come_back_with_the_copy(copies):
    ours, theirs, (one, two, _) = copies
    move(ours, one.id, (1.0, 1.0))
    there = move(theirs, one.id, (4.0, 4.0))
    bring(theirs, ours, **{one.id: "theirs"})
    assert labels(theirs)[one.id].xy[0].tolist() == [1, 1]
    kept = move(ours, two.id, (6.0, 6.0))
    theirs.undo()
    bring(theirs, ours, **{one.id: "ours"})
    report = bring(ours, theirs)
    assert (report.conflicts, report.annotations) == (0, 1)
    assert labels(ours)[one.id] == there
    assert labels(ours)[two.id] == kept


def test_after_both_brought_in_the_other_only_what_is_new_counts(copies):
    ours, theirs, (one, two, three) = copies
    mine = move(ours, one.id, (1.0, 1.0))
    move(theirs, one.id, (4.0, 4.0))
    bring(ours, theirs, **{one.id: "ours"})
    bring(theirs, ours)
    assert labels(theirs)[one.id] == mine
    here = move(ours, one.id, (1.5, 1.5))
    there = move(theirs, two.id, (5.0, 5.0))
    both = [move(each, three.id, (n, n)) for n, each in ((7.0, ours), (8.0, theirs))]
    (conflict,) = plan_merge(ours, theirs.path).conflicts
    assert [conflict.ours, conflict.theirs] == both
    bring(ours, theirs, **{three.id: "ours"})
    assert labels(ours) == {one.id: here, two.id: there, three.id: both[0]}


def test_a_third_copy_brings_what_the_second_had_brought_to_it_once(copies, tmp_path):
    ours, theirs, (one, two, _) = copies
    move(theirs, one.id, (2.0, 2.0), seconds=3.0)
    bring(ours, theirs)
    with copy_of(theirs, tmp_path / "carol", "Carol") as carols:
        there = move(carols, two.id, (3.0, 3.0))
        assert bring(ours, carols).entries == 1
        assert labels(ours)[two.id] == there
        assert bring(theirs, carols).annotations == 1
    move(theirs, one.id, (5.0, 5.0))
    report = bring(ours, theirs)
    assert (report.conflicts, report.annotations) == (0, 1)
    authors = [each.author for each in ours.history.entries() if each.label == "Move snout"]
    assert authors == ["Bob", "Carol", "Bob"]


def test_a_copy_that_is_put_back_to_before_the_merge_is_another_one(copies, tmp_path):
    ours, theirs, (one, *_) = copies
    with copy_of(theirs, tmp_path / "old", "Dan") as old:
        move(theirs, one.id, (2.0, 2.0))
        bring(ours, theirs)
        there = move(old, one.id, (6.0, 6.0))
        (conflict,) = plan_merge(ours, old.path).conflicts
        assert conflict.theirs == there
