import numpy as np
import pytest

from kpstudio.core.edit import Edit, SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton
from kpstudio.store.project import Project
from kpstudio.store.taken_suggestions import MOST_PLACES, remember_taken, taken_places

NAN = float("nan")
NEWT = Skeleton("newt", ("snout", "neck", "tail"))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "newts.kps"
    with Project.create(path, NEWT) as project:
        remember_taken(project, 5, np.array([[NAN, NAN], [1 / 3, 7.25], [11.0, 2.0]]))
        remember_taken(project, 5, np.array([[NAN, NAN], [NAN, NAN], [13.0, 17.0]]))
    return path


def places_of(project, image_id, keypoint):
    column = [xy[keypoint] for xy in taken_places(project, image_id)]
    return {(float(x), float(y)) for x, y in column if np.isfinite([x, y]).all()}


def test_places_are_the_same_to_the_last_bit_when_the_project_is_opened_again(path):
    with Project.open(path, read_only=True) as project:
        assert places_of(project, 5, 0) == set()
        assert places_of(project, 5, 1) == {(1 / 3, 7.25)}
        assert places_of(project, 5, 2) == {(11.0, 2.0), (13.0, 17.0)}
        assert taken_places(project, 6) == []


def test_places_follow_their_keypoints_when_the_skeleton_changes(path):
    with Project.open(path) as project:
        other = Skeleton("newt", ("tail", "toe", "neck", "snout"))
        project.apply(Edit.change_skeleton("Edit", SkeletonChange(NEWT, other)))
        assert places_of(project, 5, 0) == {(11.0, 2.0), (13.0, 17.0)}
        assert places_of(project, 5, 1) == set()


def test_only_the_newest_places_are_kept(path):
    with Project.open(path) as project:
        for x in range(MOST_PLACES + 3):
            remember_taken(project, 7, np.array([[x, 0.5], [NAN, NAN], [NAN, NAN]]))
        assert places_of(project, 7, 0) == {(float(x), 0.5) for x in range(3, MOST_PLACES + 3)}


def test_what_cannot_be_understood_is_said(path):
    with Project.open(path) as project:
        project.settings.write("taken_suggestions.5", ["nonsense"])
        with pytest.raises(UserProblem, match=r"taken_suggestions\.5"):
            taken_places(project, 5)
