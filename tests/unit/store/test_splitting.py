from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import TrainingSettings
from kpstudio.store.grouping import Grouping, torn_groups
from kpstudio.store.project import Project
from kpstudio.store.splitting import Fractions, write_split
from kpstudio.store.training_plan import prepare_training

from .conftest import SKELETON


@pytest.mark.parametrize(
    ("rule", "path", "group"),
    [
        ("image", "v1/a_01.png", ""),
        ("folder", "v1/a_01.png", "v1"),
        ("folder", "../data/v1/a.png", "../data/v1"),
        ("folder", "a.png", "."),
        (r"name:(.+)_\d", "x_9/Adam_Sandler_01.jpg", "Adam_Sandler"),
        (r"name:^(?:cam\d+_)?(\w+)-", "cam3_mouse7-0012.png", "mouse7"),
        (r"name:(\d+)", "day3/none.png", ""),
        ("name:(a)|b", "b.png", ""),
        ("before:_", "Adam_Sandler_01.jpg", "Adam_Sandler"),
        ("before:.", "run.3.png", "run.3"),
        ("before:-frame", "v1-frame-frame7.png", "v1-frame"),
    ],
)
def test_a_rule_finds_the_group_in_the_path(rule, path, group):
    assert Grouping(rule).group_of(path) == group


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ("video", "not a rule"),
        ("name:", "not a rule"),
        ("folder:x", "not a rule"),
        ("", "not a rule"),
        ("name:(.+", "not a regular expression"),
        ("name:_", "has no group"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_a_hint(project, rule, word):
    with pytest.raises(UserProblem, match=word) as caught:
        project.splits.divide(0.2, group_by=rule)
    assert caught.value.hint
    assert project.splits.grouping() == Grouping()


@pytest.mark.parametrize(
    ("rule", "word"),
    [("folder", "one group"), ("name:(x+)_", "fits no image")],
)
def test_a_rule_that_does_not_divide_the_images_changes_nothing(project, rule, word):
    project.splits.divide(0.3)
    before = project.images()
    with pytest.raises(UserProblem, match=word) as caught:
        project.splits.divide(0.2, group_by=rule, is_anew=True)
    assert "0.png" in caught.value.hint
    assert project.images() == before
    assert project.splits.grouping() == Grouping()


def add(project: Project, names, annotation=None) -> None:
    """Images in the folder of the project, labelled where a maker of labels is given."""
    images = tuple(Image(n, project.folder / name, 31, 17) for n, name in enumerate(names))
    project.import_dataset(Dataset(SKELETON, images, ()), source="x")
    if annotation is not None:
        new = [annotation(image.id) for image in project.images()[-len(images) :]]
        project.apply(Edit("Paste", {a.id: None for a in new}, {a.id: a for a in new}))


@pytest.fixture
def people(tmp_path, annotation):
    """Eleven people with two to twelve labelled images each."""
    with Project.create(tmp_path / "people.kps", SKELETON) as project:
        add(project, [f"p{p:02}_{n}.png" for p in range(11) for n in range(p + 2)], annotation)
        yield project


def parts_of(project: Project) -> dict[str, set[str | None]]:
    found = defaultdict(set)
    for image in project.images():
        found[image.group].add(image.split)
    return found


@pytest.mark.parametrize("seed", range(7))
def test_whole_groups_are_set_apart_and_the_fractions_come_close(people, seed):
    counts = people.splits.divide(0.2, seed, test_fraction=0.1, group_by="before:_")
    assert all(len(parts) == 1 for parts in parts_of(people).values())
    assert counts["val"] == pytest.approx(0.2 * 77, abs=1.5)
    assert counts["test"] == pytest.approx(0.1 * 77, abs=1.5)
    assert people.splits.divide(0.5, seed + 1) == counts, "what is divided stays"


def test_the_rule_holds_for_images_that_come_later(people, annotation):
    people.splits.divide(0.2, group_by="before:_")
    before = {image.id: image.split for image in people.images()}
    path = people.path
    people.close()
    with Project.open(path) as project:
        add(project, [f"p{p:02}_x.png" for p in range(13)], annotation)
        dataset = prepare_training(project, TrainingSettings()).dataset
        after = {image.id: image.split for image in dataset.images}
        assert {each: after[each] for each in before} == before
        assert len(after) == len(before) + 13
        assert torn_groups(project.images()) == ()
        assert {image.group for image in dataset.images} == {f"p{p:02}" for p in range(13)}


def test_another_rule_moves_nothing_and_the_torn_groups_are_known(people):
    people.splits.divide(0.3)
    before = [image.split for image in people.images()]
    people.splits.divide(0.3, group_by="before:_")
    assert [image.split for image in people.images()] == before
    assert torn_groups(people.images())
    people.splits.divide(0.3, is_anew=True)
    assert torn_groups(people.images()) == ()
    people.splits.divide(0.3, group_by="image")
    assert {image.group for image in people.images()} == {""}


def test_new_images_of_a_torn_group_join_where_most_of_it_is(people):
    people.splits.divide(0.3)
    people.splits.divide(0.3, group_by="before:_")
    images = [image for image in people.images() if image.group == "p10"]
    most = max(("train", "val"), key=[image.split for image in images].count)
    add(people, ["p10_new.png"])
    people.splits.divide(0.9, seed=8)
    assert people.images()[-1].split == most


def test_folders_stay_groups_when_the_images_move(project, tmp_path):
    (tmp_path / "frames").rename(tmp_path / "old")
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "0.png").touch()
    for number in range(7):
        folder = tmp_path / f"moved/frames/v{number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.png").touch()
    with Project.create(tmp_path / "b.kps", SKELETON) as other:
        add(other, [f"frames/v{n % 3}/{n}.png" for n in range(7)])
        counts = other.splits.divide(0.3, group_by="folder")
        before = [image.split for image in other.images()]
        assert other.files.relocate(tmp_path / "frames", tmp_path / "moved/frames") == 7
        add(other, [f"moved/frames/v{n}/new.png" for n in range(3)])
        assert sum(other.splits.divide(0.3).values()) == sum(counts.values()) + 3
        assert [image.split for image in other.images()][:7] == before
        assert torn_groups(other.images()) == ()


def test_two_groups_of_very_unequal_size_leave_the_large_one_to_learn_from(tmp_path, annotation):
    with Project.create(tmp_path / "a.kps", SKELETON) as project:
        add(project, [*(f"a_{n}.png" for n in range(41)), "b_0.png", "b_1.png"], annotation)
        for seed in range(5):
            counts = project.splits.divide(0.3, seed, group_by="before:_", is_anew=True)
            assert counts == {"train": 41, "val": 2, "test": 0}


@pytest.mark.parametrize(
    ("val", "test"), [(-0.1, 0), (1, 0), (float("nan"), 0), (0.2, -1), (0.2, 1), (0.6, 0.4)]
)
def test_fractions_that_leave_nothing_are_refused(val, test):
    with pytest.raises(UserProblem) as caught:
        Fractions(val, test)
    assert "0.2" in caught.value.hint


GROUPS = st.lists(
    st.tuples(st.sampled_from(["", *"abcdefg"]), st.booleans()), min_size=1, max_size=31
)


@settings(
    max_examples=67,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    first=GROUPS,
    later=GROUPS,
    val=st.floats(0, 0.7),
    test=st.just(0.0) | st.floats(0, 0.29),
    seeds=st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
def test_groups_are_never_divided_and_nothing_ever_moves(project, first, later, val, test, seeds):
    def divide(members, known, seed):
        images = tuple(
            Image(number, Path(f"{number}.png"), split=known.get(number), group=group)
            for number, (group, _) in enumerate(members)
        )
        labelled = frozenset(n for n, (_, is_labelled) in enumerate(members) if is_labelled)
        with project.database.writing("x") as connection:
            connection.exec_driver_sql("DELETE FROM images")
            for image in images:
                connection.exec_driver_sql(
                    "INSERT INTO images (id, path, width, height, split) VALUES (?, ?, 0, 0, ?)",
                    (image.id, str(image.path), image.split),
                )
            counts = write_split(
                connection, images, labelled, fractions=Fractions(val, test), seed=seed
            )
            rows = connection.exec_driver_sql("SELECT id, split FROM images").all()
        parts = dict(map(tuple, rows))
        assert None not in parts.values()
        assert counts == {
            part: list(parts.values()).count(part) for part in ("train", "val", "test")
        }
        for group in set("abcdefg"):
            assert len({parts[n] for n, (name, _) in enumerate(members) if name == group}) <= 1
        decided = {members[number][0] for number in known} - {""}
        if any(n not in known and members[n][0] not in decided for n in labelled):
            assert "train" in {parts[n] for n in labelled}
        units = {name or n for n, (name, is_labelled) in enumerate(members) if is_labelled}
        if val and len(units) > 1 and not known:
            assert "val" in {parts[n] for n in labelled}
        return parts

    parts = divide(first, {}, seeds[0])
    assert divide(first, parts, seeds[1]) == parts
    more = divide([*first, *later], parts, seeds[1])
    assert {number: more[number] for number in parts} == parts
