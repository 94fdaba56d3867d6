"""What the engine says of itself reads in Chinese, too."""

import json
import re

import pytest

from kpstudio.core.resources import resource_path
from kpstudio.decoders import describe_decoders
from kpstudio.models import describe_heads, describe_networks

CITED = re.compile(r"(19|20)\d\d")
# Methods and networks are called so in every language.
NAMES = {
    *(
        "Argmax",
        "sigma",
        "DARK",
        "DARK-UDP",
        "DSNT",
        "AWR",
        "Face hourglass",
        "PyraNet",
        "AWR-hourglass",
    ),
    *(f"Stacked hourglass {stacks}" for stacks in (1, 2, 4, 8)),
}


@pytest.fixture(scope="module")
def table():
    path = resource_path("translations", "descriptions_zh_CN.json")
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("describe", [describe_decoders, describe_networks, describe_heads])
def test_all_that_a_part_says_of_itself_is_translated(describe, table):
    parts = describe()
    parameters = [each for part in parts for each in getattr(part, "parameters", ())]
    helps = {each.help for each in (*parts, *parameters)}
    titles = {each.title for each in parts} | {each.name.replace("_", " ") for each in parameters}
    titles = {each for each in titles - NAMES if not re.search(r"-\d|[A-Z]\w*[A-Z]", each)}
    sources = {each.source for each in parts if not CITED.search(each.source)}
    assert sorted((helps | titles | sources) - set(table)) == []
