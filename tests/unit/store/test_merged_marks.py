"""Tags, reviews and splits of two copies of a project."""

from dataclasses import replace

import pytest

from kpstudio.store.merging import merge, plan_merge


def bring(ours, theirs):
    plan = plan_merge(ours, theirs.path)
    merge(ours, plan, {})
    assert plan_merge(ours, theirs.path).is_empty
    return plan


def tags(project) -> dict:
    return {image.id: image.tags for image in project.images() if image.tags}


def reviews(project) -> dict:
    return {image.id: image.review for image in project.images() if image.review}


def set_split(project, parts) -> None:
    with project.database.writing("x was") as connection:
        for image_id, part in parts.items():
            connection.exec_driver_sql("UPDATE images SET split = ? WHERE id = ?", (part, image_id))


def test_a_tag_that_either_gave_or_took_is_given_or_taken(copies):
    ours, theirs, _ = copies
    ours.marks.change_tags([1, 2, 3], add=["night"])
    theirs.marks.change_tags([5], add=["wet"])
    bring(theirs, ours)
    ours.marks.change_tags([1], remove=["night"])
    theirs.marks.change_tags([2], remove=["night"])
    theirs.marks.change_tags([4], add=["rain"])
    plan = bring(ours, theirs)
    assert tags(ours) == {3: ("night",), 4: ("rain",), 5: ("wet",)}
    assert plan.marks.removed == {2: ("night",)}
    assert {each.author for each in ours.marks.changes()} == {"Ann", "Bob"}
    ours.marks.change_tags([4], remove=["rain"])
    theirs.marks.change_tags([7], add=["late"])
    bring(ours, theirs)
    assert 4 not in tags(ours)


def test_a_tag_that_both_have_changed_stays(copies):
    ours, theirs, _ = copies
    theirs.marks.change_tags([2], add=["night"])
    ours.marks.change_tags([2], add=["night"])
    ours.marks.change_tags([2], remove=["night"])
    assert bring(ours, theirs).marks.added == {2: ("night",)}


def test_tags_of_before_anything_was_remembered_are_united(copies):
    ours, theirs, _ = copies
    for project, tag in ((ours, "mine"), (theirs, "yours")):
        project.marks.change_tags([6], add=[tag])
        with project.database.writing("x was") as connection:
            connection.exec_driver_sql("DELETE FROM mark_changes")
    bring(ours, theirs)
    assert tags(ours) == {6: ("mine", "yours")}
    theirs.marks.change_tags([6], remove=["yours"])
    bring(ours, theirs)
    assert tags(ours) == {6: ("mine",)}


def test_a_review_that_only_one_went_on_with_is_taken_also_back(copies):
    ours, theirs, _ = copies
    ours.marks.set_review([1, 2], "accepted")
    bring(theirs, ours)
    theirs.marks.set_review([1], "")
    ours.marks.set_review([2], "rejected")
    plan = bring(ours, theirs)
    assert reviews(ours) == {2: "rejected"}
    assert plan.notes == ()
    bring(theirs, ours)
    assert reviews(theirs) == {2: "rejected"}


@pytest.mark.parametrize("later", ["ours", "theirs"])
def test_of_two_reviews_the_later_counts_and_the_plan_says_so(copies, later):
    ours, theirs, _ = copies
    first, second = (theirs, ours) if later == "ours" else (ours, theirs)
    first.marks.set_review([3], "accepted")
    second.marks.set_review([3], "ready")
    theirs.marks.change_tags([3], add=["seen"])
    plan = bring(ours, theirs)
    assert reviews(ours) == {3: "ready"}
    (torn,) = plan.marks.reviews
    assert (torn.is_conflict, torn.takes_theirs) == (True, later == "theirs")
    assert plan.notes[0].startswith("1 reviews were changed in both copies; the later one counts")


def test_a_clock_that_is_late_does_not_make_a_change_older(copies, monkeypatch):
    ours, theirs, _ = copies
    ours.marks.set_review([4], "ready")
    bring(theirs, ours)
    monkeypatch.setattr("time.time", lambda: 1000.0)
    theirs.marks.set_review([4], "accepted")
    monkeypatch.undo()
    first, second = theirs.marks.changes()
    assert second.time > first.time
    bring(ours, theirs)
    assert reviews(ours) == {4: "accepted"}


def test_a_mark_that_does_not_change_is_not_remembered(copies):
    ours, _, _ = copies
    ours.marks.change_tags([1, 2], add=["night"])
    ours.marks.change_tags([1, 3], remove=["night", "fog"])
    ours.marks.change_tags([1], remove=["night"])
    ours.marks.set_review([5], "ready")
    ours.marks.set_review([5, 6], "ready")
    assert [(each.image_id, each.mark, each.value) for each in ours.marks.changes()] == [
        (1, "tag:night", "yes"),
        (2, "tag:night", "yes"),
        (1, "tag:night", ""),
        (5, "review", "ready"),
        (6, "review", "ready"),
    ]


def test_new_images_bring_their_marks_and_who_gave_them(copies):
    ours, theirs, _ = copies
    image = replace(theirs.image(1), path=theirs.folder / "new.png")
    number = theirs.add_images([image])[1]
    theirs.marks.change_tags([number], add=["night"])
    theirs.marks.set_review([number], "ready")
    ours.add_images([replace(image, path=ours.folder / "mine.png")])
    bring(ours, theirs)
    assert (ours.image(9).tags, ours.image(9).review) == (("night",), "ready")
    assert {each.image_id for each in ours.marks.changes()} == {9}


def test_our_split_stays_and_an_image_without_one_gets_theirs(copies):
    ours, theirs, _ = copies
    set_split(ours, {1: "train", 2: "val"})
    set_split(theirs, {1: "val", 2: "val", 3: "test"})
    plan = bring(ours, theirs)
    assert [image.split for image in ours.images()][:4] == ["train", "val", "test", None]
    assert plan.notes == ("1 images are in another part there (train, val, test); ours stays.",)


def test_no_group_is_torn_between_two_parts(copies):
    ours, theirs, _ = copies
    for project in (ours, theirs):
        project.settings.write("grouping", "folder")
    set_split(ours, {1: "train"})
    new = replace(theirs.image(1), path=theirs.folder / "frames" / "new.png", split="val")
    theirs.add_images([new])
    set_split(theirs, {3: "val"})
    bring(ours, theirs)
    assert [image.split for image in ours.images()] == ["train", *[None] * 7]


def test_what_stays_in_the_other_copy_is_said(copies):
    ours, theirs, _ = copies
    run = theirs.runs.start("own", {})
    theirs.runs.finish(run.id, state="finished")
    plan = plan_merge(ours, theirs.path)
    assert plan.is_empty
    assert plan.notes == ("1 runs stay in rats.kps, with their predictions.",)
