from dataclasses import dataclass

import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.core.parameters import describe_parameters, make_with_parameters, parameter
from kpstudio.core.registry import Registry


@dataclass(frozen=True)
class Blur:
    """Blurs."""

    radius: int = parameter(3, minimum=1, maximum=9, help="Cells.")
    sigma: float = parameter(1.5, minimum=0.1, maximum=5.0, help="Cells.")


REGISTRY = Registry("filter", {"blur": Blur}, group="kpstudio.test_filters")


def test_an_unknown_name_is_answered_with_the_nearest():
    assert REGISTRY["blur"] is Blur
    with pytest.raises(UserProblem, match=r"no filter called “blurr”.*Did you mean “blur”"):
        REGISTRY["blurr"]


def test_an_entry_describes_its_parameters():
    first, second = describe_parameters(Blur)
    assert (first.name, first.default, first.minimum, first.maximum) == ("radius", 3, 1, 9)
    assert second.help == "Cells."


def test_values_out_of_range_and_unknown_names_are_refused():
    assert make_with_parameters(Blur, {"sigma": 2.0}) == Blur(sigma=2.0)
    with pytest.raises(UserProblem, match=r"0\.1 to 5\.0"):
        make_with_parameters(Blur, {"sigma": 50})
    with pytest.raises(UserProblem, match="no parameter “size”"):
        make_with_parameters(Blur, {"size": 1})
