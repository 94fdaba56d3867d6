import shutil
import sqlite3
from pathlib import Path

import pytest

from kpstudio.core.edit import Edit
from kpstudio.core.errors import UserProblem
from kpstudio.store.backups import backups_folder, copy_project
from kpstudio.store.checking import advice, check_project, salvage
from kpstudio.store.project import Project


@pytest.fixture
def path(project, annotation):
    for image_id in (2, 3, 5):
        project.apply(Edit.change("Add", None, annotation(image_id)))
    project.marks.change_tags([2], add=["night"])
    project.close()
    return project.path


def change(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_whole_project_has_no_faults(path):
    assert check_project(path) == ()


def test_rows_that_belong_to_nothing_are_found_and_left_out(path):
    change(path, "UPDATE annotations SET image_id = 99 WHERE image_id = 3")
    (fault,) = check_project(path)
    assert fault.what == "1 rows of annotations belong to nothing."
    done = salvage(path)
    assert check_project(path) == ()
    with Project.open(path) as project:
        assert project.labelled_image_ids() == {2, 5}
        assert project.marks.tags() == {"night": 1}
        assert len(project.history.entries()) == 3
    assert done.lost == {"annotations": 1, "annotation_keypoints": 5}
    assert done.damaged.exists()


def test_what_is_on_whole_pages_is_saved_from_a_damaged_file(path):
    with Project.open(path) as project:
        before = {image.id: project.annotations(image.id) for image in project.images()}
    connection = sqlite3.connect(path)
    (page,) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'history'"
    ).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    assert "damaged" in check_project(path)[0].what
    done = salvage(path)
    assert done.lost["history"] == -1
    with Project.open(path) as project:
        assert {image.id: project.annotations(image.id) for image in project.images()} == before
        assert project.marks.tags() == {"night": 1}


def test_labels_and_history_that_make_no_sense_are_named(path):
    change(path, "UPDATE annotation_keypoints SET visibility = 7 WHERE keypoint_id = 2")
    change(path, "UPDATE history SET payload = x'00' WHERE id = 2")
    told = [fault.what for fault in check_project(path)]
    assert sum("makes no sense" in each for each in told) == 3
    assert sum(each.startswith("Entry 2 of the history") for each in told) == 1
    assert not any(fault.is_repairable for fault in check_project(path))


def test_without_a_backup_only_a_repair_is_advised(path):
    assert advice(path) == "Save what can be read: --repair."
    backups_folder(path).mkdir()
    copy_project(path, backups_folder(path) / "2026-03-05.kps")
    assert "--repair or put" in advice(path)
    assert "--restore 2026-03-05" in advice(path)


def test_looking_leaves_nothing_beside_a_damaged_project(path):
    change(path, "UPDATE annotations SET image_id = 999 WHERE image_id = 2")
    before, names = path.read_bytes(), sorted(path.parent.iterdir())
    assert len(check_project(path)) == 1
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == names


def test_a_project_that_is_open_is_not_repaired(path):
    with Project.open(path), pytest.raises(UserProblem, match="already open"):
        salvage(path)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "a.kps").write_text("not a project")
    with pytest.raises(UserProblem, match="not a kpstudio project"):
        check_project(tmp_path / "a.kps")


def test_a_file_of_an_older_version_lacks_tables_and_has_lost_nothing(tmp_path):
    path = Path(shutil.copy(Path(__file__).parent / "old" / "0003.kps", tmp_path / "old.kps"))
    done = salvage(path)
    assert done.lost == {}
    assert done.rows["annotations"] == 2
    with Project.open(path) as project:
        assert project.labelled_image_ids() == {2, 3}
