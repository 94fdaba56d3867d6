"""The colours of heatmaps."""

import numpy as np
import pytest

from kpstudio.imaging.colour_table import colour_table
from kpstudio.workspace.overlay import COLOUR_MAPS


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_every_colour_map_that_can_be_chosen_has_256_colours_that_differ(name):
    table = colour_table(name)
    assert table.shape == (256, 3)
    assert len(np.unique(table, axis=0)) > 200


@pytest.mark.parametrize(
    ("name", "weakest", "strongest"),
    [("viridis", (68, 1, 84), (253, 231, 36)), ("inferno", (0, 0, 3), (252, 254, 164))],
)
def test_red_comes_first_and_the_weakest_colour_first(name, weakest, strongest):
    table = colour_table(name).astype(int)
    assert np.abs(table[0] - weakest).max() <= 1
    assert np.abs(table[-1] - strongest).max() <= 1
