import pytest

from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project

from .conftest import SKELETON


@pytest.mark.parametrize("skeleton", [SKELETON, Skeleton("one", ("snout",))])
def test_a_skeleton_is_stored_exactly(tmp_path, skeleton):
    with Project.create(tmp_path / "a.kps", skeleton):
        pass
    with Project.open(tmp_path / "a.kps") as project:
        assert project.skeleton == skeleton
