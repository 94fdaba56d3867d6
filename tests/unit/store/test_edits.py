import struct
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kpstudio.core.annotation import Annotation
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.store.project import Project, StaleEdit
from kpstudio.store.tables import annotation_keypoints, annotations, images

from .conftest import SKELETON

NUMBERS = st.floats(allow_nan=False).map(lambda value: value + 0.0)  # SQLite has no -0.0
FINITE = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)


@st.composite
def annotation_values(draw: st.DrawFn, annotation_id: str) -> Annotation:
    visibility = np.array([draw(st.sampled_from((0, 1, 2))) for _ in SKELETON.keypoints])
    known = st.sampled_from((np.nan,)) | NUMBERS
    xy = np.array([[draw(FINITE if v else known) for _ in range(2)] for v in visibility])
    box = draw(st.none() | st.builds(Box, FINITE, FINITE, FINITE, FINITE))
    return Annotation(
        id=annotation_id,
        image_id=draw(st.integers(1, 7)),
        xy=xy,
        visibility=visibility,
        source=draw(st.sampled_from(("human", "run:3", "import:dlc"))),
        author=draw(st.text(st.characters(exclude_categories=("Cs",)), max_size=5)),
        time=draw(FINITE),
        box=box,
    )


def dump(project: Project) -> list[object]:
    with project.database.reading() as connection:
        return [
            connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in (images, annotations, annotation_keypoints)
        ]


def bits(annotation: Annotation) -> bytes:
    box = annotation.box
    numbers = (annotation.time, *((box.x, box.y, box.width, box.height) if box else ()))
    xy = np.where(np.isnan(annotation.xy), np.nan, annotation.xy)
    return (
        xy.tobytes() + annotation.visibility.tobytes() + struct.pack(f"{len(numbers)}d", *numbers)
    )


def check_edit_and_inverse(project: Project, edit: Edit, *, reopens: bool) -> Project:
    """Returns the project, which may be another object."""
    start = dump(project)
    project.apply(edit)
    end = dump(project)
    for each in filter(None, edit.after.values()):
        found = {other.id: other for other in project.annotations(each.image_id)}[each.id]
        assert found == each
        assert bits(found) == bits(each)
    if reopens:
        project.close()
        project = Project.open(project.path)
    assert project.undo() == edit.inverse()
    assert dump(project) == start
    assert project.redo() == edit
    assert dump(project) == end
    return project


@pytest.mark.parametrize("reopens", [False, True])
def test_an_edit_and_its_inverse_leave_the_database_as_it_was(project, reopens):
    open_now = [project]

    @settings(
        max_examples=13 if reopens else 83,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        while open_now[0].undo():
            pass
        ids = data.draw(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=3, unique=True))
        before = {each: data.draw(st.none() | annotation_values(each)) for each in ids}
        after = {each: data.draw(st.none() | annotation_values(each)) for each in ids}
        open_now[0].apply(Edit("Prepare", dict.fromkeys(ids), before))
        edit = Edit("Change", before, after)
        open_now[0] = check_edit_and_inverse(open_now[0], edit, reopens=reopens)

    check()
    while open_now[0].undo():
        pass
    assert dump(open_now[0])[1:] == [[], []]
    open_now[0].close()


def test_an_unlabelled_keypoint_keeps_the_position_it_had(project, annotation):
    new = annotation(xy=np.arange(10.0).reshape(5, 2), visibility=np.array([0, 2, 1, 0, 2]))
    project.apply(Edit.change("Add", None, new))
    assert project.annotations(1) == (new,)


def test_undo_and_redo_go_on_after_reopening(project, annotation):
    steps = [annotation(id_) for id_ in (1, 2, 3)]
    for number, new in enumerate(steps):
        project.apply(Edit.change(f"Add {number}", None, new))
    project.undo()
    project.close()
    with Project.open(project.path, author="Bob") as again:
        assert (again.undo_label, again.redo_label) == ("Add 1", "Add 2")
        again.undo()
        again.undo()
        assert again.undo() is None
        assert (again.undo_label, again.redo_label) == (None, "Add 0")
        assert again.labelled_image_ids() == frozenset()
        for _ in steps:
            assert again.redo() is not None
        assert again.redo() is None
        assert again.labelled_image_ids() == {1, 2, 3}
        kinds = [(entry.kind, entry.author) for entry in again.history.entries()]
    assert kinds == (
        [("edit", "Ann")] * 3 + [("undo", "Ann")] + [("undo", "Bob")] * 2 + [("redo", "Bob")] * 3
    )


def test_a_new_edit_drops_what_was_undone_from_the_stack_but_not_from_the_history(
    project, annotation
):
    first, second, third = annotation(1), annotation(2), annotation(3)
    project.apply(Edit.change("First", None, first))
    project.apply(Edit.change("Second", None, second))
    project.undo()
    project.apply(Edit.change("Third", None, third))
    assert (project.undo_label, project.redo_label) == ("Third", None)
    assert project.redo() is None
    project.undo()
    project.undo()
    assert project.undo() is None
    labels = [(entry.kind, entry.label) for entry in project.history.entries()]
    assert labels == [
        ("edit", "First"),
        ("edit", "Second"),
        ("undo", "Second"),
        ("edit", "Third"),
        ("undo", "Third"),
        ("undo", "First"),
    ]


@pytest.mark.parametrize("case", ["changed", "gone", "there already"])
def test_a_stale_edit_is_refused_and_changes_nothing(project, annotation, case):
    old = annotation()
    new = old.with_keypoint(0, (1.0, 2.0), 2)
    if case != "gone":
        project.apply(Edit.change("Add", None, old))
    before, start = {
        "changed": (new, dump(project)),
        "gone": (old, dump(project)),
        "there already": (None, dump(project)),
    }[case]
    with pytest.raises(StaleEdit, match="“Move snout” was not stored") as caught:
        project.apply(Edit.change("Move snout", before, new))
    assert isinstance(caught.value, UserProblem)
    assert dump(project) == start
    assert project.undo_label == (None if case == "gone" else "Add")


def test_an_edit_with_one_bad_annotation_stores_none_of_them(project, annotation):
    good, bad = annotation(1), annotation(101)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        project.apply(Edit("Paste", {good.id: None, bad.id: None}, {good.id: good, bad.id: bad}))
    assert project.annotations(1) == ()
    assert project.history.entries() == ()


def test_annotations_keep_their_order_when_a_removal_is_undone(project, annotation):
    three = [annotation() for _ in range(3)]
    for each in three:
        project.apply(Edit.change("Add", None, each))
    project.apply(Edit.change("Remove", three[0], None))
    assert list(project.annotations(1)) == three[1:]
    project.undo()
    assert list(project.annotations(1)) == three


def test_an_annotation_without_keypoints_is_stored_and_is_not_labelled(project):
    empty = Annotation.empty(4, SKELETON, author="Ann")
    project.apply(Edit.change("Add", None, empty))
    assert project.annotations(4) == (empty,)
    assert project.labelled_image_ids() == frozenset()


def test_pasting_to_many_images_is_one_edit(project, annotation):
    many = {each.id: each for each in (annotation(1 + n % 7) for n in range(1301))}
    project.apply(Edit("Paste", dict.fromkeys(many), many))
    assert len(project.dataset().annotations) == 1301
    project.undo()
    assert project.dataset().annotations == ()


def test_an_edit_takes_less_than_five_milliseconds_of_computing(project, annotation):
    """The disk's share depends on who else is writing to it."""
    before = annotation()
    project.apply(Edit.change("Add", None, before))
    times = []
    for step in range(101):
        after = before.with_keypoint(2, (step, -step), 2)
        start = time.process_time()
        project.apply(Edit.change("Move", before, after))
        times.append(time.process_time() - start)
        before = after
    assert np.median(times) < 0.005
