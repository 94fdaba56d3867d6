import os
import shutil
from pathlib import Path

import pytest

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project

from .conftest import SKELETON


def import_images(project: Project, *paths: Path) -> tuple[Image, ...]:
    images = tuple(Image(number, path) for number, path in enumerate(paths))
    project.import_dataset(Dataset(SKELETON, images, ()), source="x")
    return project.images()[-len(paths) :]


def written_paths(project: Project) -> list[str]:
    with project.database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT path FROM images ORDER BY id").scalars())


def test_images_move_with_the_project(project, tmp_path, tmp_path_factory):
    assert written_paths(project)[3] == "frames/3.png"
    project.close()
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "all"
    shutil.copytree(tmp_path, elsewhere)
    with Project.open(elsewhere / "rats.kps") as moved:
        assert moved.images()[3].path == elsewhere / "frames" / "3.png"
        assert moved.files.missing() == ()
        assert (moved.images()[3].width, moved.images()[3].height) == (31, 17)


def test_images_beside_the_folder_of_the_project_are_relative_too(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "labels").mkdir()
    with Project.create(tmp_path / "labels" / "a.kps", SKELETON) as project:
        image = import_images(project, tmp_path / "data" / "a.png")[0]
        assert written_paths(project) == ["../data/a.png"]
        assert image.path == tmp_path / "data" / "a.png"


def test_images_that_share_only_the_root_of_the_disk_are_absolute(project):
    far = Path("/nowhere/near/a.png")
    assert import_images(project, far)[0].path == far
    assert written_paths(project)[-1] == "/nowhere/near/a.png"


def test_a_relative_path_counts_from_the_working_folder(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "frames")
    import_images(project, Path("../frames/0.png"), Path("new.png"))
    assert len(project.images()) == 8
    assert project.images()[-1].path == tmp_path / "frames" / "new.png"


def test_a_link_inside_the_folder_is_kept_and_one_to_the_folder_is_not_needed(
    project, tmp_path, tmp_path_factory
):
    data = tmp_path / "disk" / "data"
    data.mkdir(parents=True)
    (tmp_path / "data").symlink_to(data)
    import_images(project, tmp_path / "data" / "a.png")
    assert written_paths(project)[-1] == "data/a.png"
    project.close()
    link = tmp_path_factory.mktemp("elsewhere") / "link"
    link.symlink_to(tmp_path)
    with Project.open(link / "rats.kps") as again:
        assert again.files.missing()[0].path == tmp_path / "data" / "a.png"
        import_images(again, link / "frames" / "0.png")
        assert len(again.images()) == 8


def test_an_image_can_be_asked_for_by_id(project):
    assert project.image(3) == project.images()[2]
    with pytest.raises(KeyError):
        project.image(101)


def test_images_whose_folder_moved_are_found_again_with_their_labels(project, tmp_path, annotation):
    new = annotation(2)
    project.apply(Edit.change("Add", None, new))
    (tmp_path / "moved").mkdir()
    for number in range(5):
        (tmp_path / "frames" / f"{number}.png").rename(tmp_path / "moved" / f"{number}.png")
    missing = project.files.missing()
    assert [image.path.name for image in missing] == [f"{number}.png" for number in range(5)]
    (tmp_path / "moved" / "4.png").unlink()
    assert project.files.relocate(tmp_path / "frames", tmp_path / "moved") == 4
    assert [image.path.name for image in project.files.missing()] == ["4.png"]
    assert project.image(2).path == tmp_path / "moved" / "1.png"
    assert project.image(6).path == tmp_path / "frames" / "5.png"
    assert project.annotations(2) == (new,)


def test_relocating_to_images_that_the_project_has_already_makes_no_doubles(project, tmp_path):
    (tmp_path / "frames" / "0.png").unlink()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "0.png").touch()
    import_images(project, tmp_path / "new" / "0.png")
    assert project.files.relocate(tmp_path / "frames", tmp_path / "new") == 0


def fill(project: Project, count: int, annotation, labelled: int) -> None:
    import_images(project, *(project.folder / f"more{n}.png" for n in range(count - 7)))
    many = {each.id: each for each in (annotation(1 + n) for n in range(labelled))}
    project.apply(Edit("Paste", dict.fromkeys(many), many))


def members(project: Project, split: str) -> set[int]:
    return {image.id for image in project.images() if image.split == split}


def test_labelled_images_get_their_fraction_of_validation(project, annotation):
    fill(project, 101, annotation, labelled=10)
    assert project.splits.divide(0.2, seed=3) == {"train": 81, "val": 20, "test": 0}
    assert len(members(project, "val") & project.labelled_image_ids()) == 2


def test_the_split_is_decided_by_the_seed_and_stays(project, annotation):
    fill(project, 53, annotation, labelled=13)
    project.splits.divide(0.3, seed=5)
    first = members(project, "val")
    assert project.splits.divide(0.5, seed=6) == {"train": 37, "val": 16, "test": 0}
    assert members(project, "val") == first
    for seed, same in ((5, True), (7, False)):
        with Project.create(project.folder / f"{seed}.kps", SKELETON) as other:
            other.import_dataset(
                Dataset(SKELETON, project.images(), project.dataset().annotations), source="x"
            )
            with other.database.writing("x") as connection:
                connection.exec_driver_sql("UPDATE images SET split = NULL")
            other.splits.divide(0.3, seed=seed)
            assert (members(other, "val") == first) is same


def test_images_that_come_later_complete_the_fraction(project, annotation):
    project.splits.divide(0.5)
    fill(project, 107, annotation, labelled=0)
    assert project.splits.divide(0.25) == {"train": 80, "val": 27, "test": 0}


def test_a_small_split_has_both_parts(project, annotation):
    fill(project, 7, annotation, labelled=2)
    project.splits.divide(0.1)
    for part in ("train", "val"):
        assert len(members(project, part) & project.labelled_image_ids()) == 1


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_an_impossible_fraction_is_refused(project, fraction):
    with pytest.raises(UserProblem, match="not possible"):
        project.splits.divide(fraction)


def test_paths_have_forward_slashes_in_the_file(project):
    assert not any(os.sep in path for path in written_paths(project) if os.sep != "/")


@pytest.fixture
def different(project):
    """The files of the project have contents of their own, which it knows."""
    project.close()
    path = project.path
    path.unlink()
    for number in range(7):
        (project.folder / "frames" / f"{number}.png").write_bytes(bytes([number]) * 77)
    with Project.create(path, SKELETON) as again:
        images = tuple(Image(n, again.folder / "frames" / f"{n}.png", 31, 17) for n in range(7))
        again.import_dataset(Dataset(SKELETON, images, ()), source="x")
        yield again


def test_a_file_that_was_moved_and_renamed_is_the_same_image(different, annotation):
    labelled = annotation(3)
    different.apply(Edit.change("Add", None, labelled))
    elsewhere = different.folder / "sorted" / "night.png"
    elsewhere.parent.mkdir()
    shutil.move(different.image(3).path, elsewhere)
    import_images(different, elsewhere)
    assert len(different.images()) == 7
    assert different.image(3).path == elsewhere
    assert different.annotations(3) == (labelled,)


def test_a_copy_of_a_file_that_is_still_there_is_another_image(different):
    copy = different.folder / "copy.png"
    shutil.copy(different.image(3).path, copy)
    import_images(different, copy)
    assert [image.name for image in different.images()][-2:] == ["6.png", "copy.png"]


def test_two_lost_images_of_one_content_are_found_one_by_one(different):
    twin = different.folder / "twin.png"
    twin.write_bytes(bytes([3]) * 77)
    import_images(different, twin)
    for path in (different.image(4).path, twin):
        path.unlink()
    found = [different.folder / name for name in ("x.png", "y.png")]
    for path in found:
        path.write_bytes(bytes([3]) * 77)
    import_images(different, *found)
    assert len(different.images()) == 8
    assert {different.image(4).path, different.image(8).path} == set(found)


def test_folders_that_were_imported_whole_are_remembered(project, tmp_path):
    (tmp_path / "more").mkdir()
    dataset = Dataset(SKELETON, (), (), (tmp_path / "more", Path("/nowhere/else")))
    project.import_dataset(dataset, source="more")
    project.import_dataset(dataset, source="more")
    assert set(project.files.watched_folders()) == {tmp_path / "more", Path("/nowhere/else")}
