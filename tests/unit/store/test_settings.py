import msgspec
import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project


class Recipe(msgspec.Struct):
    name: str
    minutes: float = 5.0


@pytest.mark.parametrize(
    ("value", "kind"),
    [("name:(.+)_", str), (7, int), (Recipe("näher", 0.1), Recipe), ({"a": [1, 2]}, dict)],
)
def test_a_setting_comes_back_as_it_was_also_after_reopening(project, value, kind):
    assert project.settings.read("thing", kind) is None
    project.settings.write("thing", "something else")
    project.settings.write("thing", value)
    assert project.settings.read("thing", kind) == value
    project.close()
    with Project.open(project.path, read_only=True) as again:
        assert again.settings.read("thing", kind) == value
        assert again.settings.read("other", kind) is None


def test_a_setting_can_be_removed(project):
    project.settings.write("a", 1)
    project.settings.write("b", 2)
    project.settings.write("a", None)
    project.settings.write("never", None)
    assert project.settings.read("a", int) is None
    assert project.settings.read("b", int) == 2


def test_a_setting_of_another_kind_is_a_problem_that_names_it(project):
    project.settings.write("recipe", {"name": 3})
    with pytest.raises(UserProblem, match="recipe"):
        project.settings.read("recipe", Recipe)


def test_who_may_only_read_stores_no_setting(project):
    with (
        Project.open(project.path, read_only=True) as reader,
        pytest.raises(UserProblem, match="reading only"),
    ):
        reader.settings.write("a", 1)
