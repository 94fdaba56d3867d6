import threading

import pytest
from newts import NEWT, draw_newts

from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project


def test_a_twin_stores_in_another_thread_what_the_project_then_reads(tmp_path):
    data, path = draw_newts(tmp_path), tmp_path / "newts.kps"

    def store(project):
        with project.twin() as twin:
            twin.import_dataset(data, source="newts")

    with Project.create(path, NEWT, author="ada") as project:
        thread = threading.Thread(target=store, args=(project,))
        thread.start()
        thread.join()
        assert len(project.labelled_image_ids()) == 13
        assert project.history.entries()[-1].author == "ada"
        assert project.undo() is not None
        assert not project.labelled_image_ids()
        with pytest.raises(UserProblem, match="already open"):
            Project.open(path)


def test_the_twin_of_a_reader_only_reads(tmp_path):
    path = tmp_path / "newts.kps"
    Project.create(path, NEWT).close()
    data = draw_newts(tmp_path)
    with (
        Project.open(path, read_only=True) as project,
        project.twin() as twin,
        pytest.raises(UserProblem, match="open for reading only"),
    ):
        twin.import_dataset(data, source="newts")
